"""What a connection needs of the server that accepted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lab.simulators.routeros.fault_delivery import Machine

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from lab.simulators.routeros.accounts import Account
    from lab.simulators.routeros.fault_delivery import Struck
    from lab.simulators.routeros.faults import Fault
    from lab.simulators.routeros.request import Command
    from lab.simulators.routeros.router import Router


class Host(Machine, Protocol):
    """The server, as its connections see it."""

    router: Router
    accounts: Sequence[Account]
    interleave: bool
    defects: list[Exception]
    open_connections: set[Struck]
    lock: threading.RLock

    def service_time(self) -> float:
        """Seconds that the next command takes."""
        ...

    def fault_for(self, event: str, command: Command | None = None) -> Fault | None:
        """The fault that strikes at an event, if any."""
        ...

    def has_fault_for(self, command: Command) -> bool:
        """Whether any fault waits for a command of this kind."""
        ...
