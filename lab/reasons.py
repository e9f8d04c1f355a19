"""`python -m lab.reasons`: writes the widget's copy of all reasons and codes, `reasons.json`.

The widget is built without the layer, so it cannot import the tables. The sentences come from the code, what to do
comes from `docs/operations.md`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Final

from pppsync.core.reasons import Reason
from pppsync.errors import Code

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "functions/widget/sync_widget/reasons.json"
COMMAND: Final = "PYTHONPATH=layers/pppsync .venv/bin/python -m lab.reasons"
_ROW: Final = re.compile(r"^\| `([a-z0-9_]+)` \|.*\| ([^|]+) \|$", re.MULTILINE)


def text() -> str:
    """Return what the file must hold: by code, the sentence and what to do."""
    remedies = dict(_ROW.findall((ROOT / "docs/operations.md").read_text(encoding="utf-8")))
    sentences = {one.value: one.sentence for one in (*Reason, *Code)}
    table = {
        code: {"sentence": sentence, "remedy": remedies.get(code, "")} for code, sentence in sorted(sentences.items())
    }
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file anew."""
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
