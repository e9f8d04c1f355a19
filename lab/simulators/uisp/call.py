"""One request as the API sees it, and what differs between installations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.simulators.uisp.queries import Query

BASE: Final = "/crm/api/v1.0/"
_NUMBER: Final = re.compile(r"\d+")


@dataclass(slots=True)
class Switches:
    """What differs between installations; the meaning of each is documented at `UispSimulator`."""

    version: str
    max_limit: int | None
    lists_archived_services: bool
    lists_superseded_services: bool
    forbids_organizations: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the API sees it; `headers` have lower-case names."""

    method: str
    path: str
    query: Query
    headers: Mapping[str, str]
    body: bytes

    @property
    def endpoint(self) -> str:
        """Method and path below the base, numbers replaced: `GET clients/{id}`."""
        relative = self.path.removeprefix(BASE)
        return f"{self.method} {'/'.join('{id}' if _NUMBER.fullmatch(part) else part for part in relative.split('/'))}"

    @property
    def ids(self) -> list[int]:
        """The numbers in the path."""
        return [int(part) for part in self.path.removeprefix(BASE).split("/") if _NUMBER.fullmatch(part)]
