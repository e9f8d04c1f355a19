"""`python -m pppctl COMMAND`, in the project's environment; elsewhere it says where that is."""

from __future__ import annotations

import sys

__all__ = ["main"]

try:
    from pppctl.command import main
except (ModuleNotFoundError, SyntaxError) as error:  # a library, or the version of Python
    if __name__ != "__main__":
        raise
    sys.stderr.write(
        f"pppctl runs in the project's environment, and this Python has not what it needs: {error}.\n"
        "Make the environment once, with `make setup`. Then run, in the checkout:\n"
        "  .venv/bin/python -m pppctl plan\n"
    )
    sys.exit(3)

if __name__ == "__main__":
    sys.exit(main())
