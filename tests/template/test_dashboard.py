"""The dashboard, the saved queries and the widget's function show what the functions really write, and no more."""

from __future__ import annotations

import io
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools import Logger

from pppsync.config.event import ImportEvent
from pppsync.core.change import Kind
from pppsync.core.guard import WithheldPlan
from pppsync.core.masked import Masked
from pppsync.core.outcome import Outcome, Result
from pppsync.core.reasons import Problem, Reason
from pppsync.core.subscriber import CrmState
from pppsync.errors import Code, CrmError, RouterError
from pppsync.passwords import import_report
from pppsync.passwords.import_report import ImportReport, WriteOutcome
from pppsync.passwords.writes import Write, WritePlan
from pppsync.report import log_records, log_setup, metrics
from pppsync.report.response import Report
from pppsync.report.router_row import RouterReport
from tests.builders import a_change

if TYPE_CHECKING:
    from collections.abc import Iterator

type Metric = tuple[str, str, frozenset[str]]

SYNC = ("FunctionName", "SyncFunction")
QUEUE = ("QueueName", "DeadLetterQueue.QueueName")
QUERIES = ("SubscriberQuery", "ChangesQuery", "FailuresQuery", "ProblemsQuery", "SlowestRunsQuery")
# What AWS publishes by itself, with the units of its documentation.
OF_AWS: dict[Metric, str] = {
    ("AWS/Lambda", "Duration", frozenset({"FunctionName"})): "Milliseconds",
    ("AWS/Lambda", "Errors", frozenset({"FunctionName"})): "Count",
    ("AWS/Lambda", "Invocations", frozenset({"FunctionName"})): "Count",
    ("AWS/Lambda", "Throttles", frozenset({"FunctionName"})): "Count",
    ("AWS/SQS", "NumberOfMessagesSent", frozenset({"QueueName"})): "Count",
}
# The longest names that AWS allows in a stack that deploys at all: functions' names end at 64 letters.
_STACK = "s" * (64 - len("-pass-import"))
LONGEST = {
    "SyncFunction": f"{_STACK}-sync",
    "DeadLetterQueue": f"https://sqs.ap-southeast-1.amazonaws.com/123456789012/{_STACK}-DeadLetterQueue-ABCDEFGHIJKL",
    "stack-eu-west-1": f"{_STACK}-ap-southeast-1",
    "eu-west-1": "ap-southeast-1",
}


def a_report() -> Report:
    """A run in which everything happened."""
    changes = [a_change(Kind.PROFILE), a_change(name="ABC2", number=2)]
    plan = WithheldPlan("9f036593ac695801", "tower-1", Kind.DISABLE, (changes[1],), "too many")
    router = RouterReport(
        "tower-1",
        "enforce",
        RouterError(Code.ROUTER_CLOSED, "by the peer"),
        planned=tuple(changes),
        outcomes=(Outcome(changes[0], Result.FAILED, "refused", "no"), Outcome(changes[1], Result.WITHHELD)),
        plans=(plan,),
    )
    problem = Problem("tower-1", "ABC3", Reason.PROFILE_MISSING, "30mbps", 3)
    return Report("sync", "domain", 3, 3, {}, (router,), (problem,), weakened=("ucrm.ssl_verify",), coverage=98.8)


def an_import() -> ImportReport:
    """An import in which everything happened."""
    planned = Write("ABC1", 1, "tower-1", None, Masked("x"))
    problem = Problem("tower-1", "ABC3", Reason.PASSWORD_MASKED, "", 3)
    plan = WritePlan((planned,), 0, {}, (problem,))
    return ImportReport(
        ImportEvent(),
        CrmState((), {}, 7, "domain"),
        {"tower-1": 1},
        {"tower-2": {"reason": "router_login", "detail": "no"}},
        plan,
        (WriteOutcome(planned, "failed", "crm_not_kept", "no"),),
    )


@pytest.fixture
def emitted(capsys: pytest.CaptureFixture[str]) -> dict[Metric, str]:
    """Every metric that a run publishes, with its unit, as CloudWatch would read it out of the log."""
    metrics.publish(a_report(), function_name="a-function", seconds=2.5)
    found: dict[Metric, str] = {}
    for line in capsys.readouterr().out.splitlines():
        for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]:
            for dimensions, metric in itertools.product(directive["Dimensions"], directive["Metrics"]):
                found[directive["Namespace"], metric["Name"], frozenset(dimensions)] = metric["Unit"]
    return found


@pytest.fixture(scope="module")
def fields() -> set[str]:
    """Every field of every record that the functions write, by its path, as Logs Insights names them."""
    stream = io.StringIO()
    logger = Logger(service="fields", stream=stream)

    class Context:
        aws_request_id = "run-1"
        function_name, memory_limit_in_mb, invoked_function_arn = "f", 512, "arn:aws:lambda:eu-west-1:1:function:f"

    @logger.inject_lambda_context
    @log_setup.failures(logger)
    def sync(_event: object, _context: Any) -> None:
        report = a_report()
        log_records.record(logger, report, report.document(run_id="run-1", exclusive=True, duration_ms=1))
        imported = an_import()
        import_report.record(logger, imported, imported.document(run_id="run-1", duration_ms=1))
        raise CrmError(Code.CRM_EMPTY, "no subscribers")

    with pytest.raises(CrmError):
        sync({}, Context())  # type: ignore[arg-type]
    return {path for line in stream.getvalue().splitlines() for path in paths(json.loads(line))}


def paths(record: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of all fields."""
    for name, value in record.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{name}.")


@pytest.fixture(scope="module")
def widgets(deployed: Any) -> list[dict[str, Any]]:
    """The dashboard's widgets."""
    body = deployed()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def of_type(widgets: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The properties of the widgets of one type."""
    return [each["properties"] for each in widgets if each["type"] == kind]


def named(properties: dict[str, Any]) -> list[tuple[Metric, dict[str, Any]]]:
    """The metrics that a widget names, with their options."""
    found = []
    for metric in properties["metrics"]:
        if isinstance(metric[0], str):
            namespace, name, dimension, value, *options = metric
            assert (dimension, value) in (SYNC, QUEUE), "two stacks must not be mixed"
            found.append(((namespace, name, frozenset({dimension})), options[0] if options else {}))
    return found


def expressions(properties: dict[str, Any]) -> list[str]:
    """The expressions of a widget."""
    return [metric[0]["expression"] for metric in properties["metrics"] if isinstance(metric[0], dict)]


# --- the dashboard ---------------------------------------------------------------------------------------------------


def test_the_dashboard_shows_every_alarm(deployed: Any, widgets: list[dict[str, Any]]) -> None:
    """The dashboard shows every alarm, and its name is told apart in every region."""
    resources = deployed()["Resources"]
    alarms = {f"{name}.Arn" for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    (shown,) = of_type(widgets, "alarm")

    assert set(shown["alarms"]) == alarms
    assert resources["Dashboard"]["Properties"]["DashboardName"] == "stack-eu-west-1"


def test_widgets_lie_in_24_columns_and_cover_nothing(widgets: list[dict[str, Any]]) -> None:
    """The widgets lie in 24 columns, cover each other nowhere, and each has a title or a text."""
    taken: set[tuple[int, int]] = set()
    for each in widgets:
        cells = set(
            itertools.product(range(each["x"], each["x"] + each["width"]), range(each["y"], each["y"] + each["height"]))
        )
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        assert each["properties"].get("title") or each["properties"].get("markdown")
        taken |= cells


def test_widgets_show_what_is_published(widgets: list[dict[str, Any]], emitted: dict[Metric, str]) -> None:
    """Each metric on the dashboard is published under exactly this namespace, name and set of dimensions."""
    shown = {metric for each in of_type(widgets, "metric") for metric, _ in named(each)}

    assert shown <= emitted.keys() | OF_AWS.keys()
    assert {metric for metric in emitted if metric[2] == {"FunctionName"}} <= shown, "what is paid for is shown"


def test_axes_carry_the_unit(widgets: list[dict[str, Any]], emitted: dict[Metric, str]) -> None:
    """The label of each axis is the unit of everything that is drawn on it."""
    for each in of_type(widgets, "metric"):
        drawn = {(emitted | OF_AWS)[metric] for metric, options in named(each) if options.get("visible", True)}
        if each.get("view") == "singleValue":
            assert drawn <= {"Count"}
        elif drawn:
            assert drawn == {each["yAxis"]["left"]["label"]}


def test_every_router_metric_is_searched(widgets: list[dict[str, Any]], emitted: dict[Metric, str]) -> None:
    """Each metric of routers is shown for each router, also for one that comes later; of this stack only."""
    searches = [text for each in of_type(widgets, "metric") for text in expressions(each) if text.startswith("SEARCH(")]
    schema = r"\{UnmsRosSync,FunctionName,Router\} FunctionName=\"SyncFunction\" MetricName=\"(\w+)\""
    pattern = rf"SEARCH\('{schema}', '(?:Sum|Maximum)', 300\)"
    found = [match[1] for text in searches if (match := re.fullmatch(pattern, text))]

    assert len(found) == len(searches)
    assert set(found) == {name for _, name, dimensions in emitted if dimensions == {"FunctionName", "Router"}}


def test_a_router_is_called_by_its_name(deployed: Any) -> None:
    """The legend of a search is the router's name; CloudFormation must leave that to CloudWatch."""
    body = deployed()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]

    assert body.count('"label": "${!PROP(\'Dim.Router\')}"') == body.count("SEARCH(") == 7


def test_expressions_are_complete(widgets: list[dict[str, Any]]) -> None:
    """A calculation uses only ids that its widget gives, and what it hides is used."""
    for each in of_type(widgets, "metric"):
        ids = {options["id"] for _, options in named(each) if "id" in options}
        used = {
            word
            for text in expressions(each)
            if not text.startswith("SEARCH(")
            for word in re.findall(r"[a-z]\w*", text)
        }
        assert used == ids


def test_the_limit_is_drawn(deployed: Any) -> None:
    """The time that a run takes is seen against its limit, whichever was chosen."""
    body = deployed(SyncTimeout="120")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    graphs = {each["properties"].get("title"): each["properties"] for each in json.loads(body)["widgets"]}
    seconds = graphs["Seconds of a run"]
    (percent,) = (each for title, each in graphs.items() if title and title.startswith("Percent of its time limit"))

    assert seconds["annotations"]["horizontal"][0]["value"] == 120
    assert expressions(percent) == ["took / (10 * 120)"]
    assert [each["value"] for each in percent["annotations"]["horizontal"]] == [70, 100]


def test_the_limit_of_coverage_is_drawn(deployed: Any) -> None:
    """Coverage is seen against the limit of its alarm, whichever was chosen; its lowest run counts."""
    body = deployed(CoverageAlarm="80")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    (coverage,) = (
        each for each in of_type(json.loads(body)["widgets"], "metric") if "Coverage" in str(each["metrics"])
    )

    assert coverage["annotations"]["horizontal"] == [{"label": "alarm below", "value": 80}]
    assert coverage["stat"] == "Minimum"
    assert coverage["yAxis"]["left"]["max"] == 100


def test_the_text_says_what_is_healthy(widgets: list[dict[str, Any]]) -> None:
    """The first thing on the dashboard says what a healthy picture looks like and where to go if it is not."""
    text = of_type(widgets, "text")[0]["markdown"]

    assert "**Healthy:**" in text
    assert "**Not healthy:**" in text
    assert "docs/operations.md" in text
    assert "log-groups/log-group/$252Faws$252Flambda$252FSyncFunction" in text


def test_the_first_advice_of_the_text_writes_nothing(widgets: list[dict[str, Any]]) -> None:
    """Where something is not healthy, the text first names `check` and `plan`; a bare event would be a whole run."""
    text = of_type(widgets, "text")[0]["markdown"].partition("**Not healthy:**")[2]

    assert re.findall(r"`(\w+)`", text)[:2] == ["check", "plan"]
    assert [json.loads(payload) for payload in re.findall(r"--payload '(.+?)'", text)] == [{"action": "check"}]
    assert re.findall("```\n(.*)\n```", text)[0].startswith("aws lambda invoke --region eu-west-1 ")


def test_the_widget_asks_at_every_refresh_and_ignores_the_time_shown(widgets: list[dict[str, Any]]) -> None:
    """The widget's function is asked at every refresh and has nothing to do with the time shown."""
    assert of_type(widgets, "custom") == [
        {
            "title": "The latest sync",
            "endpoint": "WidgetFunction.Arn",
            "updateOn": {"refresh": True, "resize": True, "timeRange": False},
        }
    ]


# --- alarms ----------------------------------------------------------------------------------------------------------


def alarms(deployed: Any) -> dict[str, dict[str, Any]]:
    """The properties of every alarm."""
    return {
        name: each["Properties"]
        for name, each in deployed()["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_alarms_watch_what_is_published(deployed: Any, emitted: dict[Metric, str]) -> None:
    """An alarm on a metric, dimensions or a unit that is not published never rings."""
    for alarm in alarms(deployed).values():
        dimensions = frozenset(each["Name"] for each in alarm["Dimensions"])
        unit = (emitted | OF_AWS)[alarm["Namespace"], alarm["MetricName"], dimensions]

        assert alarm.get("Unit", unit) == unit


def test_texts_of_alarms_are_short_enough(deployed: Any) -> None:
    """CloudWatch takes 1024 letters, also where every name is as long as AWS allows."""
    for name, alarm in alarms(deployed).items():
        text = alarm["AlarmDescription"]
        for short, longest in LONGEST.items():
            text = text.replace(short, longest)

        assert len(text) <= 1024, name


def test_texts_of_alarms_read_well_on_a_phone(deployed: Any) -> None:
    """First what happened, in two lines of a phone; then the remedy; a command stands on a line of its own."""
    for alarm in alarms(deployed).values():
        first, _, rest = alarm["AlarmDescription"].partition("\n\n")

        assert len(first) <= 160
        assert rest.startswith("Remedy: ")
        assert all(line.startswith("aws ") for line in rest.splitlines() if "aws " in line)
        assert "  " not in alarm["AlarmDescription"]


def test_the_first_advice_of_an_alarm_writes_nothing(deployed: Any) -> None:
    """Each remedy begins with a `check` or a `plan` and its command: a bare event would be a whole run."""
    for name, alarm in alarms(deployed).items():
        remedy = alarm["AlarmDescription"].partition("Remedy: ")[2]
        advice, command, *_ = remedy.splitlines()
        payload = re.fullmatch(r"aws lambda invoke .* --function-name SyncFunction .* --payload '(.+?)' .*", command)

        assert re.search("(?:A|a)sk for a (?:self-test|plan)", advice), name
        assert payload, name
        assert json.loads(payload[1]) in ({"action": "check"}, {"action": "plan"}), name


# --- queries ---------------------------------------------------------------------------------------------------------


def queries(deployed: Any, widgets: list[dict[str, Any]]) -> dict[str, str]:
    """Every query of Logs Insights: the saved ones and those of the dashboard."""
    resources = deployed()["Resources"]
    saved = {name: resources[name]["Properties"]["QueryString"] for name in QUERIES}
    return saved | {each["title"]: each["query"] for each in of_type(widgets, "log")}


def test_queries_use_fields_that_are_written(deployed: Any, widgets: list[dict[str, Any]], fields: set[str]) -> None:
    """A field with another name would show an empty column and filter everything away."""
    asked = queries(deployed, widgets)

    assert len(asked) == len(QUERIES) + 2
    for name, text in asked.items():
        words = re.sub(r'#.*|"[^"]*"|SOURCE \'[^\']*\'', "", text)
        used = set(re.findall(r"[a-z_]+(?:\.[a-z_]+)+", words)) | ({"router", "run_id"} & set(words.split()))

        assert used, name
        assert used <= fields, name


def test_queries_filter_by_messages_that_are_written(deployed: Any, widgets: list[dict[str, Any]]) -> None:
    """Every kind of record that a query looks for is written under that message."""
    source = "".join(
        Path(str(module.__file__)).read_text(encoding="utf-8") for module in (log_records, log_setup, import_report)
    )
    written = set(re.findall(r'logger\.\w+\("([^"]+)"', source))
    asked: set[str] = set()
    for text in queries(deployed, widgets).values():
        asked |= set(re.findall(r'(?<!_)message = "([^"]+)"', text))
        for several in re.findall(r"message in \[([^\]]+)\]", text):
            asked |= set(re.findall(r'"([^"]+)"', several))

    assert asked == {"change", "import", "problem", "response", "failed", "router failed"}
    assert asked <= written


def test_five_queries_are_saved_in_a_folder_of_the_stack(deployed: Any) -> None:
    """Five queries in a folder of the stack's name; a local AWS that does not know the type can do without."""
    resources = deployed()["Resources"]
    names = {resources[name]["Properties"]["Name"] for name in QUERIES}

    assert names == {
        "stack/everything about a subscriber",
        "stack/all changes of the last day",
        "stack/all failures by reason",
        "stack/problems by reason",
        "stack/slowest runs",
    }
    assert all("SyncLogGroup" in resources[name]["Properties"]["LogGroupNames"] for name in QUERIES)
    assert not set(QUERIES) & deployed(SavedQueries="false")["Resources"].keys()


# --- the widget's function -------------------------------------------------------------------------------------------


def test_the_widget_reads_the_log_and_has_no_vpc_no_secret_and_no_layer(deployed: Any) -> None:
    """The widget's function knows where the sync's log is, and has no layer, no VPC and no config secret."""
    inside = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1", ScheduleState="DISABLED", CoverageAlarm="70")[
        "Resources"
    ]
    properties = inside["WidgetFunction"]["Properties"]

    assert properties["Environment"] == {
        "Variables": {
            "SYNC_FUNCTION": "SyncFunction",
            "SYNC_TIMEOUT": "240",
            "SCHEDULE_STATE": "DISABLED",
            "COVERAGE_ALARM": "70",
        },
    }
    assert float(inside["LowCoverageAlarm"]["Properties"]["Threshold"]) == 70
    assert "VpcConfig" not in properties
    assert "Layers" not in properties
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Role"] == "WidgetRole.Arn"
    assert properties["LoggingConfig"] == {"LogFormat": "JSON"}
    assert "Layers" not in properties
    assert inside["WidgetLogGroup"]["Properties"] == {
        "LogGroupName": "/aws/lambda/WidgetFunction",
        "RetentionInDays": "90",
    }
