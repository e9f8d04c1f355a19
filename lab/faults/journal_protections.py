"""The protections of the journal that `make mutants` takes out, one at a time (G12, G13)."""

from __future__ import annotations

from lab.faults.mutant import Mutant

JOURNAL_MUTANTS = (
    Mutant(
        "the day is counted",
        "journal/run.py",
        "        return Day(self._read)\n",
        "        return Day()\n",
        named=True,
    ),
    Mutant(
        "a killed run counts with what it planned",
        "journal/day.py",
        "in (planned | done).items():",
        "in done.items():",
        named=True,
    ),
    Mutant(
        "the day's limit is of the enabled secrets",
        "core/limits.py",
        "    limit = _day_limit(limits, day, census.managed_enabled, earlier)\n",
        "    limit = _day_limit(limits, day, census.secrets * 2, earlier)\n",
    ),
    Mutant(
        "a password is kept before the write",
        "sync/protect.py",
        "    if journal.keep_passwords(overwriting):\n",
        '    late = __import__("threading").Timer(0.2, journal.keep_passwords, (overwriting,))\n'
        "    late.start()\n    if late:\n",
        named=True,
    ),
    Mutant(
        "a password that cannot be kept is not overwritten",
        "sync/protect.py",
        "    if journal.keep_passwords(overwriting):\n",
        "    if journal.keep_passwords(overwriting) or overwriting:\n",
        named=True,
    ),
    Mutant(
        "a put that was refused has kept nothing", "journal/run.py", "        return kept\n", "        return True\n"
    ),
    Mutant("what is kept is put once", "journal/run.py", "body, once=True)", "body, once=False)"),
    Mutant(
        "default passwords are kept too",
        "sync/protect.py",
        "frozenset({Kind.PASSWORD, Kind.DEFAULT_PASSWORD})",
        "frozenset({Kind.PASSWORD})",
    ),
    Mutant(
        "a day that cannot be read is no empty one",
        "journal/run.py",
        "            return self._without(error)\n        lost",
        "            self._without(error)\n            return Day()\n        lost",
        named=True,
    ),
    Mutant(
        "a day that cannot be put has stricter limits",
        "sync/protect.py",
        "    if stricter is not None:\n",
        "    if False:\n",
        named=True,
    ),
    Mutant(
        "what was read counts although nothing can be put",
        "journal/run.py",
        "dict(self._memory.made if self._read is None else self._read)",
        "dict(self._memory.made)",
    ),
    Mutant(
        "a process remembers what it made",
        "journal/run.py",
        "        self._memory.made.update(made)\n",
        "",
        named=True,
    ),
    Mutant(
        "a process remembers what no key tells",
        "journal/run.py",
        "            self._memory.lost.append((self._at, Counter(made)))\n",
        "            pass\n",
    ),
    Mutant(
        "the run's limit is stricter without the day",
        "core/limits.py",
        "    elif day and not day.reachable and kind in _VALUES_OF_A_DAY | _CUT_GROUPS:\n",
        "    elif False:\n",
    ),
    Mutant(
        "the day's limit is stricter without the day",
        "core/limits.py",
        "    if not day.reachable:\n        return limits.day_min\n",
        "",
    ),
    Mutant(
        "the fleet's limit is stricter without the day",
        "core/limits.py",
        " if day.reachable else 0\n",
        "\n",
    ),
    Mutant(
        "the fleet has a limit of the day",
        "core/limits.py",
        "        if earlier + count > of_day:\n",
        "        if False:\n",
        named=True,
    ),
    Mutant(
        "new values have a limit of the day",
        "core/limits.py",
        "frozenset({Kind.PASSWORD, Kind.PROFILE, Kind.REMOTE_ADDRESS})",
        "frozenset()",
    ),
    Mutant(
        "approved changes do not count",
        "core/guard.py",
        "is_daily(change) and change.key not in self.released)",
        "is_daily(change))",
    ),
    Mutant(
        "approved changes are not told",
        "sync/protect.py",
        " and change.key not in verdict.released:",
        ":",
    ),
    Mutant(
        "an approval with an unknown id releases nothing",
        "core/approval.py",
        """    if any(not one.due for one in releases):
        return frozenset()
""",
        "",
    ),
    Mutant(
        "with an unknown id nothing is written",
        "sync/reconcile.py",
        'event.action == "sync" and not verdict.refused else',
        'event.action == "sync" else',
    ),
    Mutant(
        "an approval releases values, not names",
        "core/guard.py",
        "        row = json.dumps(_row(change)).encode()\n",
        "        row = json.dumps(_row(change)[:3]).encode()\n",
    ),
    Mutant(
        "the day is announced before the first change",
        "sync/protect.py",
        "    stricter = journal.announce(_counted(verdict, writers))\n",
        "    stricter = None\n",
        named=True,
    ),
    Mutant(
        "what is not answered counts",
        "sync/protect.py",
        "frozenset({Result.APPLIED, Result.UNANSWERED})",
        "frozenset({Result.APPLIED})",
    ),
    Mutant(
        "midnight begins no new day",
        "journal/day.py",
        '    return f"{PREFIX}{_stamp(now - WINDOW)}"\n',
        '    return f"{PREFIX}{now:%Y%m%d}"\n',
    ),
    Mutant(
        "keys of the future count",
        "journal/day.py",
        "        elif key > first:\n",
        '        elif first < key < f"{PREFIX}{_stamp(now)}/~":\n',
    ),
    Mutant(
        "the day is read to its last page",
        "journal/store.py",
        '        while answer["IsTruncated"]:\n',
        "        while False:\n",
    ),
)
