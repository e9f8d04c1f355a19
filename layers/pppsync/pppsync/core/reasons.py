"""What a run found that somebody should know, and the table of all its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REASONS: Final[dict[str, str]] = {
    # The subscriber has no relation with the router.
    "archived": "The subscriber is archived in the CRM.",
    "lead": "The subscriber is a lead.",
    "custom_config": "The subscriber carries the tag that opts out.",
    "no_custom_id": "The subscriber has no custom ID.",
    "numeric_custom_id": "The custom ID starts with a digit, and `allow_numeric_custom_id` is off.",
    "invalid_custom_id": "The custom ID is endless, starts with `*`, has outer blanks, controls or broken Unicode.",
    "duplicate_custom_id": "Another live subscriber has the same custom ID.",
    "transitional": "No service counts yet, or the next one is about to start: nothing is changed until it does.",
    "no_internet_service": "The subscriber has only General services.",
    # Something stands in the way.
    "nothing_managed": "There are subscribers, but not one of them can be managed.",
    "not_found": "The event names a custom ID that no subscriber has.",
    "name_taken": "The router holds this name under a service that is not ours to touch.",
    "name_case_differs": "The router holds this name in other letter case only.",
    "duplicate_secret": "The router holds this name twice.",
    "profile_missing": "The router has no profile of exactly the service's name.",
    "password_attribute_missing": "The CRM has no client attribute of the configured key, or does not list it.",
    "password_absent": "The CRM holds no password; the router's is left alone.",
    "password_invalid": "The password is no text: broken Unicode or endless in the CRM, or not UTF-8 on the router.",
    "password_missing": "A secret is to be created, but there is neither a password nor a registration date.",
    "passwords_unreadable": "The router shows no password: its user lacks the policy `sensitive`.",
    "static_ip_invalid": "The static address is not a unicast IPv4 host address.",
    "static_ip_duplicate": "Two subscribers of the router want this static address.",
    "radius_session": "A session that should be dropped was let in by RADIUS, not by the secret.",
    "former_login": "The secret was made for a subscriber who has another custom ID now.",
    # Several routers.
    "router_unknown": "The attribute names a router that is not configured.",
    "router_not_read": "A router could not be read, and it may be the one that holds this secret.",
    "no_router": "No router is named, none holds the secret, and none is the default.",
    "moved": "Another router than the subscriber's own still holds the login.",
    "login_on_two_routers": "Several routers hold the login, and no attribute says which is right.",
    # A password is not imported.
    "unmatched": "The secret belongs to no subscriber.",
    "secret_missing": "The event names a subscriber of whom no chosen router holds a secret.",
    "password_differs": "The CRM already holds another password, and `overwrite` is off.",
    "password_empty": "The secret has no password.",
    "password_masked": "The router shows only asterisks for this password.",
    "changed_meanwhile": "The subscriber is no longer as the CRM listed it: its ID or password changed, or it left.",
    # A change did not happen.
    "refused": "The router refused the change.",
    "unconfirmed": "The CRM, asked once more before the cut, did not confirm it; the secret stays enabled.",
    "value_not_kept": "The router accepted the value but holds another.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fact to act on; `router`, `name` and `subscriber` are empty where it concerns none."""

    router: str
    name: str
    reason: str
    detail: str = ""
    subscriber: int | None = None

    def __post_init__(self) -> None:
        """Refuse a reason that the table, and so the operator's manual, does not know."""
        if self.reason not in REASONS:
            raise ValueError(self.reason)
