"""`python -m lab.demo.widget FUNCTION`: the page that the dashboard's widget shows, to be kept as a file."""

from __future__ import annotations

import sys

from lab.local_aws import client


def main() -> int:
    """Invoke the widget's function and print its HTML."""
    answer = client.invoke(sys.argv[1])
    page = str(answer.payload if not answer.failed else answer.error)
    sys.stdout.write(f"<!doctype html><meta charset=utf-8><title>The latest sync</title>{page}\n")
    return int(answer.failed)


if __name__ == "__main__":
    sys.exit(main())
