"""Makes the PPP secrets of MikroTik routers equal what UISP CRM says.

One run, end to end:

1. `settings` and `event` turn the config secret and the event into frozen values, or name every fault at once.
2. `uisp` reads all subscribers and services while `routeros` reads all routers; the CRM is all or nothing.
3. `desired` judges each subscriber: ignored, or what its secret has to be. Pure.
4. `routing` finds each subscriber's router, `plan` compares desired with actual: an ordered, counted value. Pure.
5. `guard` withholds what looks like an accident; cuts are confirmed in the CRM once more.
6. `routeros` applies what is left, each change with the session drops that belong to it.
7. `report` counts what really happened; `metrics` and one log record publish it.

`reconcile` is the only module that knows this order. No run needs a memory to be
right: what the journal keeps only makes a run more careful.
"""
