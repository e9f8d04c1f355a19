"""The protections that `make mutants` takes out are still where it looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.faults.mutants import PACKAGE, ROOT
from lab.faults.protections import MUTANTS

if TYPE_CHECKING:
    from lab.faults.mutant import Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_what_is_taken_out_is_there(mutant: Mutant) -> None:
    """A mutant whose text is gone would take nothing out, and nobody would notice for an hour."""
    text = (ROOT / PACKAGE / mutant.file).read_text("utf-8")

    assert mutant.before in text
    assert mutant.before != mutant.after
