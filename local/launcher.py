"""Runs the emulator with the emulator's own Python: `python -I launcher.py TOKEN detached|attached`.

The token makes the process recognisable in a list of processes. Attached, it ends with whoever holds the other end of
its standard input, however that one died.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_parent() -> None:
    """Reading returns only when the other end is closed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if sys.argv[2] == "attached":
        threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")
