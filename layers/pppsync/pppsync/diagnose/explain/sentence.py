"""Pure: one sentence about one login: what the CRM says, what the routers hold, what the next run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pppsync.diagnose.explain.in_the_crm import in_the_crm
from pppsync.diagnose.explain.next_run import next_run
from pppsync.diagnose.explain.on_the_routers import on_the_routers, unread_routers

if TYPE_CHECKING:
    from pppsync.core.policy import Policy
    from pppsync.diagnose.explain.case import Case


def sentence(case: Case, policy: Policy) -> str:
    """Return the sentence; semicolons divide its parts."""
    parts = [
        *in_the_crm(case, policy),
        *on_the_routers(case, policy),
        *next_run(case, policy),
        *unread_routers(case),
    ]
    return f"{'; '.join(filter(None, parts))}."
