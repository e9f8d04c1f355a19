"""A strict, stateful simulator of the RouterOS binary API.

    with RouterSimulator("7.18.2") as router:
        router.add_secret(name="ABC1", password="0123")
        ...  # let a client loose on router.host, router.port
        assert router.secret("ABC1") == ...

The path of a command: `connection` cuts the stream into words (`wire`) and commands (`request`), `session` knows
whether somebody is logged in, `router` finds the menu, and the menus (`menus`, `editing`, `ppp_menus`) act on the
tables (`table`) of `state`. What goes back is a `Reply`; what happened is in the `journal`; what shall go wrong is a
`Fault`. Where documents leave RouterOS's behaviour open, the simulator refuses.
"""

from lab.simulators.routeros.accounts import Account
from lab.simulators.routeros.faults import Fault
from lab.simulators.routeros.journal import Exchange, Sentence
from lab.simulators.routeros.simulator import RouterSimulator
from lab.simulators.routeros.traps import Trap

__all__ = ["Account", "Exchange", "Fault", "RouterSimulator", "Sentence", "Trap"]
