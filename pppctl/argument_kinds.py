"""The kinds of values that the command line takes; each returns the value or says what it must be."""

from __future__ import annotations

import argparse
import difflib
import re
from typing import Final

from pppctl.layer import reasons

MOST_DAYS: Final = 3653
"""CloudWatch keeps a log for so long at most."""
_CLIENT: Final = re.compile(r"[1-9][0-9]{0,17}")
_PLAN_ID: Final = re.compile(r"[0-9a-f]{16}")
_RUN_ID: Final = re.compile(r"[0-9a-f-]{8,36}")


def plan_id(text: str) -> str:
    """Take a plan id as it is printed."""
    if _PLAN_ID.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError("a plan id is 16 hex digits, as `plan` prints it")


def client(text: str) -> int:
    """Take a client's number."""
    if _CLIENT.fullmatch(text):
        return int(text)
    raise argparse.ArgumentTypeError("a client id is a number, as the CRM's address bar shows it")


def days(text: str) -> int:
    """Take a number of days that a log can keep."""
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"a whole number of days from 1 to {MOST_DAYS}")


def seconds(text: str) -> float:
    """Take a number of seconds up to a day."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if 0 <= seconds <= 86400:
        return seconds
    raise argparse.ArgumentTypeError("a number of seconds from 0 to 86400")


def run_id(text: str) -> str:
    """Take a run id, or at least its first 8 digits."""
    if _RUN_ID.fullmatch(text):
        return text
    raise argparse.ArgumentTypeError("a run id, or at least its first 8 digits, as `plan` and `sync` print it")


def whole_run_id(text: str) -> str:
    """Take a run id as it is printed."""
    if text and text.isascii() and text.isprintable() and " " not in text:
        return text
    raise argparse.ArgumentTypeError("a run id has no blanks; copy it from the answer of the sync")


def reason(text: str) -> str:
    """Take a reason that a problem can have."""
    known = reasons()
    if text in known:
        return text
    near = difflib.get_close_matches(text, known)
    meant = f"; did you mean {' or '.join(near)}?" if near else "."
    raise argparse.ArgumentTypeError(f"there is no reason {text}{meant} The reasons are: {', '.join(known)}")


def filled(text: str) -> str:
    """Take a text that is not blank, literally."""
    if text.strip():
        return text
    raise argparse.ArgumentTypeError("a name that is not blank")
