"""A stand-in for RouterOS's console: as much of its script language as our scripts use, over tables of rows.

It shows what a script does in which order. It is written from the manual, not from a router.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from itertools import takewhile
from typing import Any, Final

from pppctl.router_script.checker import COMMANDS, Token
from tests.unit.routeros_syntax import FLAGS, Group, Row, Word, holds, parse, split
from tests.unit.routeros_values import ShellError, binary, converted, inverted, kind, literal, picked, searched, unquote

_REFERENCES: Final = {("/user", "group"): "/user group", ("/ip service", "certificate"): "/certificate"}
"""Properties that hold the name of an entry of another menu."""
_CONVERSIONS: Final = (":tostr", ":tonum", ":toip", ":toarray", ":len", ":typeof")


@dataclass
class Shell:
    """The router: its tables by menu, and what scripts have printed.

    Releases differ in whether a property of several values is read as an array or as a text: `arrays`. DNS knows all
    names but `unresolved`.
    """

    tables: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    printed: list[str] = field(default_factory=list)
    lists_of_peers: bool = True
    unresolved: frozenset[str] = frozenset()
    arrays: bool = True
    _scopes: list[dict[str, Any]] = field(default_factory=list)

    def run(self, script: str) -> None:
        """Import a script."""
        self._scopes = []
        for statement in parse(script):
            self._statement(statement)

    def comments(self, menu: str, chain: str) -> list[str]:
        """The comments of a chain's rules, in order."""
        return [row.get("comment", row["action"]) for row in self.tables[menu] if row["chain"] == chain]

    def _block(self, group: Group, **variables: Any) -> None:
        self._scopes.append(variables)
        try:
            for statement in group.statements:
                self._statement(statement)
        finally:
            self._scopes.pop()

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
        plain, named = split(words)
        if name in (":if", ":for", ":foreach", ":do"):
            return self._control(name, plain, named)
        if name in (":local", ":set"):
            return self._assign(name, plain[0].text, self._expression(plain[1:]))
        if name == ":delay":
            return None
        values = [self._expression([word]) for word in plain]
        if name in (":put", ":error", ":resolve"):
            return self._effect(name, values[0])
        match name:
            case ":find":
                return searched(*values)
            case ":pick":
                return picked(*values)
        assert name in _CONVERSIONS
        return converted(name, *values)

    def _effect(self, name: str, value: Any) -> Any:
        """What is printed, ends the script, or asks DNS."""
        if name == ":error":
            raise ShellError(value)
        if name == ":put":
            self.printed.append(converted(":tostr", value))
            return None
        if value in self.unresolved:
            raise ShellError("failure: dns name does not exist")
        return IPv4Address("192.0.2.1")

    def _assign(self, name: str, variable: str, value: Any) -> None:
        """Nothing is local outside of braces: there each line of a terminal is a scope of its own."""
        known = self._scopes[-1:] if name == ":local" else [one for one in self._scopes if variable in one]
        if not known:
            raise ShellError(f"{name} {variable} outside of its scope")
        known[-1][variable] = value

    def _control(self, name: str, plain: list[Any], named: dict[str, Any]) -> None:
        if name == ":if":
            held = self._expression(plain)
            if not isinstance(held, bool):
                raise ShellError(f":if of {kind(held)}")
            chosen = named.get("do" if held else "else")
            if chosen:
                self._block(chosen)
        elif name == ":for":
            for number in range(int(named["from"].text), int(named["to"].text) + 1):
                self._block(named["do"], **{plain[0].text: number})
        elif name == ":foreach":
            for value in list(self._expression([named["in"]])):
                self._block(named["do"], **{plain[0].text: value})
        else:
            self._attempt(plain[0], named.get("on-error"))

    def _attempt(self, body: Group, otherwise: Group | None) -> None:
        try:
            self._block(body)
        except ShellError:
            if otherwise is None:
                raise
            self._block(otherwise)

    def _menu(self, menu: str, verb: str, words: list[Word]) -> Any:
        if verb == "find":
            return [row for row in self.tables[menu] if holds(words[1:], row)]
        plain, named = split(words)
        values = {key: self._written(value) for key, value in named.items()}
        for key, value in values.items():
            self._check_reference(menu, key, value)
        if verb == "add":
            return self._add(menu, values)
        rows = self._chosen(menu, plain[0])
        if verb == "get":
            return self._read(rows, plain[1].text)
        if verb == "export-certificate":
            file = f"{values['file-name']}.crt"
            self.tables["/file"] = [row for row in self.tables["/file"] if row["name"] != file]
            self.tables["/file"].append({"name": file, "contents": "PEM"})
        elif verb == "remove":
            self._remove(menu, rows)
        elif verb == "sign":
            rows[0].update({**values, "fingerprint": "0f", "invalid-after": "nov/22/2036 10:00:00"})
        else:
            self._change(menu, rows, values)
        return None

    def _chosen(self, menu: str, word: Word) -> list[Row]:
        wanted = self._expression([word]) if isinstance(word, Group) or word.text[0] in '$"' else word.text
        if isinstance(wanted, str):
            wanted = [row for row in self.tables[menu] if row["name"] == wanted]
            if not wanted:
                raise ShellError("no such item")
        return [wanted] if isinstance(wanted, dict) else wanted

    def _read(self, rows: list[Row], name: str) -> Any:
        if len(rows) != 1:
            raise ShellError("no such item" if not rows else "get takes one item")
        text = rows[0].get(name, "")
        if name in FLAGS:
            return text == "yes"
        if name == "ranges" or (name == "address" and rows[0].get("name") == "api-ssl"):
            return [one for one in text.split(",") if one] if self.arrays else text
        if name == "network":
            return IPv4Address(text)
        if name == "dst-address" and self.arrays:
            return IPv4Network(text)
        return literal(text) if name == "port" else text

    def _remove(self, menu: str, rows: list[Row]) -> None:
        for (source, name), target in _REFERENCES.items():
            used = {row.get(name) for row in self.tables[source]}
            if target == menu and any(row["name"] in used for row in rows):
                raise ShellError(f"{menu} entry is in use by {source}")
        self.tables[menu] = [row for row in self.tables[menu] if not any(row is one for one in rows)]

    def _change(self, menu: str, rows: list[Row], values: dict[str, Any]) -> None:
        """Entries refer to each other by id: a new name changes what refers to it too."""
        for row in rows:
            for (source, name), target in _REFERENCES.items():
                for other in self.tables[source] if target == menu and "name" in values else ():
                    if other.get(name) == row["name"]:
                        other[name] = values["name"]
            row.update(values)

    def _check_reference(self, menu: str, name: str, value: Any) -> None:
        target = _REFERENCES.get((menu, name))
        if target and value != "none" and not any(row["name"] == value for row in self.tables[target]):
            raise ShellError(f"input does not match any value of {name}")

    def _add(self, menu: str, values: dict[str, Any]) -> None:
        if "," in values.get("peer", "") and not self.lists_of_peers:
            raise ShellError("input does not match any value of peer")
        before = values.pop("place-before", None)
        values = {**values.pop("copy-from", {}), **values}
        if any(row.get("name") == values["name"] for row in self.tables[menu] if "name" in values):
            raise ShellError("failure: already have such")
        rows = self.tables[menu]
        position = rows.index(before) if before else len(rows)
        rows.insert(position, {"dynamic": "no", **values} if menu.startswith("/ip firewall") else values)

    def _written(self, word: Word) -> Any:
        """The text that a property is set to; an entry of a menu for `place-before`."""
        if isinstance(word, Token) and word.kind == "word" and not word.text.startswith("$"):
            return word.text
        value = self._expression([word])
        if kind(value) not in ("str", "id"):
            raise ShellError(f"a property is set to {kind(value)}")
        return value

    def _expression(self, words: list[Word]) -> Any:
        """A value, or values between one and the same operator: what comes first among several, parentheses say."""
        if len(words) % 2 == 0:
            raise ShellError("an operator without its values")
        signs = {word.text for word in words[1::2] if isinstance(word, Token)}
        if len(signs) > 1 or (len(words) > 3 and not signs <= {".", "and", "or"}):
            raise ShellError(f"parentheses are missing between {' '.join(sorted(signs))}")
        value = self._operand(words[0])
        for word in words[2::2]:
            value = binary(value, next(iter(signs)), self._operand(word))
        return value

    def _operand(self, word: Word) -> Any:
        if isinstance(word, Group):
            (statement,) = word.statements
            return self._expression(statement) if word.bracket == "(" else self._statement(statement)
        if word.kind == "string":
            return unquote(word.text)
        if word.text.startswith("~"):
            return inverted(self._operand(Token("word", word.text[1:], word.line)))
        if not word.text.startswith("$"):
            return literal(word.text)
        for scope in reversed(self._scopes):
            if word.text[1:] in scope:
                return scope[word.text[1:]]
        raise ShellError(f"{word.text} is not known here")
