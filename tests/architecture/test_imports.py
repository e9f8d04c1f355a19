"""Who may import whom, checked on the source: what is pure stays pure, and each library has one door."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "layers" / "pppsync" / "pppsync"
MODULES: Final = {path.stem: path for path in PACKAGE.glob("*.py")}
APPS: Final = sorted((ROOT / "functions").glob("*/app.py"))

PURE: Final = (
    "address",
    "change",
    "compare",
    "desired",
    "document",
    "errors",
    "event",
    "explain_case",
    "explain_facts",
    "explain_reasons",
    "explain_sentence",
    "guard",
    "import_plan",
    "masked",
    "outcome",
    "plan",
    "policy",
    "problem",
    "report",
    "routeros_words",
    "routing",
    "row",
    "row",
    "secret",
    "settings",
    "subscriber",
    "uisp_rows",
)
"""No I/O, no logging, no clock, no environment."""

HARMLESS: Final = {
    "__future__",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "ipaddress",
    "itertools",
    "json",
    "re",
    "sys",  # to intern a text that thousands of rows share; `test_what_is_taken_of_sys` sees to it
    "ssl",  # `document` lets the TLS library read PEM text; no context is ever connected
    "typing",
    "unicodedata",
}
"""What a pure module may take from the standard library."""

IMPURE_CALLS: Final = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
IMPURE_METHODS: Final = {
    "now",
    "today",
    "utcnow",
    "wrap_socket",
    "load_verify_file",
    "load_default_certs",
    "load_cert_chain",
    "create_default_context",
}


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
            whole = node.module == "pppsync"
            found.update({f"pppsync.{alias.name}" for alias in node.names} if whole else {node.module})
    return found


def ours(path: Path) -> set[str]:
    """The modules of the package that the source imports."""
    return {name.removeprefix("pppsync.") for name in imports(path) if name.split(".")[0] == "pppsync"}


def importers(library: str) -> set[str]:
    """The modules of the package that import a library or a part of it."""
    return {name for name, path in MODULES.items() if library in {one.split(".")[0] for one in imports(path)}}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_takes_only_what_is_harmless(name: str) -> None:
    """Flow: a pure module imports harmless parts of the standard library and pure modules, and nothing else."""
    libraries = {one.split(".")[0] for one in imports(MODULES[name])} - {"pppsync"}
    assert libraries - HARMLESS == set()
    assert _at_run_time(MODULES[name]) - set(PURE) == set()
    assert ours(MODULES[name]) - set(PURE) <= {"survey"}, "what was read, as a type"


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_does_nothing_by_itself(name: str) -> None:
    """Flow: no file, no console, no clock by way of a builtin or a method."""
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Call):
            called = node.func
            assert not (isinstance(called, ast.Name) and called.id in IMPURE_CALLS), ast.unparse(node)
            assert not (isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS), ast.unparse(node)


def test_what_is_taken_of_sys() -> None:
    """Flow: of `sys`, whose streams and arguments are I/O, a pure module takes `intern` alone."""
    taken = {
        node.attr
        for name in PURE
        for node in ast.walk(tree(MODULES[name]))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys"
    }
    assert taken <= {"intern"}


def test_pure_modules_form_no_circle() -> None:
    """Flow: at run time the pure modules can be put into an order in which each imports only earlier ones."""
    waiting = {name: _at_run_time(MODULES[name]) for name in PURE}
    while waiting:
        ready = {name for name, needed in waiting.items() if not needed & waiting.keys()}
        assert ready, f"a circle among {sorted(waiting)}"
        waiting = {name: needed for name, needed in waiting.items() if name not in ready}


def _at_run_time(path: Path) -> set[str]:
    module = tree(path)
    module.body = [
        node for node in module.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    names = {
        node.module.removeprefix("pppsync.")
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pppsync.")
    }
    return names | {
        alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "pppsync"
        for alias in node.names
    }


def test_errors_and_the_package_import_nothing_of_ours() -> None:
    """Flow: everything may raise an error of ours, so that `errors` stands below all; the package imports nothing."""
    assert ours(MODULES["errors"]) == set()
    assert imports(MODULES["__init__"]) == set()


@pytest.mark.parametrize(
    ("library", "module"),
    [("librouteros", {"routeros_link"}), ("requests", {"uisp_http"}), ("boto3", {"credentials"})],
)
def test_each_library_has_one_door(library: str, module: set[str]) -> None:
    """Flow: RouterOS, HTTP and AWS are each spoken in one module, where their faults are translated."""
    assert module == importers(library)


def test_only_the_handlers_know_the_environment() -> None:
    """Flow: `os.environ` is read in `app.py` alone, so that everything else can be tested by its arguments."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in [*MODULES.values(), *APPS]
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
    """Flow: the package knows nothing of the functions, the simulators or the tests."""
    outside = {"functions", "simulators", "local", "tests", "benchmarks"}
    assert {name for name, path in MODULES.items() if outside & {one.split(".")[0] for one in imports(path)}} == set()


def test_only_the_orchestrators_join_both_sides() -> None:
    """Flow: who speaks to the CRM does not know routers, and the other way round."""
    crm = {"uisp", "uisp_http", "uisp_rows"}
    router = {name for name in MODULES if name.startswith("routeros")}
    for name in crm:
        assert ours(MODULES[name]) & router == set(), name
    for name in router:
        assert ours(MODULES[name]) & crm == set(), name
