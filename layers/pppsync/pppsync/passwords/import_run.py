"""Runs one use of the function `pass_import`: reads, plans, then writes values into the CRM.

Never writes to a router. Where the time ends or the CRM fails, the same event continues: values that are written by
then count as unchanged.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from pppsync.errors import Code, CrmError, RouterError
from pppsync.passwords.crm_writer import CrmWriter
from pppsync.passwords.generate_plan import plan_generation
from pppsync.passwords.import_plan import plan_import
from pppsync.passwords.import_report import ImportReport
from pppsync.passwords.kept import kept_passwords
from pppsync.passwords.restore_plan import plan_restore
from pppsync.sync.decide import fleet_of
from pppsync.sync.observe import ROUTERS_AT_ONCE, read_both
from pppsync.sync.reconcile import CLOSING, RESERVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pppsync.config.event import Field, ImportEvent
    from pppsync.config.settings import Settings
    from pppsync.core.policy import Policy
    from pppsync.core.subscriber import CrmState
    from pppsync.crm.client import UispClient
    from pppsync.journal.store import Store
    from pppsync.net.deadline import Deadline
    from pppsync.routers.gateway import RouterGateway
    from pppsync.sync.decide import States


def import_passwords(
    event: ImportEvent,
    settings: Settings,
    crm: UispClient,
    gateways: Sequence[RouterGateway],
    deadline: Deadline,
    journal: Store | None = None,
) -> ImportReport:
    """Do what the event asks for.

    Raises `CrmError` if the CRM cannot be read, or refuses the first write, and `JournalError` if a run cannot be
    restored. A restore asks no router: the CRM alone decides, also while routers are down.
    """
    start, finish = deadline.before(RESERVE), deadline.before(CLOSING)
    kept = () if event.restore is None else kept_passwords(journal, event.restore)
    crm_state, states = _read(crm, gateways if event.restore is None else (), finish)
    attributes = {field: _attribute(crm_state, settings.policy, field) for field in event.fields}
    fleet = fleet_of(settings, states)
    if event.restore is not None:
        plan = plan_restore(event, kept, crm_state.subscribers)
    elif event.generate:
        plan = plan_generation(event, crm_state.subscribers, fleet, settings.policy, secrets.choice)
    else:
        plan = plan_import(event, crm_state.subscribers, fleet)
    outcomes = () if event.dry_run else CrmWriter(crm, attributes, plan.writes, start, finish).run()
    return ImportReport(
        event=event,
        crm=crm_state,
        secrets={name: len(fleet.states[name].secrets) if name in fleet.states else None for name in states},
        refused=_refused(event, states),
        plan=plan,
        outcomes=tuple(outcomes),
        weakened=settings.weakened,
    )


def _read(crm: UispClient, gateways: Sequence[RouterGateway], deadline: Deadline) -> tuple[CrmState, States]:
    with ExitStack() as sessions, ThreadPoolExecutor(min(len(gateways) + 1, ROUTERS_AT_ONCE), "router") as pool:
        # The routers' sessions end before the writes, which may take many minutes.
        for gateway in gateways:
            sessions.enter_context(gateway)
        return read_both(crm, gateways, pool, deadline)


def _attribute(crm: CrmState, policy: Policy, field: Field) -> int:
    """Return the id of the attribute that a field is written to; raises `CrmError` if there is none."""
    if field == "password":
        found, key, example = crm.password_attribute, policy.password_attribute, "`PPP Password` gives `pppPassword`"
    else:
        found, key, example = crm.static_ip_attribute, policy.static_ip_attribute, "`Static IP` gives `staticIp`"
    if found is not None:
        return found
    raise CrmError(
        Code.CRM_ATTRIBUTE_MISSING,
        f"the CRM lists no client attribute of the key {key!r} (policy.{field}_attribute); create a custom attribute "
        f"of the type client for text, whose name gives that key, as {example}",
    )


def _refused(event: ImportEvent, states: States) -> dict[str, dict[str, str]]:
    """Return the routers that could not be read, and those of the event that hide the passwords to be imported (G5)."""
    refused = {}
    takes_passwords = "password" in event.fields and not event.generate
    for name, state in states.items():
        if isinstance(state, RouterError):
            refused[name] = {"reason": state.code, "detail": state.detail}
        elif takes_passwords and not state.passwords_readable and (event.routers is None or name in event.routers):
            detail = "the router shows no password; grant the policy `sensitive` to its API user"
            refused[name] = {"reason": "passwords_unreadable", "detail": detail}
    return refused
