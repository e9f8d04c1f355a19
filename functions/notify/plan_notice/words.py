"""Pure: names in which a person sees every character, and kinds of changes in words."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 60
"""Characters that are shown of one name."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_HIDDEN_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10))
)
"""Zero-width characters that Unicode does not file under `Cf`."""


def marked(name: str) -> str:
    r"""Return a name in which a person sees every character; a no-break space is `\u00a0`.

    It writes them as `marked` of the product's core does, which stands in the layer. It also marks what UTF-8 cannot
    carry, such as the bytes of a name that is not UTF-8 on the router: SNS would refuse the whole text.
    """
    body = name.strip(" ")
    start = len(name) - len(name.lstrip(" ")) if body else 0
    alike = not unicodedata.is_normalized("NFKC", name)
    shown = "".join(
        _code_point(letter) if _is_hidden(letter) or (alike and _looks_like_another(letter)) else letter
        for letter in body
    )
    ends = "\\u0020" * start, "\\u0020" * (len(name) - len(body) - start)
    return ends[0] + shown.replace("  ", "\\u0020\\u0020") + ends[1]


def short(name: str) -> str:
    """Return a marked name, cut where nobody reads on."""
    shown = marked(name)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."


def would(kind: str, count: int) -> str:
    """Return what so many changes of this kind would do, such as `12 secrets would be disabled`."""
    what, verb = KINDS.get(kind, ("change", f"be made ({kind})"))
    return f"{count} {what}{'' if count == 1 else 's'} would {verb}"


def things(kind: str, count: int) -> str:
    """Return what so many names of a plan of this kind are."""
    return f"{'profile' if KINDS.get(kind, ('',))[0] == 'profile' else 'login'}{'' if count == 1 else 's'}"


def _is_hidden(letter: str) -> bool:
    return letter != " " and (unicodedata.category(letter) in _HIDDEN or letter in _HIDDEN_LETTERS)


def _looks_like_another(letter: str) -> bool:
    """Return True for a combining accent, a joining Korean letter, or one that stands for another, as U+212A for K."""
    if letter == " ":
        return False
    if "\u1160" <= letter <= "\u11ff" or unicodedata.combining(letter):
        return True
    return not unicodedata.is_normalized("NFKC", letter)


def _code_point(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


KINDS: Final = {
    "enable": ("secret", "be enabled"),
    "restore": ("secret", "get back the profile of the service plan"),
    "create": ("secret", "be created"),
    "password": ("secret", "get another password"),
    "default_password": ("secret", "get the registration date as password"),
    "profile": ("secret", "get another profile"),
    "remote_address": ("secret", "get another address"),
    "ipv6_prefix": ("secret", "get another IPv6 prefix"),
    "caller_id": ("secret", "get another caller ID"),
    "disable": ("secret", "be disabled"),
    "restrict": ("secret", "be restricted"),
    "cut": ("secret", "be disabled or restricted"),
    "drop": ("secret", "have the session dropped"),
    "profile_create": ("profile", "be created"),
    "rate_limit": ("profile", "get another rate limit"),
}
"""By kind, what is changed and how; `cut` is a plan that holds both `disable` and `restrict`."""
