"""What `sam build` made works as Lambda runs it, with nothing beside it but AWS's runtime client."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FUNCTIONS = ("SyncFunction", "PassImportFunction")
Environment = Callable[[str], dict[str, str]]


def imported(code: str, environment: dict[str, str]) -> list[str]:
    """The lines that the code prints in a Python without site-packages."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nothing_of_this_project_leaks_in(isolated: Environment) -> None:
    """The check itself: tools of this project's environment are out of the built functions' reach."""
    code = "import importlib.util as u; print(end=''.join(n for n in ('pytest', 'mypy', 'cfnlint') if u.find_spec(n)))"

    assert imported(code, isolated("SyncFunction")) == []


def test_every_module_of_the_layer_is_complete(built: Path, isolated: Environment) -> None:
    """Each module of the package imports from the built layer alone: no dependency was forgotten."""
    layer = built / "Layer" / "python"
    files = [path.relative_to(layer).with_suffix("") for path in (layer / "pppsync").rglob("*.py")]
    modules = sorted(".".join(path.parts) for path in files if path.name != "__init__")
    code = f"import importlib; print(*(importlib.import_module(name).__file__ for name in {modules!r}), sep='\\n')"

    assert modules
    assert [file for file in imported(code, isolated("SyncFunction")) if not Path(file).is_relative_to(layer)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_dependencies_come_from_the_layer(built: Path, isolated: Environment, function: str) -> None:
    """boto3, too, is the pinned one of the layer and not the one that Lambda happens to have."""
    modules = ("boto3", "requests", "librouteros", "aws_lambda_powertools")
    code = f"import importlib; print(*(importlib.import_module(name).__file__ for name in {modules!r}), sep='\\n')"

    layer = built / "Layer"

    assert [file for file in imported(code, isolated(function)) if not Path(file).is_relative_to(layer)] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_holds_its_wiring_only(built: Path, function: str) -> None:
    """The code of a function with the layer is app.py alone; all else is in the layer, once."""
    assert [path.name for path in (built / function).iterdir()] == ["app.py"]


def test_the_widget_holds_its_own_package_and_no_library(built: Path) -> None:
    """The widget's artifact is its own code, its style and its reasons; it carries no library."""
    files = {path.relative_to(built / "WidgetFunction") for path in (built / "WidgetFunction").rglob("*.*")}

    assert {file.parts[0] for file in files} == {"app.py", "sync_widget"}
    assert {file.suffix for file in files} == {".py", ".css", ".json"}


def test_notify_holds_its_own_package_and_no_library(built: Path) -> None:
    """The artifact of notify is its own code; it carries no library."""
    files = {path.relative_to(built / "NotifyFunction") for path in (built / "NotifyFunction").rglob("*.*")}

    assert {file.parts[0] for file in files} == {"app.py", "plan_notice"}
    assert {file.suffix for file in files} == {".py"}


@pytest.mark.parametrize("function", ["WidgetFunction", "NotifyFunction"])
def test_a_function_without_layer_imports_the_boto3_of_the_runtime(
    isolated: Environment, runtime_boto3: Path, function: str
) -> None:
    """Widget and notify start without the layer: with boto3 of the runtime, and with nothing that a sync uses."""
    code = (
        "import os, sys; os.environ['AWS_DEFAULT_REGION'] = 'eu-west-1'; import app, boto3;"
        " print(boto3.__file__, *sorted({name.split('.')[0] for name in sys.modules}), sep='\\n')"
    )
    boto3, *names = imported(code, isolated(function))

    assert Path(boto3).is_relative_to(runtime_boto3)
    assert not {*names} & {"librouteros", "requests", "aws_lambda_powertools", "aws_xray_sdk", "pppsync"}
