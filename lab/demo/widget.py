"""`python -m lab.demo.widget FUNCTION`: the page that the dashboard's widget shows, to be kept as a file."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from lab.local_aws import client

_DESCRIPTION = "Prints the page that the dashboard's widget shows, to be kept as a file."
_HEAD = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content=width=device-width>"
    "<title>The latest sync</title><body style=margin:0>"
)


def main() -> int:
    """Invoke the widget's function as the console does, in this machine's time zone, and print its HTML."""
    parser = argparse.ArgumentParser(prog="python -m lab.demo.widget", description=_DESCRIPTION)
    parser.add_argument("function", metavar="FUNCTION", help="name of the widget's function, as `make try` prints it")
    chosen = parser.parse_args()
    offset = datetime.now().astimezone().isoformat()[-6:]
    answer = client.invoke(chosen.function, {"widgetContext": {"timezone": {"offsetISO": offset}}})
    page = str(answer.payload if not answer.failed else answer.error)
    sys.stdout.write(f"{_HEAD}{page}\n")
    return int(answer.failed)


if __name__ == "__main__":
    sys.exit(main())
