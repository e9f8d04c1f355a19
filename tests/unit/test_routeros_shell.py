"""The stand-in for RouterOS's console refuses what a router refuses, or reads otherwise than it looks."""

from __future__ import annotations

import pytest

from tests.unit.router_builders import router
from tests.unit.routeros_values import ShellError


def run(*lines: str) -> list[str]:
    """What a script prints."""
    shell = router()
    shell.run("\n".join(lines))
    return shell.printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("(10.1.2.3 & 255.255.0.0)", "10.1.0.0"),
        ("(10.1.0.0 | (~255.255.0.0))", "10.1.255.255"),
        ("(255.255.255.255 << (32 - 20))", "255.255.240.0"),
        ("(10.0.0.9 <= 10.0.0.10)", "true"),
        ('([:find "10.0.0.1/24" "/"] + 1)', "9"),
        ('[:pick "10.0.0.1/24" 0 8]', "10.0.0.1"),
        ('[:typeof [:find "10.0.0.1" "/"]]', "nil"),
        ('[:typeof [:toip "10.0.0.1-10.0.0.9"]]', "nil"),
        ('("a" . 1 . 10.0.0.1)', "a110.0.0.1"),
        ('[:len [:toarray "a,b,c"]]', "3"),
        ("[:len [/ip route find where 10.80.0.0 in dst-address]]", "1"),
        ("[:len [/ip route find where dst-address in 10.0.0.0/8]]", "1"),
        ('[:len [/ip route find where active=yes and (dst-address!=0.0.0.0/0 or comment="x")]]', "1"),
    ],
)
def test_expressions(value: str, printed: str) -> None:
    """Addresses, numbers and texts, as RouterOS's manual describes them."""
    assert run(f":put {value}") == [printed]


@pytest.mark.parametrize(
    "line",
    [
        ":local top 1",
        ":put $nobody",
        ":do { :local one 1 }\n:do { :put $one }",
        ":do { :set one 1 }",
        ':put (10.0.0.1 = "10.0.0.1")',
        ":put (10.0.0.1 < 5)",
        ':put ("10.0.0.1" & 255.0.0.0)',
        ":put (255.255.255.255 << 32)",
        ":put (1 + 2 - 3)",
        ":put (true and false or true)",
        ":put (plain)",
        ':put ([:toarray "a,b"] . "x")',
        ':put [:tostr [:toarray "a,b"]]',
        ':put ([:find "a" "b"] + 1)',
        ':if (1) do={ :put "x" }',
        ":put [:len [/ip route find where active=yes and dst-address=x or comment=y]]",
        ":put [/ip route get [/ip route find] gateway]",
        ":put [/ip pool get nobody name]",
        "/ip service set api-ssl certificate=nobody",
        '/ip service set api-ssl port=[:tonum "1"]',
        "/user add name=x group=nobody",
        '/ip service set api-ssl certificate="my api"\n/certificate remove [/certificate find]',
    ],
)
def test_what_is_refused(line: str) -> None:
    """Unknown names, types that do not fit, lists read as texts, entries in use, and what needs parentheses."""
    with pytest.raises(ShellError):
        run(line)
