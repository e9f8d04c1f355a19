"""The protections that `make mutants` takes out, one at a time."""

from __future__ import annotations

from lab.faults.hold_protections import HOLD_MUTANTS
from lab.faults.journal_protections import JOURNAL_MUTANTS
from lab.faults.mutant import Mutant

MUTANTS = (
    Mutant(
        "the confirmation is not asked for",
        "sync/reconcile.py",
        "confirmed = confirmation.feed(guarded.verdict.allowed[name], outcomes.append)",
        "from types import SimpleNamespace\n    from pppsync.core.change import batches\n"
        "    left = iter(batches(guarded.verdict.allowed[name]))\n"
        "    confirmed = SimpleNamespace(take=lambda **_: next(left, None))",
        named=True,
    ),
    Mutant(
        "the confirmation is not heeded",
        "sync/confirm.py",
        "if now and change.wanted.same_outcome(now):",
        "if now or not now:",
        named=True,
    ),
    Mutant(
        "the cap",
        "core/guard.py",
        "held = {change.key for one in waiting.values()",
        "held = {change.key for one in ()",
        named=True,
    ),
    Mutant(
        "the unreadable-password rule",
        "core/secret.py",
        "return not self.secrets or any(",
        "return True or any(",
        named=True,
    ),
    Mutant(
        "the drop repair",
        "core/compare.py",
        "if secret.disabled and wanted.name not in rules.state.sessions_by_name:",
        "if secret.disabled:",
        named=True,
    ),
    Mutant(
        "the all-or-nothing read",
        "crm/paging.py",
        "found = self._read_pages(listing)",
        "try:\n                found = self._read_pages(listing)\n"
        "            except CrmError:\n                return []",
        named=True,
    ),
    Mutant("pages that overlap", "crm/paging.py", "or page[0].id != last", ""),
    Mutant(
        "a tag beside others opts out",
        "core/eligibility.py",
        "return any(tag.strip()",
        "return len(tags) < 2 and any(tag.strip()",
    ),
    Mutant(
        "a foreign service is left alone",
        "core/compare.py",
        "    ours = rules.ours(held)\n",
        "    ours = held\n",
    ),
    Mutant(
        "a repeated custom ID is left alone", "core/desired.py", "if subscriber.custom_id in shared and", "if False and"
    ),
    Mutant("no value of doubles is written", "core/compare.py", "if len(ours) > 1:", "if False:"),
    Mutant(
        "doubles are cut",
        "core/cuts.py",
        "return cut(wanted, rules, None)",
        "return [_doubled(wanted, ours, rules)]",
        named=True,
    ),
    Mutant(
        "every one of the doubles is cut",
        "core/cuts.py",
        "in_order = ours if len(ours) < 2 else sorted(ours, key=lambda one: one.id)",
        "in_order = ours[:1]",
        named=True,
    ),
    Mutant(
        "doubles that paid are let in",
        "core/cuts.py",
        "if all(secret.disabled for secret in ours) else []",
        "if not ours else []",
    ),
    Mutant(
        "a double that is enabled is enough",
        "core/cuts.py",
        "if all(secret.disabled for secret in ours) else []",
        "if ours else []",
    ),
    Mutant(
        "a secret under any lets in every service",
        "core/sessions.py",
        "return secret.ppp_service == ANY and session.ppp_service not in others",
        "return False",
        named=True,
    ),
    Mutant(
        "sessions of another secret stay",
        "core/sessions.py",
        "return secret.ppp_service == ANY and session.ppp_service not in others",
        "return secret.ppp_service == ANY",
    ),
    Mutant("a look-alike stands in the way", "core/obstacles.py", "if not alike:", "if alike or not alike:"),
    Mutant("the login of another is no look-alike", "core/obstacles.py", " if name not in logins]", "]"),
    Mutant(
        "zero-width characters are invalid",
        "core/names.py",
        'return unicodedata.category(letter) in {"Cc", "Cf"} or letter in _INVISIBLE_LETTERS',
        'return unicodedata.category(letter) == "Cc"',
    ),
    Mutant("a taken address is not written", "core/addresses.py", "while single:", "while single and not single:"),
    Mutant(
        "a taken address drops nobody", "core/addresses.py", "return None if drops_for_address or ", "return None if "
    ),
    Mutant("a network of one address is an address", "core/ipv4.py", '.removesuffix("/32")', ""),
    Mutant(
        "who paid on two routers is let in",
        "core/plan.py",
        "return stuck + [finding for stray in strays for finding in let_in(",
        "return stuck + [finding for stray in strays[:0] for finding in let_in(",
        named=True,
    ),
    Mutant(
        "who is online on one of two routers is left alone",
        "core/plan.py",
        "if any(is_online(wanted, stray) for stray in strays):",
        "if not strays:",
    ),
    Mutant(
        "who is suspended is cut on both of two routers",
        "core/plan.py",
        "return [finding for stray in strays for finding in cut(wanted, stray, Reason.LOGIN_ON_TWO_ROUTERS)]",
        "return []",
    ),
    Mutant(
        "passwords in the router's words", "routers/steps.py", "words = words.replace(value.reveal(), MASK)", "pass"
    ),
    Mutant(
        "RADIUS sessions stay",
        "routers/steps.py",
        "            and not one.radius\n",
        "",
    ),
    Mutant(
        "every session of a cut is dropped",
        "core/secret_change.py",
        "sessions = tuple(session for session in ours if",
        "sessions = tuple(session for session in ours[:1] if",
    ),
    Mutant(
        "a value is read back before the drop",
        "routers/steps.py",
        "return all(held[word] == value for word, value in change.words)",
        "return True",
    ),
    Mutant("an unread router may hold the login", "core/placement.py", "if not fleet.complete:", "if False:"),
    Mutant("observing is not writing", "sync/reconcile.py", 'if one.settings.mode == "enforce" and', "if"),
    Mutant(
        "one write of a secret at a time",
        "routers/pipeline.py",
        "while batch[0].name in self._running or (",
        "while (",
    ),
    *JOURNAL_MUTANTS,
    *HOLD_MUTANTS,
)
