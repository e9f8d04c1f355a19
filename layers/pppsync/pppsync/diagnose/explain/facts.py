"""Pure: the facts of an explanation as the response shows them; a password is only compared, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pppsync.core.counting_service import counting_service
from pppsync.core.desired import Ignored, Wanted
from pppsync.diagnose.explain.words import status_word
from pppsync.report.holds import hold_row
from pppsync.report.rows import change_row, readable

if TYPE_CHECKING:
    from pppsync.core.secret import StoredSecret
    from pppsync.core.subscriber import Service, Subscriber
    from pppsync.diagnose.explain.case import Case, Held, Step
    from pppsync.diagnose.explain.near_secrets import NearSecret


def facts(case: Case) -> dict[str, Any]:
    """Return all that a sentence is made of, and more."""
    subscriber, counting = case.subscriber, counting_service(case.services)
    return {
        "subscriber": subscriber.id if subscriber else None,
        "same_custom_id": list(case.namesakes),
        "near": [readable(name) for name in case.near],
        "near_secrets": [_near_secret(one) for one in case.near_secrets],
        "tags": [readable(tag) for tag in subscriber.tags] if subscriber else [],
        "services": [_service(one) for one in case.services],
        "counting_service": counting.id if counting else None,
        "wanted": case.verdict.state.value if isinstance(case.verdict, Wanted) else None,
        "ignored": case.verdict.reason if isinstance(case.verdict, Ignored) else None,
        "router": case.placement.home if case.placement else None,
        "router_because": case.own_router,
        "secrets": [_secret(held, secret, subscriber) for held in case.held for secret in held.secrets],
        "sessions": [_session(held, index) for held in case.held for index in range(len(held.sessions))],
        "next_run": [_step(step) for step in case.steps],
        "problems": [
            {"router": one.router or None, "reason": one.reason, "detail": readable(one.detail)}
            for one in case.problems
        ],
        "routers_not_read": {router: error.code for router, error in case.unread.items()},
    }


def _service(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "status": status_word(service.status),
        "name": readable(service.name),
        "plan": readable(service.plan_name),
        "type": "Internet" if service.internet else "General",
        "active_from": service.active_from,
        "active_to": service.active_to,
        "suspension_reason": service.suspension_reason,
    }


def _near_secret(one: NearSecret) -> dict[str, Any]:
    return {
        "router": one.router,
        "name": readable(one.name),
        "enabled": one.enabled,
        "online": one.online,
        "because": "made_for_it" if one.made_for_it else "reads_the_same",
    }


def _secret(held: Held, secret: StoredSecret, subscriber: Subscriber | None) -> dict[str, Any]:
    return {
        "router": held.router,
        "enabled": not secret.disabled,
        "profile": readable(secret.profile),
        "address": secret.remote_address,
        "service": readable(secret.ppp_service),
        "password": _password(held, secret, subscriber),
        "online": len(held.sessions),
    }


def _password(held: Held, secret: StoredSecret, subscriber: Subscriber | None) -> str:
    """Return how the secret's password compares with the CRM's."""
    if not held.passwords_readable:
        return "unreadable"
    if subscriber is None or subscriber.password is None:
        return "absent in the CRM"
    return "same" if subscriber.password == secret.password else "different"


def _session(held: Held, index: int) -> dict[str, Any]:
    session = held.sessions[index]
    return {
        "router": held.router,
        "address": readable(session.address) if session.address else None,
        "service": readable(session.ppp_service),
        "radius": session.radius,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "router": step.change.router,
        **{key: value for key, value in change_row(step.change).items() if key != "name"},
        "sessions_dropped": len(step.change.sessions),
        "observed": step.observed,
        "hold": hold_row(step.hold),
        "withheld": bool(step.plan_ids),
        "plan_ids": list(step.plan_ids),
    }
