"""What goes wrong at the CRM: errors that pass, answers that are no list, lists that lie, a hand in mid-run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab.faults.edits import crm_edit
from lab.simulators.uisp import Fault, faults

if TYPE_CHECKING:
    from random import Random

    from lab.faults.mishap import Mishap
    from lab.faults.world import World
    from lab.simulators.uisp.faults import Action

_CRM_LISTS = ("GET clients", "GET clients/services")


def _crm_passing(world: World, rng: Random, mishap: Mishap) -> None:
    """An error that another try mends."""
    name, action = rng.choice(
        (
            ("reset", faults.reset()),
            ("close", faults.close()),
            ("cut in the middle of a body", faults.cut_body()),
            ("429", faults.status(429, 3)),
            ("500", faults.status(500)),
            ("503", faults.status(503)),
            ("stall", faults.stall()),
            ("stall in a body", faults.stall(20)),
            ("drip", faults.drip(0.001, 400)),
            ("a length that never comes", faults.huge_length()),
        )
    )
    endpoint = rng.choice((*_CRM_LISTS, *_CRM_LISTS, "GET clients/{id}", "GET custom-attributes", "*"))
    nth, times = rng.randint(1, 12), 1 if "stall" in name else rng.choice((1, 2, 5))
    world.crm.faults.append(Fault(endpoint, action, nth, times))
    mishap.told.append(f"CRM, {endpoint} no. {nth}, {times} times: {name}")


def _crm_final(world: World, rng: Random, mishap: Mishap) -> None:
    """An answer that can never be taken for a list, for as long as it is asked."""
    choices: tuple[tuple[str, Action], ...] = (
        ("401", faults.status(401)),
        ("403", faults.status(403)),
        ("404", faults.status(404)),
        ("502", faults.status(502)),
        ("HTML", faults.html_page()),
        ("HTML as JSON", faults.html_labelled_json()),
        ("an object", faults.error_object()),
        ("broken JSON", faults.invalid_json()),
        ("rows without ids", faults.rows_without_id()),
        ("ids as text", faults.ids_as_text()),
        ("numbers for rows", faults.rows_not_objects()),
        ("tags of a wrong type", faults.field_value("tags", "Custom-Config")),
        ("reset", faults.reset()),
        ("a redirect", faults.redirect("https://elsewhere.invalid/")),
    )
    name, action = rng.choice(choices)
    endpoint = "GET clients" if "tags" in name else rng.choice((*_CRM_LISTS, "GET clients/{id}"))
    nth = rng.randint(1, 3) if endpoint == "GET clients" else rng.randint(1, 2)
    # The first reading asks each list at least twice; later requests for services may be those of a confirmation.
    dooms = endpoint in _CRM_LISTS and not (world.crowded and nth > 2)

    def spoil(answer: Any) -> Any:
        spoiled = action.change(answer)
        # What is done to rows leaves an empty page as it is.
        mishap.doomed = mishap.doomed or (dooms and spoiled != answer)
        return spoiled

    world.crm.faults.append(Fault(endpoint, faults.Action(spoil), nth, None))
    mishap.told.append(f"CRM, {endpoint} from no. {nth} on: {name}")


def _crm_lie(world: World, rng: Random, mishap: Mishap) -> None:
    """One list that looks right and is not: rows are missing, twice, or moved."""
    if mishap.edited or mishap.lies:
        return
    mishap.lies = True
    name, action = rng.choice(
        (
            ("half a page", faults.half_list()),
            ("an empty list", faults.empty_list()),
            ("a row twice, another missing", faults.repeated_row()),
            ("a row missing", faults.rows(lambda page: page[1:])),
            ("moved by a row", faults.shifted(1)),
            ("moved back by a row", faults.shifted(-1)),
            ("moved by three", faults.shifted(3)),
        )
    )
    endpoint, nth = rng.choice(_CRM_LISTS), rng.randint(1, 8)
    world.crm.faults.append(Fault(endpoint, _watched(action, mishap), nth))
    mishap.told.append(f"CRM, {endpoint} no. {nth}: {name}")


def _watched(action: Action, mishap: Mishap) -> Action:
    """The same lie, and note whom it hides; a page that moved hides nobody who was noted."""

    def lie(answer: Any) -> Any:
        said = action.change(answer)
        try:
            before, after = (json.loads(one.body) for one in (answer, said))
        except ValueError:
            return said
        kept = {row["id"] for row in after if isinstance(row, dict)} if isinstance(after, list) else set()
        if isinstance(before, list):
            mishap.hidden |= {row["userIdent"] for row in before if row["id"] not in kept and "userIdent" in row}
        return said

    return faults.Action(lie, action.shift)


def _crm_blind(world: World, rng: Random, mishap: Mishap) -> None:
    action = rng.choice((faults.status(403), faults.html_page(), faults.empty_list(), faults.status(503)))
    world.crm.faults.append(Fault("GET custom-attributes", action, times=None))
    mishap.blind = True
    mishap.told.append("CRM: the list of attributes cannot be had")


def _hand_at_crm(world: World, rng: Random, mishap: Mishap) -> None:
    """Somebody edits while a request of the run is on its way; sometimes at the very moment of a confirmation."""
    if mishap.lies:
        return
    mishap.edited = True
    wanted, left = rng.choice(("clients", "clients/services", "clients/{id}", "")), [rng.randint(1, 6)]
    before = world.crm.on_request

    def strike(request: Any) -> None:
        if before:
            before(request)
        with world.lock:
            left[0] -= request.endpoint.endswith(wanted)
            now = left[0] == 0
            left[0] -= now
        if now:
            world.do(crm_edit, rng, inside=True)

    world.crm.on_request = strike
    mishap.told.append(f"CRM: a hand at {wanted or 'any request'} no. {left[0]}")


CRM_MISHAPS = (*[_crm_passing] * 4, *[_crm_final] * 3, *[_crm_lie] * 3, _crm_blind, *[_hand_at_crm] * 4)
