"""The oracle: what the CRM's rows mean for every login, written a second time from the rules and not from our code.

It reads the API's raw rows and the `policy` of the config secret, and shares no line with what it judges.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lab.faults.rows import ZERO_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

_QUAD = re.compile(r"(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})")


@dataclass(frozen=True)
class Login:
    """One login that the CRM has a say about; `address` is None where it names none or a wrong one."""

    name: str
    client: int
    state: Literal["active", "suspended", "off"]
    profile: str
    password: str | None
    birthday: str | None
    address: str | None
    address_wrong: bool
    router: str | None


@dataclass(frozen=True)
class Truth:
    """The whole CRM at one moment: the logins it has a say about; `live` are the custom IDs of all live subscribers.

    `doubled` is what it would say about each subscriber of a custom ID that several have, if there were no other.
    """

    logins: Mapping[str, Login]
    live: frozenset[str]
    doubled: Mapping[str, Sequence[Login]]


def read_truth(
    clients: Iterable[Row], services: Iterable[Row], policy: Mapping[str, Any], *, one_router: bool = False
) -> Truth:
    """What holds now; where there is a single router, it is everybody's, whatever the attribute says."""
    rows = [row for row in clients if not row["isArchived"]]
    living = Counter(row["userIdent"] for row in rows if not row["isLead"])
    owned: dict[int, list[Row]] = {}
    for service in services:
        owned.setdefault(service["clientId"], []).append(service)
    logins: dict[str, Login] = {}
    doubled: dict[str, list[Login]] = {}
    for row in rows:
        if row["isLead"] or not _manageable(row, policy):
            continue
        login = _login(row, owned.get(row["id"], []), one_router=one_router)
        if login and living[login.name] > 1:
            doubled.setdefault(login.name, []).append(login)
        elif login:
            logins[login.name] = login
    return Truth(logins, frozenset(name for name in living if name), doubled)


def _manageable(row: Row, policy: Mapping[str, Any]) -> bool:
    tag = policy.get("unmanaged_tag", "Custom-Config").strip().casefold()
    if any(one["name"].strip().casefold() == tag for one in row["tags"]):
        return False
    name = row["userIdent"] or ""
    if (
        not name
        or name != name.strip()
        or name.startswith("*")
        or ZERO_WIDTH.search(name)
        or any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in name)
    ):
        return False
    return policy.get("allow_numeric_custom_id", False) or name[0] not in "0123456789"


def _login(row: Row, services: list[Row], *, one_router: bool) -> Login | None:
    internet = sorted((one for one in services if one["servicePlanType"] != "General"), key=lambda one: one["id"])
    counting = next(
        (one for group in ((1,), (3,), (2, 8)) for one in reversed(internet) if one["status"] in group), None
    )
    if counting is None and services:
        return None  # General services only, or none that counts yet
    state = "off" if counting is None else {1: "active", 3: "suspended"}.get(counting["status"], "off")
    if counting and state == "off" and any(_takes_over(one, counting) for one in internet):
        return None
    values = {one["key"]: one["value"] for one in row["attributes"]}
    address = (values.get("staticIp") or "").strip().removesuffix("/32") or None
    fine = address is not None and _is_host(address)
    return Login(
        name=row["userIdent"],
        client=row["id"],
        state=state,  # type: ignore[arg-type]  # one of the three
        profile=counting["name"] if counting else "",
        password=values.get("pppPassword") or None,
        birthday=_birthday(row["registrationDate"]),
        address=address if fine else None,
        address_wrong=address is not None and not fine,
        router=None if one_router else (values.get("router") or "").strip() or None,
    )


def _takes_over(coming: Row, leaving: Row) -> bool:
    if coming["status"] not in {0, 4, 6}:
        return False
    if not (coming["activeFrom"] and leaving["activeTo"]):
        return True
    start, end = (dt.date.fromisoformat(text[:10]) for text in (coming["activeFrom"], leaving["activeTo"]))
    return start <= end + dt.timedelta(days=1)


def _is_host(text: str) -> bool:
    quad = _QUAD.fullmatch(text)
    numbers = [int(part) for part in quad.groups()] if quad else []
    return bool(numbers) and max(numbers) < 256 and 0 < numbers[0] < 224 and numbers[0] != 127


def _birthday(text: str | None) -> str | None:
    if not text:
        return None
    year, month, day = text[:10].split("-")
    return f"{int(day)}{int(month)}{int(year)}"
