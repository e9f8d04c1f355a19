"""Pure: a clause in plain English for every reason of `problem.REASONS`, with the names that belong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pppsync.core.policy import Policy
    from pppsync.core.reasons import Problem

WHY: Final[dict[str, str]] = {
    "archived": "it is archived in the CRM (restore it and give it an active service to have it managed again)",
    "lead": "it is still a lead in the CRM",
    "custom_config": "it carries the tag {tag} in the CRM (remove the tag to have it managed)",
    "no_custom_id": "it has no custom ID in the CRM (the custom ID is the login)",
    "numeric_custom_id": "its custom ID starts with a digit (set policy.allow_numeric_custom_id to true to allow that)",
    "invalid_custom_id": "its custom ID starts with *, has outer blanks or control characters, is broken or endless",
    "duplicate_custom_id": "it shares its custom ID with another live subscriber{detail} (correct one of them)",
    "transitional": "its services are in transition: none counts yet, or the next one is about to start",
    "no_internet_service": "it has only services of the type General, which bring no Internet",
    "nothing_managed": "not one subscriber can be managed: {detail}",
    "not_found": "the spelling may be wrong, since letter case counts",
    "name_taken": "{router} holds this name under the service {detail}, which is never touched (rename one of the two)",
    "name_case_differs": "{router} holds this name in other letter case only (make the two equal)",
    "duplicate_secret": "{router} holds {detail} of this name (remove one there)",
    "profile_missing": "{router} has no profile named exactly {detail} (add it there, or rename the service)",
    "password_attribute_missing": "the CRM shows no client attribute with the key {detail}, so no existing password is "
    "compared or written",
    "password_absent": "the CRM holds no password for it, so the one on {router} is left alone",
    "password_invalid": "its password in the CRM is broken Unicode or endless (type it again)",
    "password_missing": "the CRM holds neither a password nor a registration date for it (fill in the password)",
    "passwords_unreadable": "{router} shows no passwords, so they are neither compared nor written (give the group of "
    "the API user the policy sensitive)",
    "static_ip_invalid": "its static address in the CRM is no unicast IPv4 host address, so that field is left alone",
    "static_ip_duplicate": "another subscriber of {router} wants the static address {detail} too, so that field is "
    "left alone",
    "radius_session": "a session on {router} was let in by RADIUS, not by the secret, and is not dropped",
    "former_login": "the secret on {router} was made for subscriber {subscriber}, who is {detail}",
    "router_unknown": "its attribute {router_attribute} names {detail}, and no router of that name is configured",
    "router_not_read": "{detail} could not be read and may hold it",
    "no_router": "no router is named for it, none holds it, and none is the default",
    "moved": "{router} still holds it too: {detail}",
    "login_on_two_routers": "several routers hold it ({detail}), and no attribute {router_attribute} says which one is "
    "right",
    "unmatched": "a secret that belongs to no subscriber is never changed, only counted as unmatched",
    "secret_missing": "no chosen router holds a secret of this name",
    "password_differs": "the CRM already holds another password for it",
    "password_empty": "the secret on {router} has no password",
    "password_masked": "{router} shows only asterisks for its password",
    "changed_meanwhile": "somebody changed it in the CRM meanwhile",
    "refused": "{router} refused the change: {detail}",
    "unconfirmed": "the CRM, asked once more before the cut, did not confirm it: {detail}",
    "value_not_kept": "{router} took the value but holds another",
}
"""It follows `because` as well as `note that`."""


def why(problem: Problem, policy: Policy) -> str:
    """The clause that tells one problem."""
    return WHY[problem.reason].format(
        router=problem.router or "the router",
        detail=problem.detail,
        subscriber=problem.subscriber,
        tag=policy.unmanaged_tag,
        router_attribute=policy.router_attribute,
    )
