"""HTML in which every text is escaped by its type: only what `element` built is ever taken as markup."""

from __future__ import annotations

import html
import unicodedata
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


def table(heads: Sequence[str], rows: Iterable[Sequence[Part]]) -> Html:
    """A table with a row for each; where there is no room each row becomes a list, so each cell knows its head."""
    head = element("tr", *(element("th", each) for each in heads))
    body = (
        element(
            "tr",
            *(
                element("td", element("span", name, css="h"), element("span", cell))
                for name, cell in zip(heads, row, strict=True)
            ),
        )
        for row in rows
    )
    return element("table", element("thead", head), element("tbody", *body))


def listing(heads: Sequence[str], rows: Sequence[Sequence[Part]]) -> Html:
    """A table of which only the first rows are open, so that what follows it is found."""
    first, rest = rows[:OPEN], rows[OPEN:]
    if not rest:
        return table(heads, first)
    more = element("details", element("summary", f"{len(rest)} more"), table(heads, rest))
    return joined(table(heads, first), more)


_LIGHT: Final = (
    "--bg:#ffffff;--fg:#16191f;--soft:#545b64;--line:#d5dbdb;--fill:#f2f3f3;"
    "--good:#1d6f02;--look:#8a4b00;--bad:#b3140c;--goodbg:#eaf6e6;--lookbg:#fff3dd;--badbg:#fdecea"
)
_DARK: Final = (
    "--bg:#161d26;--fg:#e9ebed;--soft:#b6bec9;--line:#414d5c;--fill:#232f3e;"
    "--good:#7fd163;--look:#ffc46b;--bad:#ff9592;--goodbg:#173317;--lookbg:#3d2c0c;--badbg:#43191a"
)
_BASE: Final = """
.ppp{background:var(--bg);color:var(--fg);padding:8px;box-sizing:border-box;
 font:14px/1.45 "Amazon Ember","Helvetica Neue",Roboto,Arial,sans-serif}
.ppp h3{font-size:15px;line-height:1.3;margin:20px 0 6px;color:var(--fg)}
.ppp p{margin:4px 0;color:inherit}
.ppp .soft{color:var(--soft)}
.ppp .say{border-left:4px solid;padding:8px 10px;margin:0 0 6px;border-radius:2px;overflow-wrap:anywhere}
.ppp .say b{margin-right:.4em}
.ppp .good{border-color:var(--good);background:var(--goodbg)}
.ppp .good b{color:var(--good)}
.ppp .look{border-color:var(--look);background:var(--lookbg)}
.ppp .look b{color:var(--look)}
.ppp .bad{border-color:var(--bad);background:var(--badbg)}
.ppp .bad b{color:var(--bad)}
.ppp table{border-collapse:collapse;width:100%;margin:4px 0;color:inherit;background:none}
.ppp th,.ppp td{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border:0;
 border-bottom:1px solid var(--line);min-width:3.5em;color:inherit;background:none;font-size:inherit}
.ppp th{color:var(--soft);font-weight:600;white-space:nowrap}
.ppp summary{cursor:pointer;margin:4px 0;color:var(--soft)}
.ppp .h{display:none}
.ppp .v,.ppp td{overflow-wrap:anywhere}
.ppp td:first-child{min-width:7em}
.ppp code,.ppp pre{font:12px/1.5 Menlo,Consolas,"DejaVu Sans Mono",monospace;color:inherit;background:var(--fill)}
.ppp code{padding:0 3px;border-radius:2px;overflow-wrap:anywhere}
.ppp pre{padding:8px;margin:4px 0 8px;white-space:pre-wrap;overflow-wrap:anywhere;border:0}
"""
_NARROW: Final = """
@ thead{display:none}
@ table,@ tbody,@ tr,@ td{display:block;width:100%;box-sizing:border-box}
@ tr{border:1px solid var(--line);border-radius:4px;padding:4px 8px;margin:0 0 8px}
@ td{border:0;padding:2px 0;display:flex;gap:8px}
@ td>span:last-child{min-width:0;overflow-wrap:anywhere}
@ .h{display:block;flex:0 0 38%;color:var(--soft)}
"""
_NARROW_WIDTH: Final = 700


def styled(content: Html, theme: str, width: int) -> Html:
    """The content with its style: in the dashboard's theme if it is known, else in that of the browser.

    `width` is that of the widget; 0 where it is not known, and then the window's counts.
    """
    palette = f".ppp{{{_DARK if theme == 'dark' else _LIGHT}}}"
    if theme not in {"light", "dark"}:
        palette += f"@media(prefers-color-scheme:dark){{.ppp{{{_DARK}}}}}"
    narrow = _NARROW.replace("@", ".ppp")
    if width == 0:
        narrow = f"@media(max-width:{_NARROW_WIDTH}px){{{narrow}}}"
    elif width > _NARROW_WIDTH:
        narrow = ""
    style = Html(f"<style>{palette}{_BASE}{narrow}</style>")
    return joined(style, element("div", content, css="ppp"))
