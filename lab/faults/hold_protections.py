"""The protections of holds that `make mutants` takes out, one at a time (G14)."""

from __future__ import annotations

from lab.faults.mutant import Mutant

HOLD_MUTANTS = (
    Mutant(
        "holds are read at the start",
        "sync/reconcile.py",
        "pool.submit(journal.holds.read)",
        "pool.submit(bool)",
        named=True,
    ),
    Mutant(
        "holds are read again before the first cut",
        "sync/hold_watch.py",
        "            self._holds.read()\n",
        "",
        named=True,
    ),
    Mutant(
        "holds that cannot be read are as read last",
        "journal/run_holds.py",
        "                    self._failures.append(self.failure)\n",
        "                    self._failures.append(self.failure)\n                    self._known.holds = Holds()\n",
        named=True,
    ),
    Mutant(
        "a hold that cannot be understood is a hold",
        "journal/holds.py",
        "            malformed.append(name)\n",
        "            malformed.append(name)\n            continue\n",
    ),
    Mutant(
        "a hold ends with its time",
        "journal/holds.py",
        "if hold and now < hold.until]",
        "if hold]",
    ),
    Mutant(
        "a router on hold is sent nothing more",
        "sync/hold_watch.py",
        "        return hold.sentence if hold else None\n",
        "        return None\n",
    ),
)
