"""Shows on the terminal that, and for how long, an answer is waited for; always on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console


@contextmanager
def waiting(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """A running clock on a terminal, else one line for each thing told; gives the function to tell with."""
    if not console.is_terminal:
        console.print(what)
        yield console.print
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what)
        yield lambda text: progress.update(task, description=f"{what}: {text}")
