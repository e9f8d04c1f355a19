"""The one table of reasons: why something was left alone, stood in the way, or did not happen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A reason code with its sentence for the manual and its clause for an explanation.

    The value is the code that responses, log records and metrics show. `sentence` stands in `docs/operations.md`.
    `clause` is a template that follows `because` as well as `note that`; its fields are filled in by
    `why` of the explanations.
    """

    sentence: str
    clause: str

    def __new__(cls, code: str, sentence: str, clause: str) -> Self:
        """Make a member whose value is the code alone."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        member.clause = clause
        return member

    # The subscriber has no relation with the router.
    ARCHIVED = (
        "archived",
        "The subscriber is archived in the CRM.",
        "it is archived in the CRM (restore it and give it an active service to have it managed again)",
    )
    LEAD = ("lead", "The subscriber is a lead.", "it is still a lead in the CRM")
    CUSTOM_CONFIG = (
        "custom_config",
        "The subscriber carries the tag that opts out.",
        "it carries the tag {tag} in the CRM (remove the tag to have it managed)",
    )
    NO_CUSTOM_ID = (
        "no_custom_id",
        "The subscriber has no custom ID.",
        "it has no custom ID in the CRM (the custom ID is the login)",
    )
    NUMERIC_CUSTOM_ID = (
        "numeric_custom_id",
        "The custom ID starts with a digit, and `allow_numeric_custom_id` is off.",
        "its custom ID starts with a digit (set policy.allow_numeric_custom_id to true to allow that)",
    )
    INVALID_CUSTOM_ID = (
        "invalid_custom_id",
        "The custom ID is longer than 8,192 characters, starts with `*`, has outer blanks, controls or broken Unicode.",
        (
            "its custom ID starts with *, has outer blanks or control characters, is broken Unicode or longer "
            "than 8,192 characters"
        ),
    )
    DUPLICATE_CUSTOM_ID = (
        "duplicate_custom_id",
        "Another live subscriber has the same custom ID.",
        "it shares its custom ID with another live subscriber{detail} (correct one of them)",
    )
    TRANSITIONAL = (
        "transitional",
        "No service counts yet, or the next one is about to start: nothing is changed until it does.",
        "its services are in transition: none counts yet, or the next one is about to start",
    )
    NO_INTERNET_SERVICE = (
        "no_internet_service",
        "The subscriber has only General services.",
        "it has only services of the type General, which bring no Internet",
    )

    # Something stands in the way.
    NOTHING_MANAGED = (
        "nothing_managed",
        "There are subscribers, but not one of them can be managed.",
        "not one subscriber can be managed: {detail}",
    )
    NOT_FOUND = (
        "not_found",
        "The event names a custom ID that no subscriber has.",
        "the spelling may be wrong, since letter case counts",
    )
    NAME_TAKEN = (
        "name_taken",
        "The router holds this name under a service that is not ours to touch.",
        "{router} holds this name under the service {detail}, which is never touched (rename one of the two)",
    )
    NAME_CASE_DIFFERS = (
        "name_case_differs",
        "The router holds this name in other letter case only.",
        "{router} holds {detail}, this name in other letter case only (make the two equal)",
    )
    NAME_LOOKS_ALIKE = (
        "name_looks_alike",
        "The router holds a name that only reads the same: it differs in blanks, invisible characters or accents.",
        "{router} holds {detail}, a name that reads the same but is not equal (make the two equal)",
    )
    DUPLICATE_SECRET = (
        "duplicate_secret",
        "The router holds this name twice.",
        "{router} holds {detail} of this name (remove one there)",
    )
    PROFILE_MISSING = (
        "profile_missing",
        "The router has no profile of exactly the service's name.",
        "{router} has no profile named exactly {detail} (add it there, or rename the service)",
    )
    PROFILE_RESERVED = (
        "profile_reserved",
        "The service plan's profile is the one of those who are restricted; it is not written for the plan.",
        "its service plan names {detail}, the profile of those who are restricted (rename the service)",
    )
    SUSPENDED_PROFILE_MISSING = (
        "suspended_profile_missing",
        "The router has no profile of the name in `suspension`; who would be restricted is disabled there.",
        "{router} has no profile {detail}, so who would be restricted is disabled there (add the profile)",
    )
    SUSPENDED_PROFILE_OPEN = (
        "suspended_profile_open",
        (
            "The profile named in `suspension` has neither an address list nor a rate limit on the router; who would "
            "be restricted is disabled there."
        ),
        (
            "the profile {detail} on {router} has neither address-list nor rate-limit, so who would be restricted is "
            "disabled there (set one of the two)"
        ),
    )
    SUSPENDED_LIST_UNREAD = (
        "suspended_list_unread",
        "The router did not show the address list of the suspended profile; whether sessions stand in it is not known.",
        (
            "{router} did not show the address list {detail}, so it is not known whether sessions stand in it (give "
            "the group of the API user the policy read)"
        ),
    )
    PAID_RESTRICTED = (
        "paid_restricted",
        "An active subscriber stays restricted, because no profile can be written for it.",
        "it has paid and stays restricted on {router}, because {detail}",
    )
    RESTRICTED_NOT_LISTED = (
        "restricted_not_listed",
        "A session of a restricted login is not in the suspended profile's address list, so it may be open.",
        "its session on {router} is not in the address list of the suspended profile (drop it by hand: {detail})",
    )
    PASSWORD_ATTRIBUTE_MISSING = (
        "password_attribute_missing",
        "The CRM has no client attribute of the configured key, or does not list it.",
        "the CRM shows no client attribute with the key {detail}, so no existing password is compared or written",
    )
    PASSWORD_ABSENT = (
        "password_absent",
        "The CRM holds no password; the router's is left alone.",
        "the CRM holds no password for it, so the one on {router} is left alone",
    )
    PASSWORD_INVALID = (
        "password_invalid",
        (
            "The password is no text: broken Unicode or longer than 8,192 characters in the CRM, or not UTF-8 on "
            "the router."
        ),
        "its password in the CRM is broken Unicode or longer than 8,192 characters (type it again)",
    )
    PASSWORD_MISSING = (
        "password_missing",
        "A secret is to be created, but there is neither a password nor a registration date.",
        "the CRM holds neither a password nor a registration date for it (fill in the password)",
    )
    PASSWORDS_UNREADABLE = (
        "passwords_unreadable",
        "The router shows no password: its user lacks the policy `sensitive`.",
        (
            "{router} shows no passwords, so they are neither compared nor written (give the group of the API "
            "user the policy sensitive)"
        ),
    )
    STATIC_IP_INVALID = (
        "static_ip_invalid",
        "The static address is not a unicast IPv4 host address.",
        "its static address in the CRM, {detail}, is no unicast IPv4 host address, so that field is left alone",
    )
    STATIC_IP_DUPLICATE = (
        "static_ip_duplicate",
        "Two subscribers of the router want this static address.",
        "more than one subscriber of {router} wants its static address ({detail}), so that field is left alone",
    )
    STATIC_IP_TAKEN = (
        "static_ip_taken",
        "Another enabled secret of the router holds this static address and keeps it.",
        "another secret of {router} keeps the static address that it wants ({detail}), so that field is left alone",
    )
    RADIUS_SESSION = (
        "radius_session",
        "A session that should be dropped was let in by RADIUS, not by the secret.",
        "a session on {router} was let in by RADIUS, not by the secret, and is not dropped",
    )
    STILL_RESTRICTED = (
        "still_restricted",
        "A session of a login that is let in fully still stands in the suspended profile's list; it is dropped.",
        "its session on {router} still stands in the suspended profile's list, so it is dropped",
    )
    SUSPENDED_ONLINE = (
        "suspended_online",
        "The login must be off by the CRM, somebody is online with it, and no change of the sync ends that.",
        "{router} has it online although it must be off: {detail}",
    )
    FORMER_LOGIN = (
        "former_login",
        "The secret was made for a subscriber who has another custom ID now.",
        "the secret on {router} was made for subscriber {subscriber}, who is {detail}",
    )

    # Several routers.
    ROUTER_UNKNOWN = (
        "router_unknown",
        "The attribute names a router that is not configured.",
        "its attribute {router_attribute} names {detail}, and no router of that name is configured",
    )
    ROUTER_NOT_READ = (
        "router_not_read",
        "A router could not be read, and it may be the one that holds this secret.",
        "{detail} could not be read and may hold it",
    )
    NO_ROUTER = (
        "no_router",
        "No router is named, none holds the secret, and none is the default.",
        "no router is named for it, none holds it, and none is the default",
    )
    MOVED = (
        "moved",
        "Another router than the subscriber's own still holds the login.",
        "{router} still holds it too: {detail}",
    )
    LOGIN_ON_TWO_ROUTERS = (
        "login_on_two_routers",
        "Several routers hold the login, and no attribute says which is right.",
        "several routers hold it ({detail}), and no attribute {router_attribute} says which one is right",
    )

    # A value is not written to the CRM.
    UNMATCHED = (
        "unmatched",
        "The secret belongs to no subscriber.",
        "a secret that belongs to no subscriber is never changed, only counted as unmatched",
    )
    SECRET_MISSING = (
        "secret_missing",
        "The event names a subscriber of whom no chosen router holds a secret.",
        "no chosen router holds a secret of this name",
    )
    PASSWORD_DIFFERS = (
        "password_differs",
        "The CRM already holds another password, and `overwrite` is off.",
        "the CRM already holds another password for it",
    )
    PASSWORD_EMPTY = ("password_empty", "The secret has no password.", "the secret on {router} has no password")
    PASSWORD_MASKED = (
        "password_masked",
        "The router shows only asterisks for this password.",
        "{router} shows only asterisks for its password",
    )
    STATIC_IP_DIFFERS = (
        "static_ip_differs",
        "The CRM already holds another static address, and `overwrite` is off.",
        "the CRM already holds another static address for it ({detail})",
    )
    REMOTE_ADDRESS_INVALID = (
        "remote_address_invalid",
        "The secret's `remote-address` is not a unicast IPv4 host address.",
        "the secret on {router} has {detail} as remote-address, which is no unicast IPv4 host address",
    )
    CHANGED_SINCE = (
        "changed_since",
        "The CRM no longer holds what the run found there, so the kept password is not put back.",
        "the CRM no longer holds what the run found there: {detail}",
    )
    NOT_OVERWRITTEN = (
        "not_overwritten",
        "The event names a login of which the run overwrote no password.",
        "that run overwrote no password of it",
    )
    CHANGED_MEANWHILE = (
        "changed_meanwhile",
        "The subscriber is no longer as the CRM listed it: its ID or password changed, or it left.",
        "somebody changed it in the CRM meanwhile",
    )

    # A change did not happen.
    REFUSED = ("refused", "The router refused the change.", "{router} refused the change: {detail}")
    UNCONFIRMED = (
        "unconfirmed",
        "The CRM, asked once more before the cut, did not confirm it; the secret stays enabled.",
        "the CRM, asked once more before the cut, did not confirm it: {detail}",
    )
    JOURNAL_UNAVAILABLE = (
        "journal_unavailable",
        "The journal bucket could not be read or written in the time that it has.",
        "the journal cannot be reached ({detail}), so stricter limits hold and no password is overwritten",
    )
    ON_HOLD = ("on_hold", "The router was put on hold during the run.", "its router was put on hold: {detail}")
    VALUE_NOT_KEPT = (
        "value_not_kept",
        "The router accepted the value but holds another.",
        "{router} took the value but holds another",
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """One fact to act on; `router`, `name` and `subscriber` are None where it concerns none."""

    router: str | None
    name: str | None
    reason: Reason
    detail: str = ""
    subscriber: int | None = None

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        """The key by which lists of problems are sorted: router, name, reason."""
        return self.router or "", self.name or "", self.reason, self.detail, self.subscriber or 0
