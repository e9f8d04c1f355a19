"""Runs the emulator with the emulator's own Python: `python -I launcher.py TOKEN detached|attached`.

The token makes the process recognisable in a list of processes. Attached, it ends with whoever holds the other end of
its standard input, however that one died.
"""

import os
import runpy
import shutil
import signal
import sys
import threading

parent_has_ended = threading.Event()


def end_with_parent() -> None:
    """Reading returns only when the other end is closed."""
    sys.stdin.buffer.read()
    parent_has_ended.set()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if sys.argv[2] == "attached":
        threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    try:
        runpy.run_module("ministack", run_name="__main__")
    finally:
        if parent_has_ended.is_set():
            shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
