"""Reads a finished script as the router would, as far as that goes without one.

Strings and brackets close, every command is one that RouterOS has, with properties that the command has, and no line
is too long. The tables hold what our scripts use, from RouterOS's own reference, and nothing more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

LONGEST_LINE: Final = 255
_RULE: Final = frozenset(
    {
        *("chain", "action", "protocol", "src-address", "dst-address", "dst-port", "ipsec-policy", "connection-state"),
        *("tcp-flags", "tcp-mss", "new-mss", "passthrough", "comment", "place-before", "src-port"),
        *("src-address-list", "dst-address-list", "jump-target", "reject-with", "to-addresses", "to-ports"),
    }
)
_MADE: Final = (
    *("/user", "/user group", "/certificate", "/ip firewall filter", "/ip firewall nat", "/ip firewall mangle"),
    *("/ip ipsec policy", "/ip ipsec identity", "/ip ipsec peer", "/ip ipsec proposal", "/ip ipsec profile"),
    *("/ip route", "/system script", "/ip firewall address-list", "/ppp profile"),
)
_NOTHING: Final = frozenset[str]()
_GARDEN: Final = frozenset({"address-list", "use-ipv6", "rate-limit"})
COMMANDS: Final[dict[str, frozenset[str]]] = {
    "/certificate add": frozenset({"name", "common-name", "subject-alt-name", "key-size", "days-valid", "key-usage"}),
    "/certificate sign": frozenset({"ca"}),
    "/certificate set": frozenset({"name"}),
    "/certificate export-certificate": frozenset({"file-name", "type"}),
    "/user group add": frozenset({"name", "policy"}),
    "/user add": frozenset({"name", "group", "password", "address", "comment"}),
    "/user set": frozenset({"group", "password", "address", "disabled"}),
    "/ip service set": frozenset({"certificate", "address", "port", "tls-version", "disabled"}),
    "/ip firewall filter add": _RULE,
    "/ip firewall filter set": _RULE | {"disabled"},
    "/ip firewall nat add": _RULE,
    "/ip firewall nat set": _RULE | {"disabled"},
    "/ip firewall mangle add": _RULE,
    "/ip ipsec profile add": frozenset(
        {
            *("name", "enc-algorithm", "hash-algorithm", "dh-group", "lifetime", "dpd-interval"),
            *("dpd-maximum-failures", "nat-traversal"),
        }
    ),
    "/ip ipsec proposal add": frozenset({"name", "auth-algorithms", "enc-algorithms", "pfs-group", "lifetime"}),
    "/ip ipsec peer add": frozenset({"name", "address", "exchange-mode", "profile"}),
    "/ip ipsec identity add": frozenset({"peer", "auth-method", "secret", "my-id", "comment"}),
    "/ip ipsec identity set": frozenset({"auth-method", "secret", "my-id"}),
    "/ip ipsec policy add": frozenset(
        {"peer", "src-address", "dst-address", "tunnel", "action", "proposal", "comment"}
    ),
    **dict.fromkeys((f"{menu} {verb}" for menu in _MADE for verb in ("find", "remove")), _NOTHING),
    "/ip route add": frozenset({"dst-address", "gateway", "comment"}),
    "/ip route set": frozenset({"dst-address", "gateway"}),
    "/system script add": frozenset({"name", "policy", "source"}),
    "/ip firewall address-list add": frozenset({"list", "address", "comment"}),
    "/ip firewall address-list set": frozenset({"disabled"}),
    "/ppp profile add": frozenset({"copy-from", "name", "on-up", "on-down", "comment"}) | _GARDEN,
    "/ppp profile set": _GARDEN,
    **dict.fromkeys(("/file find", "/ip address find", "/ip pool find", "/ppp secret find"), _NOTHING),
    "/interface pppoe-server server find": _NOTHING,
    # Of a `get`: the properties that can be read.
    "/file get": frozenset({"contents"}),
    "/certificate get": frozenset({"fingerprint", "invalid-after"}),
    "/ip address get": frozenset({"address", "network"}),
    "/ip pool get": frozenset({"name", "ranges"}),
    "/ip route get": frozenset({"dst-address", "gateway", "comment"}),
    "/ip service get": frozenset({"address", "certificate", "disabled", "tls-version", "port"}),
    "/system script get": frozenset({"source"}),
    "/ip firewall filter get": frozenset({"action", "comment"}),
    "/ip firewall nat get": frozenset({"comment"}),
    "/ip firewall address-list get": frozenset({"address"}),
    "/ppp profile get": frozenset({"name", "comment"}),
}
SCRIPTING: Final = {
    ":if": frozenset({"do", "else"}),
    ":for": frozenset({"from", "to", "do"}),
    ":do": frozenset({"on-error"}),
    ":foreach": frozenset({"in", "do"}),
    **dict.fromkeys((":local", ":set", ":len", ":pick", ":find", ":put", ":delay", ":error"), _NOTHING),
    **dict.fromkeys((":tostr", ":tonum", ":toip", ":toarray", ":typeof", ":resolve"), _NOTHING),
}
_TOKEN: Final = re.compile(
    r"""(?P<blank>(?:[ \t]|\\\n)+)|(?P<end>[\n;]+)|(?P<open>[\[({])|(?P<close>[\])}])"""
    r"""|(?P<string>"(?:[^"\\$\n]|\\[0-9A-F]{2}|\\["\\$nrt])*")|(?P<word>[^\s"\[\](){};\\]+)"""
)
_PAIRS: Final = {"]": "[", ")": "(", "}": "{"}


class ScriptError(Exception):
    """The script is not one that a router would take; the message says where and shows no value."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token and the line that it stands on."""

    kind: str
    text: str
    line: int


def tokens(script: str) -> list[Token]:
    """The tokens of a script without its comments and blanks; raises `ScriptError`."""
    text = re.sub(r"(?m)^[ \t]*#.*$", "", script)
    found: list[Token] = []
    position = 0
    while position < len(text):
        line = text.count("\n", 0, position) + 1
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ScriptError(f"line {line}: a string that does not close, or a character that no word has")
        if match.lastgroup != "blank":
            found.append(Token(match.lastgroup, match.group(), line))
        position = match.end()
    return found


def shape(script: str) -> list[str]:
    """What the script does, whatever its strings hold."""
    return ['""' if token.kind == "string" else token.text for token in tokens(script)]


def check(script: str) -> None:
    """Raise `ScriptError` at the first thing that a router would refuse."""
    for number, line in enumerate(script.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise ScriptError(f"line {number}: longer than {LONGEST_LINE} characters")
        if not (line.isascii() and (line.isprintable() or not line)):
            raise ScriptError(f"line {number}: a character outside of printable ASCII")
    reader = _Reader()
    for token in tokens(script):
        reader.read(token)
    reader.end()


class _Reader:
    """Walks through nested statements; each level holds its bracket and the words of the statement being read."""

    def __init__(self) -> None:
        self._levels: list[tuple[str, list[Token]]] = [("", [])]

    def read(self, token: Token) -> None:
        if token.kind == "open":
            self._levels.append((token.text, []))
        elif token.kind == "close":
            self._close(token)
        elif token.kind == "end":
            self._end_statement(token)
        else:
            self._levels[-1][1].append(token)

    def end(self) -> None:
        opened, words = self._levels[-1]
        if opened:
            raise ScriptError(f"a {opened} does not close")
        _check_statement(words)

    def _close(self, token: Token) -> None:
        opened, words = self._levels.pop()
        if opened != _PAIRS[token.text]:
            raise ScriptError(f"line {token.line}: {token.text} closes nothing")
        if opened != "(":
            _check_statement(words)
        self._levels[-1][1].append(Token("group", opened, token.line))

    def _end_statement(self, token: Token) -> None:
        opened, words = self._levels[-1]
        if opened not in ("", "{"):
            raise ScriptError(f"line {token.line}: {opened} does not close on its line")
        _check_statement(words)
        words.clear()


def _check_statement(words: list[Token]) -> None:
    if not words:
        return
    first = words[0]
    if first.text.startswith(":"):
        command, known, rest = first.text, SCRIPTING.get(first.text), words[1:]
    else:
        command, known, rest = _menu_command(words)
    if known is None:
        raise ScriptError(f"line {first.line}: not a command that is known here")
    if command.endswith(" find"):
        return
    if command.endswith(" get") and rest[-1].text not in known:
        raise ScriptError(f"line {first.line}: {command} has no property {rest[-1].text}")
    for word in rest:
        name, equals, _ = word.text.partition("=")
        if word.kind == "word" and equals and name not in known:
            raise ScriptError(f"line {word.line}: {command} has no property {name}")


def _menu_command(words: list[Token]) -> tuple[str, frozenset[str] | None, list[Token]]:
    """The longest row of words that is a command, its properties, and the words that are left."""
    leading = [word.text for word in takewhile(lambda word: word.kind == "word", words)]
    for count in range(len(leading), 0, -1):
        command = " ".join(leading[:count])
        if command in COMMANDS:
            return command, COMMANDS[command], words[count:]
    return "", None, []
