"""Two values of one subscriber: one look, one writer, in order, each judged by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pppsync.core.masked import Masked
from pppsync.core.reasons import Reason
from pppsync.errors import Code, CrmError
from pppsync.net.deadline import Deadline
from pppsync.passwords.crm_writer import GIVE_UP, CrmWriter
from pppsync.passwords.writes import Write
from tests.unit.import_builders import subscriber

if TYPE_CHECKING:
    from pppsync.core.subscriber import Subscriber
    from pppsync.passwords.import_report import WriteOutcome

PASSWORD, ADDRESS = 2, 3
"""The ids of the two attributes."""


@dataclass
class FakeCrm:
    """A CRM of subscribers by id; a write takes `cost` seconds, and fails as `errors` say by id and attribute."""

    now: dict[int, Subscriber]
    errors: dict[tuple[int, int], CrmError] = field(default_factory=dict)
    unreadable: CrmError | None = None
    cost: float = 0.0
    moment: float = 0.0
    looks: list[int] = field(default_factory=list)
    written: list[tuple[int, int]] = field(default_factory=list)

    def read_subscriber(self, identity: int, _: Deadline) -> Subscriber:
        """One subscriber, as it is by now."""
        self.looks.append(identity)
        if self.unreadable:
            raise self.unreadable
        return self.now[identity]

    def write_attribute(self, identity: int, attribute: int, *_: object) -> None:
        """One write."""
        self.written.append((identity, attribute))
        self.moment += self.cost
        if error := self.errors.get((identity, attribute)):
            raise error


def both(identity: int = 7) -> list[Write]:
    """The two values of a login."""
    name = f"ABC{identity}"
    return [
        Write(name, identity, "tower-1", None, Masked("s3cret")),
        Write(name, identity, "tower-1", None, "10.0.0.1", "static_ip"),
    ]


def people(count: int = 1, **other: Any) -> dict[int, Subscriber]:
    """So many subscribers without any value, from id 7 on."""
    return {n: subscriber(f"ABC{n}", id=n, **other) for n in range(7, 7 + count)}


def run(crm: FakeCrm, seconds: float = 900.0) -> list[WriteOutcome]:
    """Write both values of everybody."""
    deadline = Deadline(seconds, lambda: crm.moment)
    writes = [write for identity in sorted(crm.now) for write in both(identity)]
    fake: Any = crm
    return CrmWriter(fake, {"password": PASSWORD, "static_ip": ADDRESS}, writes, deadline, deadline).run()


def told(outcomes: list[WriteOutcome]) -> list[tuple[str, str, str]]:
    """Field, result and reason of each outcome."""
    return [(one.planned.field, one.result, str(one.reason or "")) for one in outcomes]


def test_both_values_are_written_after_one_look() -> None:
    """Each goes to its own attribute, the password first, and the subscriber is read once."""
    crm = FakeCrm(people())
    assert told(run(crm)) == [("password", "imported", ""), ("static_ip", "imported", "")]
    assert (crm.looks, crm.written) == ([7], [(7, PASSWORD), (7, ADDRESS)])


def test_the_values_of_one_subscriber_stay_together() -> None:
    """Whichever writer takes a subscriber writes both of its values, in order."""
    crm = FakeCrm(people(20))
    assert len(run(crm)) == 40
    assert sorted(crm.looks) == sorted(crm.now)
    for identity in crm.now:
        assert [attribute for one, attribute in crm.written if one == identity] == [PASSWORD, ADDRESS]


@pytest.mark.parametrize(
    ("now", "expected", "written"),
    [
        (
            {"password": "by hand"},
            [("password", "skipped", Reason.CHANGED_MEANWHILE), ("static_ip", "imported", "")],
            [(7, ADDRESS)],
        ),
        (
            {"static_ip": "10.0.0.9"},
            [("password", "imported", ""), ("static_ip", "skipped", Reason.CHANGED_MEANWHILE)],
            [(7, PASSWORD)],
        ),
        (
            {"archived": True},
            [(name, "skipped", Reason.CHANGED_MEANWHILE) for name in ("password", "static_ip")],
            [],
        ),
    ],
)
def test_each_value_is_judged_by_itself(now: dict[str, Any], expected: list[Any], written: list[Any]) -> None:
    """What somebody entered since stays, and the other value is written all the same."""
    crm = FakeCrm(people(**now))
    assert (told(run(crm)), crm.written) == (expected, written)


def test_a_refused_value_does_not_stop_the_other() -> None:
    """A value that the CRM refuses says nothing of the other one of the same login."""
    crm = FakeCrm(people(), errors={(7, PASSWORD): CrmError(Code.CRM_REFUSED, "422")})
    assert told(run(crm)) == [("password", "failed", Code.CRM_REFUSED), ("static_ip", "imported", "")]


def test_a_forbidden_first_value_raises_before_the_second() -> None:
    """A key that may not write is refused once, not once for every value."""
    crm = FakeCrm(people(3), errors={(7, PASSWORD): CrmError(Code.CRM_FORBIDDEN, "403")})
    with pytest.raises(CrmError, match="crm_forbidden"):
        run(crm)
    assert crm.written == [(7, PASSWORD)]


def test_a_forbidden_second_value_defers_everybody_else() -> None:
    """What was written until then is told; the key may have lost its right meanwhile."""
    crm = FakeCrm(people(3), errors={(7, ADDRESS): CrmError(Code.CRM_FORBIDDEN, "403")})
    assert told(run(crm)) == [("password", "imported", ""), ("static_ip", "failed", Code.CRM_FORBIDDEN)]
    assert crm.looks == [7]


def test_the_time_may_end_between_two_values() -> None:
    """The second value has no outcome then: it is deferred, and the same event goes on with it."""
    crm = FakeCrm(people(3), cost=5.0)
    assert told(run(crm, seconds=5.0)) == [("password", "imported", "")]
    assert crm.written == [(7, PASSWORD)]


def test_a_subscriber_that_cannot_be_read_fails_with_both_values() -> None:
    """Nothing is written without the look before it."""
    crm = FakeCrm(people(), unreadable=CrmError(Code.CRM_FAILING, "503", fall_back=True))
    assert told(run(crm)) == [("password", "failed", Code.CRM_FAILING), ("static_ip", "failed", Code.CRM_FAILING)]
    assert crm.written == []


def test_a_dying_crm_is_counted_by_subscriber() -> None:
    """Two failed values of one subscriber are one failure in a row, so that two fields do not give up sooner."""
    errors = {(n, at): CrmError(Code.CRM_FAILING, "503", fall_back=True) for n in range(7, 20) for at in (2, 3)}
    crm = FakeCrm(people(4), errors=errors)
    assert GIVE_UP > 4
    assert len(run(crm)) == 8
