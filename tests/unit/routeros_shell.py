"""A stand-in for RouterOS's console: as much of its script language as our scripts use, over tables of rows.

It shows what a script does in which order. It is written from the manual, not from a router.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from pppctl.router_script.checker import COMMANDS, Token, tokens

type Row = dict[str, str]
type Word = Token | Group


class ShellError(Exception):
    """The script ended itself, or did what RouterOS refuses."""


@dataclass(frozen=True)
class Group:
    """What stands between two brackets."""

    bracket: str
    statements: list[list[Word]]


@dataclass
class Shell:
    """The router: its tables by menu, and what scripts have printed."""

    tables: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    printed: list[str] = field(default_factory=list)
    lists_of_peers: bool = True
    _variables: dict[str, Any] = field(default_factory=dict)

    def run(self, script: str) -> None:
        """Import a script."""
        self._all(_parse(tokens(script)))

    def comments(self, menu: str, chain: str) -> list[str]:
        """The comments of a chain's rules, in order."""
        return [row.get("comment", row["action"]) for row in self.tables[menu] if row["chain"] == chain]

    def _all(self, statements: list[list[Word]]) -> Any:
        result = None
        for statement in statements:
            result = self._statement(statement)
        return result

    def _statement(self, words: list[Word]) -> Any:
        first = words[0]
        assert isinstance(first, Token)
        if first.text.startswith(":"):
            return self._scripting(first.text, words[1:])
        leading = [word.text for word in takewhile(lambda word: isinstance(word, Token), words)]  # type: ignore[union-attr]
        for count in range(len(leading), 0, -1):
            name = " ".join(leading[:count])
            if name in COMMANDS:
                menu, _, verb = name.rpartition(" ")
                return self._menu(menu, verb, words[count:])
        raise ShellError(f"bad command {first.text}")

    def _scripting(self, name: str, words: list[Word]) -> Any:
        plain, named = self._split(words)
        match name:
            case ":if" | ":for" | ":do":
                return self._control(name, plain, named)
            case ":local":
                self._variables[plain[0].text] = self._value(plain[1])
            case ":len":
                return len(self._value(plain[0]))
            case ":pick":
                return [self._value(plain[0])[int(plain[1].text)]]
            case ":put":
                self.printed.append(str(self._value(plain[0])))
            case ":error":
                raise ShellError(self._value(plain[0]))
        return None

    def _control(self, name: str, plain: list[Any], named: dict[str, Any]) -> Any:
        if name == ":if":
            chosen = named.get("do" if self._compare(plain[0]) else "else")
            return self._all(chosen.statements) if chosen else None
        if name == ":for":
            for _ in range(int(named["from"].text), int(named["to"].text) + 1):
                self._all(named["do"].statements)
            return None
        try:
            return self._all(plain[0].statements)
        except ShellError:
            return self._all(named["on-error"].statements)

    def _menu(self, menu: str, verb: str, words: list[Word]) -> Any:
        if verb == "find":
            return [row for row in self.tables[menu] if _holds(words[1:], row)]
        plain, named = self._split(words)
        values = {key: self._value(value) for key, value in named.items()}
        if verb == "add":
            return self._add(menu, values)
        if verb == "export-certificate":
            self.tables["/file"].append({"name": f"{values['file-name']}.crt", "contents": "PEM"})
            return None
        wanted = self._value(plain[0])
        rows = [row for row in self.tables[menu] if row["name"] == wanted] if isinstance(wanted, str) else wanted
        if verb == "get":
            return rows[0].get(self._value(plain[1]), "")
        if verb == "remove":
            self.tables[menu] = [row for row in self.tables[menu] if not any(row is one for one in rows)]
        for row in rows:
            row.update({**values, "fingerprint": "0f"} if verb == "sign" else values)
        return None

    def _add(self, menu: str, values: dict[str, Any]) -> None:
        if "," in values.get("peer", "") and not self.lists_of_peers:
            raise ShellError("input does not match any value of peer")
        before = values.pop("place-before", None)
        if any(row.get("name") == values["name"] for row in self.tables[menu] if "name" in values):
            raise ShellError("failure: already have such")
        rows = self.tables[menu]
        position = rows.index(before[0]) if before else len(rows)
        rows.insert(position, {"dynamic": "no", **values} if menu.startswith("/ip firewall") else values)

    def _split(self, words: list[Word]) -> tuple[list[Any], dict[str, Any]]:
        """Operands, and properties by name: `name=` is followed by its string or group, or holds its value itself."""
        plain: list[Any] = []
        named: dict[str, Any] = {}
        rest = iter(words)
        for word in rest:
            if isinstance(word, Token) and word.kind == "word" and "=" in word.text:
                name, _, value = word.text.partition("=")
                named[name] = Token("word", value, word.line) if value else next(rest)
            else:
                plain.append(word)
        return plain, named

    def _value(self, word: Any) -> Any:
        if isinstance(word, Group):
            return self._all(word.statements)
        if word.kind == "string":
            return unquote(word.text)
        return self._variables[word.text[1:]] if word.text.startswith("$") else word.text

    def _compare(self, group: Group) -> bool:
        left, operator, right = group.statements[0]
        assert isinstance(operator, Token)
        assert isinstance(right, Token)
        number = self._value(left)
        return bool(number == int(right.text) if operator.text == "=" else number > int(right.text))


def unquote(literal: str) -> str:
    """The text that a string literal holds."""
    data = re.sub(rb"\\([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), literal[1:-1].encode())
    return data.decode()


def _parse(found: list[Token]) -> list[list[Word]]:
    levels: list[list[list[Word]]] = [[[]]]
    opened: list[str] = []
    for token in found:
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


def _holds(words: list[Word], row: Row) -> bool:
    """A condition: all of its `and` parts; in parentheses any of its `or` parts."""
    rest = iter(words)
    results = []
    for word in rest:
        if isinstance(word, Group):
            results.append(any(_holds([part], row) for part in word.statements[0] if part.text != "or"))  # type: ignore[union-attr]
        elif word.text != "and":
            name, operator, value = re.split("([=~])", word.text, maxsplit=1)
            if not value:
                literal = next(rest)
                assert isinstance(literal, Token)
                value = unquote(literal.text)
            held = row.get(name, "")
            results.append(held == value if operator == "=" else re.search(value, held) is not None)
    return all(results)
