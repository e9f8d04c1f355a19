"""`make demo`: a small internet provider, its CRM and two routers, reconciled by the deployed stack on a local AWS.

`scenes` tells one case of every rule with the outcome that the rule demands, written by hand; `provider` adds a few
hundred ordinary subscribers; `tables` prints; `__main__` runs it all and ends with an exit code that tells the truth.
"""
