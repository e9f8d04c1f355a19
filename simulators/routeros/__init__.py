"""A strict, stateful simulator of the RouterOS binary API."""

from simulators.routeros.accounts import Account
from simulators.routeros.faults import Fault
from simulators.routeros.journal import Exchange, Sentence
from simulators.routeros.simulator import RouterSimulator
from simulators.routeros.traps import Trap

__all__ = ["Account", "Exchange", "Fault", "RouterSimulator", "Sentence", "Trap"]
