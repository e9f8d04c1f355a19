"""`python -m lab.faults --seed 7` replays one schedule and shows its steps; `--count 10000` plays many."""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from lab.faults.schedule import Result, play

SLICE = 25


def main() -> int:
    """Play what was asked for; 1 if an invariant was broken."""
    parser = argparse.ArgumentParser(prog="python -m lab.faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this schedule alone and show its steps")
    parser.add_argument("--skip", default="", help="with --seed: numbers of steps to leave out, by commas")
    parser.add_argument("--count", type=int, default=10_000, help="how many schedules")
    parser.add_argument("--start", type=int, default=1, help="the first one's seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--fail-fast", action="store_true", help="stop at the first failure")
    parser.add_argument("--log", type=Path, help="also write failures and the sum here")
    asked = parser.parse_args()
    if asked.seed is not None:
        result = play(asked.seed, {int(one) for one in asked.skip.split(",") if one})
        _say(str(result))
        return bool(result.violations)
    return _many(asked)


def play_many(start: int, count: int) -> list[Result]:
    """Play schedules one after the other; a defect of the bench itself is a failure too."""
    results = []
    for seed in range(start, start + count):
        result = play(seed)
        if not result.violations:
            result.steps = []  # only the failures have to travel
        results.append(result)
    return results


def _many(asked: argparse.Namespace) -> int:
    start, count = asked.start, asked.count
    began, done = time.monotonic(), [0, 0, 0, 0]
    failed: list[Result] = []
    with ProcessPoolExecutor(asked.processes) as pool:
        slices = [(first, min(SLICE, start + count - first)) for first in range(start, start + count, SLICE)]
        for future in as_completed([pool.submit(play_many, *one) for one in slices]):
            for result in future.result():
                done = [a + b for a, b in zip(done, (1, result.runs, result.writes, result.cuts), strict=True)]
                if result.violations:
                    failed.append(result)
                    _say(str(result))
            _say(f"{done[0]} of {count} schedules, {len(failed)} failed, {time.monotonic() - began:.0f} s")
            if failed and asked.fail_fast:
                pool.shutdown(cancel_futures=True)
                break
    total = dict(zip(("schedules", "runs", "writes", "cuts"), done, strict=True))
    total |= {"first_seed": start, "failed": len(failed), "seconds": round(time.monotonic() - began)}
    _say(json.dumps(total))
    if asked.log:
        asked.log.write_text("\n\n".join(map(str, failed)) + "\n" + json.dumps(total) + "\n")
    return bool(failed)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
