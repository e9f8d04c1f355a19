"""Pure: judges whether a router's rules restrict suspended customers and let them pay (R18), as far as rows tell.

Packets of a customer in the list are led through `forward`. A rule that looks at more than is known here, such as an
interface or a limit, decides nothing: the line says so, and is no failure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from pppsync.core.names import marked
from pppsync.diagnose.check.line import Check, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    type Row = Mapping[str, str]
    type Read = Sequence[Row] | str
    """The rows of a menu, or why they were not read."""

type Match = Literal["yes", "no", "perhaps"]

_PASSES: Final = frozenset({"accept", "fasttrack-connection"})
_REFUSES: Final = frozenset({"drop", "reject", "tarpit"})
_NO_MATCHERS: Final = frozenset(
    {
        *(".id", "chain", "action", "jump-target", "reject-with", "comment", "bytes", "packets", "log", "log-prefix"),
        *("invalid", "dynamic", "disabled", "hw-offload", "address-list", "address-list-timeout"),
    }
)
_TRUE: Final = frozenset({"true", "yes"})
_TURNED: Final[dict[Match, Match]] = {"yes": "no", "no": "yes", "perhaps": "perhaps"}
_NO_MENU: Final = ("no such command", "no such item")
_WEB: Final = {"protocol": "tcp", "dst-port": "443", "connection-state": "new"}
_OPEN: Final = {"protocol": "tcp", "dst-port": "443", "connection-state": "established"}
_ANSWER: Final = {"protocol": "tcp", "src-port": "443", "connection-state": "established"}
_DNS: Final = {"protocol": "udp", "dst-port": "53", "connection-state": "new"}


@dataclass(frozen=True, slots=True)
class GardenRows:
    """What the check has read of one router; `hosts` are the entries of the lists that `garden_lists` names."""

    profiles: Read
    server_profiles: Read
    rules: Read
    hosts: Read
    ipv6_rules: Read


def check_garden(router: str, profile: str, rows: GardenRows) -> list[Check]:
    """Return the lines of one router: its suspended profile, and where that has a list, the rules for it."""
    line = _line(router)
    if isinstance(rows.profiles, str):
        return [line("suspended_profile", True, f"not verified: {rows.profiles}")]
    found = next((one for one in rows.profiles if one.get("name") == profile), None)
    shown = f"the profile `{marked(profile)}`"
    if found is None:
        return [line("suspended_profile", False, f"{shown} is missing: suspended logins are disabled here")]
    listed = found.get("address-list", "")
    if not listed:
        return [line("suspended_profile", *_without_list(shown, found))]
    checks = [line("suspended_profile", *_shared(profile, listed, rows.profiles, rows.server_profiles))]
    if isinstance(rows.rules, str):
        checks += (line(what, True, f"not verified: {rows.rules}") for what in ("garden_rules", "garden_hosts"))
    else:
        checks.append(line("garden_rules", *_rules(rows.rules, listed)))
        checks.append(line("garden_hosts", *_hosts(rows.rules, listed, rows.hosts)))
    return [*checks, line("garden_ipv6", *_ipv6(found, listed, rows.ipv6_rules))]


def garden_lists(rules: Sequence[Row], listed: str) -> list[str]:
    """Return the address lists whose hosts the rules let a customer of the list reach."""
    reached = (rule.get("dst-address-list", "").removeprefix("!") for rule in _let_through(rules, listed))
    return sorted({name for name in reached if name})


def _line(router: str) -> Callable[[str, bool, str], Check]:
    return lambda what, ok, detail: Check(f"router.{router}.{what}", ok, detail)


def _without_list(shown: str, profile: Row) -> tuple[bool, str]:
    if not profile.get("rate-limit"):
        return False, f"{shown} has neither address-list nor rate-limit: suspended logins are disabled here"
    return True, f"note: {shown} has a rate and no address-list: FastTrack bypasses the rate, no rule restricts anybody"


def _shared(name: str, listed: str, profiles: Sequence[Row], servers: Read) -> tuple[bool, str]:
    """Judge whether customers who pay get into the list too."""
    shown, list_shown = f"the profile `{marked(name)}`", f"the address list `{marked(listed)}`"
    using = [one.get("name", "") for one in profiles if one.get("address-list") == listed]
    if others := [f"`{marked(one)}`" for one in using if one != name]:
        return False, f"{list_shown} is that of other profiles too, whose customers are restricted: {some(others)}"
    if isinstance(servers, str):
        return True, f"{shown} has {list_shown}; the default profiles of the PPPoE servers are not verified: {servers}"
    if any(one.get("default-profile") == name for one in _enabled(servers)):
        return False, f"{shown} is the default-profile of a PPPoE server: other profiles may take its list over"
    return True, f"{shown} has {list_shown}"


def _rules(rules: Sequence[Row], listed: str) -> tuple[bool, str]:
    shown = f"the list `{marked(listed)}`"
    new, established = _Walk(rules, "src-address-list", listed, _WEB), _Walk(rules, "src-address-list", listed, _OPEN)
    for walk, what in ((new, "everything"), (established, "what was open before")):
        if (rule := walk.decided) is not None and rule["action"] in _PASSES:
            return False, f"{walk.name(rule)} lets {what} of {shown} through: put the rules that refuse it above"
        if rule is None and not walk.doubtful(_REFUSES):
            return False, f"no enabled rule of forward refuses {shown}: suspended customers have full service"
    doubts = [new.name(rule) for rule in new.doubts + [one for one in established.doubts if one not in new.doubts]]
    if new.decided is None or established.decided is None or established.doubtful(_PASSES):
        return True, f"not verified: for {shown} it depends on more than the list: {some(doubts)}"
    back = _Walk(rules, "dst-address-list", listed, _ANSWER).decided
    if back is not None and back["action"] == "fasttrack-connection":
        return True, f"{shown} is refused; note: FastTrack takes the answers of open connections, which then go on"
    return True, f"{shown} is refused, also what was open before"


def _hosts(rules: Sequence[Row], listed: str, hosts: Read) -> tuple[bool, str]:
    reached = _let_through(rules, listed)
    if not reached:
        return False, "no host is let through: nobody can pay"
    asks = _asks_dns(rules, listed)
    note = "" if asks else "; note: no rule lets DNS through, which is right if customers ask the router itself"
    names = garden_lists(rules, listed)
    if isinstance(hosts, str):
        return True, f"not verified: {hosts}{note}"
    for name in names:
        entries = [one for one in _enabled(hosts) if one.get("list") == name]
        named = [one for one in entries if not _is_address(one.get("address", ""))]
        if len(named) == len(entries):
            what = f"holds {len(named)} names and no address: see /ip/dns" if entries else "is empty"
            return False, f"the list `{marked(name)}` of hosts {what}: nobody can pay"
    return True, f"hosts let through: {some([f'`{marked(name)}`' for name in names]) or 'by address'}{note}"


def _asks_dns(rules: Sequence[Row], listed: str) -> bool:
    """Return True if a rule lets DNS through, to all servers or to some."""
    walk = _Walk(rules, "src-address-list", listed, _DNS, elsewhere=False)
    some_servers = any(rule["action"] in _PASSES and {"dst-port", "port"} & rule.keys() for rule in walk.doubts)
    return some_servers or (walk.decided is not None and walk.decided["action"] in _PASSES)


def _ipv6(profile: Row, listed: str, rules: Read) -> tuple[bool, str]:
    if profile.get("use-ipv6") == "no":
        return True, "off in the profile"
    if isinstance(rules, str):
        if any(text in rules for text in _NO_MENU):
            return True, "the router has no IPv6"
        return True, f"not verified: {rules}"
    walk = _Walk(rules, "src-address-list", listed, _WEB)
    if walk.decided and walk.decided["action"] in _REFUSES:
        what = "whether RouterOS puts IPv6 addresses into the list is not documented"
        return True, f"not verified: {walk.name(walk.decided)} refuses the list, and {what}"
    if walk.doubtful(_REFUSES):
        return True, f"not verified: it depends on {some([walk.name(rule) for rule in walk.doubts])}"
    return False, "no rule of /ipv6/firewall/filter refuses suspended customers: set use-ipv6=no in the profile"


def _let_through(rules: Sequence[Row], listed: str) -> list[Row]:
    """Return the rules that let through to some hosts, or refuse all but some."""
    walk = _Walk(rules, "src-address-list", listed, _WEB, elsewhere=False)
    return [rule for rule in walk.doubts if any(_spares(rule, there) for there in ("dst-address-list", "dst-address"))]


def _spares(rule: Row, there: str) -> bool:
    value = rule.get(there, "")
    return bool(value) and value.startswith("!") == (rule["action"] in _REFUSES)


def _enabled(rows: Sequence[Row]) -> Iterator[Row]:
    return (one for one in rows if one.get("disabled", "false") not in _TRUE)


def _is_address(text: str) -> bool:
    return text.replace(".", "").replace("/", "").replace("-", "").isdecimal()


@dataclass(slots=True)
class _Walk:
    """One packet through `forward`: the rule that decides, and those before it that perhaps do.

    `side` says which end is in the list. `elsewhere`: the other end is in no list that a rule asks for.
    """

    rules: Sequence[Row]
    side: Literal["src-address-list", "dst-address-list"]
    listed: str
    facts: Mapping[str, str]
    elsewhere: bool = True
    doubts: list[Row] = field(default_factory=list)
    decided: Row | None = field(init=False)

    def __post_init__(self) -> None:
        """Walk."""
        self.decided = self._through("forward", frozenset(), sure=True)

    def doubtful(self, actions: frozenset[str]) -> bool:
        """Return True if a rule with one of these actions perhaps decides."""
        return any(rule["action"] in actions for rule in self.doubts)

    def name(self, rule: Row) -> str:
        """Return the rule as `print` numbers it, with its comment or its action."""
        number = next(index for index, one in enumerate(self.rules) if one is rule)
        return f"rule {number} (`{marked(rule.get('comment') or rule['action'])}`)"

    def _through(self, chain: str, above: frozenset[str], *, sure: bool) -> Row | None:
        for rule in self.rules:
            match = self._match(rule) if rule.get("chain") == chain and _is_active(rule) else "no"
            action, certain = rule.get("action", ""), sure and match == "yes"
            if match == "no":
                continue
            if action == "jump" and rule.get("jump-target", "") not in above | {chain}:
                decided = self._through(rule.get("jump-target", ""), above | {chain}, sure=certain)
                if decided is not None:
                    return decided
            elif action == "return" and match == "yes":
                return None
            elif action in _PASSES | _REFUSES:
                if certain:
                    return rule
                self.doubts.append(rule)
        return None

    def _match(self, rule: Row) -> Match:
        found = {self._one(name, value) for name, value in rule.items() if name not in _NO_MATCHERS}
        return "no" if "no" in found else "perhaps" if "perhaps" in found else "yes"

    def _one(self, name: str, value: str) -> Match:
        plain = self._positive(name, value.removeprefix("!"))
        return _TURNED[plain] if value.startswith("!") else plain

    def _positive(self, name: str, value: str) -> Match:
        if name == self.side:
            return "yes" if value == self.listed else "perhaps"
        if name.removesuffix("-list") == ("dst-address" if self.side == "src-address-list" else "src-address"):
            return "yes" if value == "0.0.0.0/0" else "no" if self.elsewhere else "perhaps"
        if name in self.facts:
            return "yes" if self.facts[name] in value.split(",") else "no" if "-" not in value else "perhaps"
        if name == "ipsec-policy":
            return "no" if value.endswith("ipsec") else "yes"
        inward = "in-interface" if self.side == "src-address-list" else "out-interface"
        return "yes" if (name, value) == (inward, "all-ppp") else "perhaps"


def _is_active(rule: Row) -> bool:
    return rule.get("disabled", "false") not in _TRUE and rule.get("invalid", "false") not in _TRUE
