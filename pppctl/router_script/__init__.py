"""Writes the scripts that prepare a RouterOS router for the sync: `python -m pppctl.router_script --help`.

`request` checks what the operator asked for, `vpn` reads what AWS says of the tunnels, `words` quotes. `script` puts
the sections together: `before` looks for overlaps, `certificate`, `service` and `ipsec` change the router. `checker`
reads the finished script once more as the router would. It needs Python and nothing else.
"""
