"""Every link, path, module, symbol, line of code and make target that the pages show exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "layers" / "pppsync" / "pppsync"
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "AGENTS.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
TEXTS: Final = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
FOLDERS: Final = {path.name for top in (ROOT, PACKAGE) for path in top.iterdir() if path.is_dir()} - {"widget"}
"""A path in backticks begins with one of these, or is a single file name with one of the suffixes below."""
PATH: Final = re.compile(r"`([\w.*-]+(?:/[\w.*-]+)*/?)`")
SUFFIXES: Final = (".py", ".md", ".yaml", ".toml")
MADE: Final = {"config.json", "packaged.yaml"}
"""Files that a reader makes by a command of the page."""
ANNOUNCED: Final = {"quick"}
"""Targets that the pages may name before the Makefile has them."""
PRESENT: Final = sorted(TEXTS.keys() - {"CHANGELOG.md"})
"""Pages that name only what exists; the changelog also names what does not exist any more."""


def _named_paths(text: str) -> set[str]:
    return {
        path
        for path in PATH.findall(text)
        if path not in MADE and (path.endswith(SUFFIXES) if "/" not in path else path.split("/")[0] in FOLDERS)
    }


def _slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("name", TEXTS)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    """The file of a relative link exists, and so does the heading after its `#`."""
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_slug, headings), target


@pytest.mark.parametrize("name", PRESENT)
def test_every_path_in_backticks_exists(name: str) -> None:
    """A path in backticks exists from the top of the repository or of the package; `*` matches any."""
    missing = {path for path in _named_paths(TEXTS[name]) if not any([*ROOT.glob(path), *PACKAGE.glob(path)])}

    assert missing == set()


@pytest.mark.parametrize("name", PRESENT)
def test_every_symbol_of_a_module_exists(name: str) -> None:
    """Where a page writes that a name is in a module, the module defines it."""
    for symbol, path in re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.py)`", TEXTS[name]):
        source = next(top / path for top in (ROOT, PACKAGE) if (top / path).exists()).read_text(encoding="utf-8")
        assert re.search(rf"\b(?:def|class) {symbol}\b|^\s*{symbol}\b\s*[:=]", source, re.MULTILINE), (symbol, path)


CODE: Final = re.findall(r"`([\w/]+\.py)`:\n\n```(?:python|text)\n(.*?)```", TEXTS["CONTRIBUTING.md"], re.DOTALL)


@pytest.mark.parametrize(("path", "code"), CODE, ids=[path for path, _ in CODE])
def test_the_code_of_the_walk_is_the_code(path: str, code: str) -> None:
    """CONTRIBUTING shows lines as they stand in the file that it names before them."""
    lines = (
        next(top / path for top in (ROOT, PACKAGE) if (top / path).exists()).read_text(encoding="utf-8").splitlines()
    )

    assert [line for line in code.splitlines() if line not in lines] == []


def test_every_room_is_on_the_maps() -> None:
    """CONTRIBUTING, AGENTS and the design name every room of the package."""
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert len(rooms) >= 9
    for name in ("AGENTS.md", "docs/design.md"):
        assert {room for room in rooms if f"`{room}`" not in TEXTS[name]} == set()
    assert {room for room in rooms if f"`layers/pppsync/pppsync/{room}`" not in TEXTS["CONTRIBUTING.md"]} == set()


@pytest.mark.parametrize("name", TEXTS)
def test_every_module_that_is_run_exists(name: str) -> None:
    """`python -m` of a page names a module of this repository that can be run, or a tool of the environment."""
    for module in re.findall(r"python3? -m ([\w.]+)", TEXTS[name]):
        if module.split(".")[0] in {"lab", "pppctl"}:
            path = ROOT / module.replace(".", "/")
            assert (path / "__main__.py").exists() or path.with_suffix(".py").exists(), module


@pytest.mark.parametrize("name", PRESENT)
def test_every_make_target_exists(name: str) -> None:
    """A page that writes `make` and a target writes one of the Makefile's."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXTS[name], re.MULTILINE)) <= {*targets, *ANNOUNCED}
