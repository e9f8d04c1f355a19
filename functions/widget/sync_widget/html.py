"""HTML in which every text is escaped by its type: only what `element` built is ever taken as markup."""

from __future__ import annotations

import html
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST: Final = 200
"""Characters that are shown of one value; nobody reads more of them in a table."""
OPEN: Final = 10
"""Rows of a long table that are seen at once."""
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Html(str):
    """Text that is markup already, because `element` made it."""

    __slots__ = ()


class Num(str):
    """The head of a column of numbers."""

    __slots__ = ()


type Part = str | int | Html


def element(name: str, *parts: Part, css: str = "") -> Html:
    """One element; parts that are not `Html` are escaped, what could disguise them is made visible."""
    attribute = f' class="{css}"' if css else ""
    return Html(f"<{name}{attribute}>{joined(*parts)}</{name}>")


def joined(*parts: Part) -> Html:
    """The parts one after the other, escaped as by `element`."""
    return Html("".join(part if isinstance(part, Html) else html.escape(visible(str(part))) for part in parts))


def visible(text: str) -> str:
    r"""A text in which no letter hides or turns the direction of its neighbours: those are shown as `\u202e`."""
    return "".join(
        letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _INVISIBLE else letter
        for letter in text.replace("\n", " ")
    )


def value(text: object, longest: int = LONGEST) -> Html:
    """A value of the CRM or a router: its direction is its own, and it breaks anywhere."""
    text = str(text)
    return element("bdi", text if len(text) <= longest else f"{text[:longest]}...", css="v")


def sentence(text: str) -> Html:
    """A sentence of our own tables, in which backticks mark words of a machine."""
    return joined(*(element("code", part) if index % 2 else part for index, part in enumerate(text.split("`"))))


def table(heads: Sequence[str], rows: Iterable[Sequence[Part]], css: str = "") -> Html:
    """A table with a row for each; where there is no room each row becomes a list, so each cell knows its head.

    Under a head of the type `Num` stand numbers, which end at the right; zeros are hidden where there is no room.
    """
    head = element("tr", *(element("th", each, css=_css(each, each)) for each in heads))
    body = (element("tr", *(_cell(name, cell) for name, cell in zip(heads, row, strict=True))) for row in rows)
    return element("table", element("thead", head), element("tbody", *body), css=css)


def _cell(name: str, cell: Part) -> Html:
    return element("td", element("span", name, css="h"), element("span", cell), css=_css(name, cell))


def _css(name: str, cell: Part) -> str:
    if not isinstance(name, Num):
        return ""
    return "n zero" if cell == 0 else "n"


def listing(heads: Sequence[str], rows: Sequence[Sequence[Part]], css: str = "", seen: int = OPEN) -> Html:
    """A table of which only the first rows are open, so that what follows it is found."""
    first, rest = rows[:seen], rows[seen:]
    if not rest:
        return table(heads, first, css)
    more = element("details", element("summary", f"{len(rest)} more"), table(heads, rest, css))
    return joined(table(heads, first, css), more)


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_WIDE: Final = _file("page.css")
_NARROW: Final = _file("narrow.css")
_NARROW_WIDTH: Final = 700


def styled(content: Html, theme: str, width: int) -> Html:
    """The content with its style: in the dashboard's theme if it is known, else in that of the browser.

    `width` is that of the widget; 0 where it is not known, and then the window's counts.
    """
    narrow = _NARROW
    if width == 0:
        narrow = f"@media (max-width: {_NARROW_WIDTH}px) {{\n{_NARROW}}}\n"
    elif width > _NARROW_WIDTH:
        narrow = ""
    palette = theme if theme in {"light", "dark"} else "auto"
    return joined(Html(f"<style>{_WIDE}{narrow}</style>"), element("div", content, css=f"ppp {palette}"))
