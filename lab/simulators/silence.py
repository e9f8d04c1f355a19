"""Ports that do not answer a connect, as a tower without power: not even a refusal comes back."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILLING: Final = 3
"""Connections that nobody accepts: with a full queue, the kernel drops every further SYN."""


@contextmanager
def silent_ports(count: int) -> Iterator[list[int]]:
    """Hold so many ports on 127.0.0.1 that stay silent."""
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(_FILLING):
                client = held.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex(listener.getsockname())
            ports.append(listener.getsockname()[1])
        yield ports
