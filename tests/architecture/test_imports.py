"""What the import contracts of `pyproject.toml` cannot say: purity of the core, one door a library, wiring only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "layers" / "pppsync" / "pppsync"
MODULES: Final = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
CORE: Final = {name: path for name, path in MODULES.items() if name.startswith("core/")}
APPS: Final = sorted((ROOT / "functions").glob("*/app.py"))

WITHOUT_LAYER: Final = ("functions/widget/sync_widget", "functions/notify/plan_notice")
"""Packages of the functions that are built without the layer."""
NOT_AT_RUN_TIME: Final = {"aws_lambda_powertools", "mypy_boto3_logs"}
"""Names of types, which a type checker alone imports."""

HARMLESS: Final = {
    "__future__",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "json",
    "re",
    "typing",
    "unicodedata",
}
"""What the core may take from the standard library."""

IMPURE_CALLS: Final = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
IMPURE_METHODS: Final = {"now", "today", "utcnow"}


def tree(path: Path) -> ast.Module:
    """The parsed source."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Every module that the source imports, also for types alone or inside a function, by its full name."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path.name} imports relatively"
            found.add(node.module)
    return found


def libraries(path: Path) -> set[str]:
    """The top-level packages that the source imports."""
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("name", CORE)
def test_core_takes_only_what_is_harmless(name: str) -> None:
    """Flow: a module of the core imports harmless parts of the standard library and the core, and nothing else."""
    assert libraries(CORE[name]) - {"pppsync"} - HARMLESS == set()


@pytest.mark.parametrize("name", CORE)
def test_core_does_nothing_by_itself(name: str) -> None:
    """Flow: no file, no console, no clock by way of a builtin or a method."""
    for node in ast.walk(tree(CORE[name])):
        if isinstance(node, ast.Call):
            called = node.func
            assert not (isinstance(called, ast.Name) and called.id in IMPURE_CALLS), ast.unparse(node)
            assert not (isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS), ast.unparse(node)


@pytest.mark.parametrize(
    ("library", "modules"),
    [
        ("librouteros", {"routers/link.py"}),
        ("requests", {"crm/transport.py"}),
        ("boto3", {"config/fetch.py", "journal/store.py"}),
    ],
)
def test_each_library_has_one_door(library: str, modules: set[str]) -> None:
    """Flow: RouterOS, HTTP and each AWS service are spoken in one module, where their faults are translated."""
    assert modules == {name for name, path in MODULES.items() if library in libraries(path)}


def test_no_circle() -> None:
    """Flow: the modules of each program can be put into an order in which each imports only earlier ones, types too."""
    for program in ("pppctl", "lab", *WITHOUT_LAYER, "layers/pppsync/pppsync"):
        base = (ROOT / program).parent if "/" in program else ROOT
        paths = {_dotted(path, base): path for path in (ROOT / program).rglob("*.py")}
        waiting = {name: _needed(path, paths.keys()) - {name} for name, path in paths.items()}
        while waiting:
            ready = {name for name, needed in waiting.items() if not needed & waiting.keys()}
            assert ready, f"a circle among {sorted(waiting)}"
            waiting = {name: needed for name, needed in waiting.items() if name not in ready}


def _dotted(path: Path, base: Path) -> str:
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def _needed(path: Path, modules: Collection[str]) -> set[str]:
    """The modules that the source imports anywhere; `from package import module` needs the module alone."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in named}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found.intersection(modules)


def test_only_the_handlers_know_the_environment() -> None:
    """Flow: `os.environ` is read in `app.py` alone, so that everything else can be tested by its arguments."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in [*MODULES.values(), *(ROOT / "functions").rglob("*.py")]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "putenv"}
    }
    assert readers <= {path.relative_to(ROOT).as_posix() for path in APPS}
    assert {name for name, path in MODULES.items() if "os" in imports(path)} == set()


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.parent.name)
def test_a_handler_only_wires(path: Path) -> None:
    """Flow: a handler is at most 60 lines, and one function is called by Lambda."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert [node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)].count("lambda_handler") == 1


def test_nothing_imports_a_handler() -> None:
    """Flow: the package knows nothing of the functions, the lab or the tests."""
    outside = {"functions", "lab", "plan_notice", "pppctl", "sync_widget", "tests"}
    assert {name for name, path in MODULES.items() if outside & libraries(path)} == set()


@pytest.mark.parametrize("package", WITHOUT_LAYER)
def test_a_function_without_the_layer_imports_the_runtime_alone(package: str) -> None:
    """Flow: such a function takes boto3 of the Lambda runtime, the standard library and its own package."""
    paths = [*(ROOT / package).parent.rglob("*.py")]
    found = set().union(*map(libraries, paths)) - sys.stdlib_module_names - NOT_AT_RUN_TIME

    assert found - {"botocore"} == {"boto3", Path(package).name}


SHORT: Final = 260
"""Lines of a module (CONTRIBUTING: about 250)."""
TABLES: Final = {"layers/pppsync/pppsync/core/reasons.py"}
"""Modules that are one table of texts: they grow by rows, and a table in two modules would be two tables."""


def test_modules_are_short() -> None:
    """House: a module that no longer fits a few screens is two modules."""
    ours = [
        path for top in ("layers/pppsync/pppsync", "functions", "lab", "pppctl") for path in (ROOT / top).rglob("*.py")
    ]
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ours}
    assert {name: lines for name, lines in long.items() if lines > SHORT and name not in TABLES} == {}
