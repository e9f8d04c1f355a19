"""The mistakes that the product is there for, and how each of them is held, undone or let through on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lab.demo.acting import demand, invoke
from lab.demo.scenes import NORTH, SOUTH
from lab.demo.tables import console

if TYPE_CHECKING:
    from lab.demo.provider import Provider
    from lab.local_aws.stack import Stack

_SYNC: Final = {"action": "sync"}
_SLICE: Final = 25
"""Below the limit of a run (20 % of some 160 secrets), above that of a day from the second slice on."""
_LIST: Final = 40
"""Wrong passwords: more than a router may get in one run."""


def play(provider: Provider, stack: Stack) -> None:
    """Play each mistake; the next one begins where the last one ended."""
    _slices(provider, stack)
    _mass_suspension(provider, stack)
    _hold(provider, stack)
    _wrong_passwords(provider, stack)


def _slices(provider: Provider, stack: Stack) -> None:
    """A wrong suspension that comes in slices: each is small enough for a run, and the day holds the second one."""
    first, second = (provider.active(SOUTH)[at : at + _SLICE] for at in (0, _SLICE))
    provider.suspend(first)
    _sync(f"a sync after {_SLICE} suspensions by mistake, too few for one run's limit", stack)
    demand(not provider.enabled(SOUTH, first), "a small number of cuts needed an approval")
    provider.suspend(second)
    response = _sync("a sync after the next slice", stack)
    withheld = _waiting(response)
    console.print(f"Withheld as plan {withheld['plan_id']}: {withheld['reason']}")
    demand(provider.enabled(SOUTH, second) == second, "a mistake in slices passed the limit of a day")
    provider.pay([*first, *second])
    _sync("a sync after somebody corrected the CRM", stack)
    demand(provider.enabled(SOUTH, first) == first, "who was cut by mistake is not let in again")
    console.print(f"Corrected in the CRM: {_SLICE} are let in again, without an approval")


def _mass_suspension(provider: Provider, stack: Stack) -> None:
    """A whole town suspended by a wrong click: it waits; one pays, and the id holds for the rest."""
    town = provider.active(SOUTH)
    provider.suspend(town)
    provider.clear_logs()
    withheld = _waiting(_sync(f"a sync after {len(town)} suspensions at once", stack))
    console.print(f"Withheld as plan {withheld['plan_id']}: {withheld['reason']}")
    demand(provider.writes() == 0, "a mass suspension went through without an approval")
    paid, late = town[:1], town[1:]
    provider.pay(paid)
    response = invoke(
        f"{paid[0]} pays, then somebody approves the plan",
        stack.sync_function,
        {**_SYNC, "approve": [withheld["plan_id"]]},
    )
    (approval,) = response["approvals"]
    dropped = sum(router["sessions_dropped"] for router in response["routers"])
    console.print(f"Approved: {approval['released']} released, {approval['gone']} not due any more, {dropped} dropped")
    demand(approval["released"] == len(late) and approval["gone"] == 1, "the approval did not survive the payment")
    demand(not provider.enabled(SOUTH, late), "the approved plan was not applied")
    demand(provider.enabled(SOUTH, paid) == paid, "a customer who had paid was cut off")


def _hold(provider: Provider, stack: Stack) -> None:
    """Somebody works on a tower: nothing is written there until the hold is taken back; the other tower goes on."""
    held = {"action": "hold", "routers": [NORTH], "for": "2h", "why": "the tower moves", "by": "demo"}
    (router,) = invoke(f"{NORTH} is put on hold for two hours", stack.sync_function, held)["routers"]
    late = provider.active(NORTH)[:1]
    provider.suspend(late)
    response = _sync(f"a sync after {late[0]} is suspended", stack)
    shown = next(one["hold"] for one in response["routers"] if one["name"] == NORTH)
    demand(shown == router["hold"], "a run does not show the hold")
    demand(provider.enabled(NORTH, late) == late, "a router on hold was written")
    console.print(f"On hold until {shown['until']}, by {shown['by']}: {shown['why']}. {late[0]} stays online")
    invoke("the hold is taken back", stack.sync_function, {"action": "release", "by": "demo"})
    _sync("a sync after it", stack)
    demand(not provider.enabled(NORTH, late), "a router is on hold although it was released")


def _wrong_passwords(provider: Provider, stack: Stack) -> None:
    """A wrong list is approved; the journal has what the routers held, and the customers' devices dial in again."""
    customers = provider.active(NORTH)[:_LIST]
    provider.enter_passwords(customers, "-wrong")
    plan = _waiting(_sync(f"a sync after a list of {_LIST} wrong passwords", stack))
    console.print(f"Withheld as plan {plan['plan_id']}: {plan['reason']}")
    wrong = _approve("somebody approves the wrong list by mistake", plan, stack)
    demand(provider.dial_in(customers) == 0, "the wrong passwords are not on the routers")
    console.print(f"0 of {_LIST} devices can dial in")
    restore = {"restore": wrong["run_id"]}
    tried = invoke("a dry run of the restore", stack.pass_import_function, {**restore, "dry_run": True})
    done = invoke("the restore: the CRM gets the passwords back", stack.pass_import_function, restore)
    demand(tried["imported"] == done["imported"] == _LIST, f"{done['imported']} of {_LIST} passwords were restored")
    plan = _waiting(_sync("a sync after it", stack))
    _approve("the right passwords are approved", plan, stack)
    back = provider.dial_in(customers)
    console.print(f"Restored: {done['imported']} passwords; {back} of {_LIST} devices dial in again")
    demand(back == _LIST, "devices cannot dial in after the restore")


def _approve(what: str, plan: dict[str, Any], stack: Stack) -> dict[str, Any]:
    response = invoke(what, stack.sync_function, {**_SYNC, "approve": [plan["plan_id"]]})
    demand(response["approvals"][0]["result"] == "applied", "an approved plan was not applied")
    return response


def _sync(what: str, stack: Stack) -> dict[str, Any]:
    return invoke(what, stack.sync_function, _SYNC)


def _waiting(response: dict[str, Any]) -> dict[str, Any]:
    """Return the one plan that waits."""
    plans = {plan["plan_id"]: plan for router in response["routers"] for plan in router["withheld_plans"]}
    demand(len(plans) == 1, f"{len(plans)} plans wait where one had to")
    (found,) = plans.values()
    return dict(found)
