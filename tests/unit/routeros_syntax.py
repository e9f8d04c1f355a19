"""How a script of RouterOS is taken apart: statements, properties, conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Final

from pppctl.router_script.checker import Token, tokens
from tests.unit.routeros_values import ShellError, unquote

type Row = dict[str, str]
type Word = Token | Group

FLAGS: Final = ("disabled", "active", "dynamic")
"""Properties that are read as true or false, and are false where nobody set them."""


@dataclass(frozen=True)
class Group:
    """What stands between two brackets."""

    bracket: str
    statements: list[list[Word]]


def split(words: list[Word]) -> tuple[list[Any], dict[str, Any]]:
    """Operands, and properties by name: `name=` is followed by its string or group, or holds its value itself."""
    plain: list[Any] = []
    named: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        if isinstance(word, Token) and word.kind == "word" and re.match("[a-z][a-z0-9-]*=", word.text):
            name, _, value = word.text.partition("=")
            named[name] = Token("word", value, word.line) if value else next(rest)
        else:
            plain.append(word)
    return plain, named


def parse(script: str) -> list[list[Word]]:
    """The statements of a script, each a list of words and of groups of statements."""
    levels: list[list[list[Word]]] = [[[]]]
    opened: list[str] = []
    for token in tokens(script):
        if token.kind == "open":
            opened.append(token.text)
            levels.append([[]])
        elif token.kind == "close":
            statements = [statement for statement in levels.pop() if statement]
            levels[-1][-1].append(Group(opened.pop(), statements))
        elif token.kind == "end":
            levels[-1].append([])
        else:
            levels[-1][-1].append(token)
    return [statement for statement in levels[0] if statement]


def holds(words: list[Word], row: Row) -> bool:
    """A condition: parts between `and`, or between `or`; both only with parentheses."""
    parts: list[list[Word]] = [[]]
    signs = set()
    for word in words:
        if isinstance(word, Token) and word.text in ("and", "or"):
            signs.add(word.text)
            parts.append([])
        else:
            parts[-1].append(word)
    if len(signs) > 1:
        raise ShellError("parentheses are missing between and, or")
    return (any if "or" in signs else all)(_one_holds(part, row) for part in parts if part)


def _one_holds(words: list[Word], row: Row) -> bool:
    first = words[0]
    if isinstance(first, Group):
        return holds(first.statements[0], row)
    if len(words) == 3:
        left, sign, right = (word.text for word in words if isinstance(word, Token))
        assert sign == "in"
        return _contains(row.get(right, right), row.get(left, left))
    name, sign, value = re.split("(!=|=|~)", first.text, maxsplit=1)
    if not value:
        assert isinstance(words[1], Token)
        value = unquote(words[1].text)
    held = row.get(name, "no" if name in FLAGS else "")
    return re.search(value, held) is not None if sign == "~" else (held == value) == (sign == "=")


def _contains(network: str, part: str) -> bool:
    return IPv4Network(part).subnet_of(IPv4Network(network))
