"""The commands of the local AWS: `python -m lab.local_aws build`, `up --port N`, `down --port N`."""

import argparse
import os
import shlex
import sys

from lab.local_aws import environment, running
from lab.local_aws.build import BuildError, build
from lab.local_aws.emulator import EmulatorError, EmulatorProcess
from lab.local_aws.stack import STACK_NAME, DeployError, Stack

_FAULTS = (BuildError, DeployError, EmulatorError, running.AlreadyRunningError)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit code is 0 if it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m lab.local_aws", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the functions and the layer for this machine")
    for name, meaning in (("up", "start a local AWS and deploy the stack"), ("down", "end it")):
        commands.add_parser(name, help=meaning).add_argument("--port", type=int, default=4566)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "build":
            _say(f"Built: {os.path.relpath(build())}")
        elif chosen.command == "up":
            _say(f"Starting a local AWS on port {chosen.port}; the first build takes about ten seconds.")
            _say(_introduction(*running.up(chosen.port)))
        elif running.down(chosen.port):
            _say(f"The local AWS on port {chosen.port} has ended.")
        else:
            _say(f"No local AWS runs on port {chosen.port}.")
    except _FAULTS as fault:
        _say(str(fault), error=True)
        return 1
    return 0


def _introduction(process: EmulatorProcess, stack: Stack) -> str:
    exports = "\n".join(
        f"  export {name}={shlex.quote(value)}" for name, value in environment.for_clients(process.endpoint).items()
    )
    invoke = "aws lambda invoke --cli-binary-format raw-in-base64-out --cli-read-timeout 900 --function-name"
    return f"""
Stack {STACK_NAME} in {environment.REGION} at {process.endpoint}, schedule disabled, IAM enforced:

  SyncFunctionName        {stack.sync_function}
  PassImportFunctionName  {stack.pass_import_function}
  WidgetFunctionName      {stack.widget_function}
  ConfigSecretArn         {stack.config_secret_arn}
  DashboardName           {stack.dashboard}
  AlarmTopicArn           {stack.alarm_topic_arn}
  DeadLetterQueueUrl      {stack.dead_letter_queue_url}
  JournalBucketName       {stack.journal_bucket}

Point any AWS client at it:

  unset AWS_PROFILE AWS_SESSION_TOKEN
{exports}

Put your configuration in (AWS CLI 2), then ask:

  aws secretsmanager put-secret-value --secret-id {stack.config_secret_arn} --secret-string file://config.json
  .venv/bin/python -m pppctl check      # then: plan, sync, explain, approve, import
  {invoke} {stack.sync_function} --payload '{{"action": "plan"}}' answer.json; cat answer.json
  {invoke} {stack.pass_import_function} --payload '{{"dry_run": true}}' answer.json; cat answer.json
  aws logs filter-log-events --log-group-name /aws/lambda/{stack.sync_function}

End it: make local-down PORT={process.port}
It is an emulator: no VPC, no memory limit, no alarms are judged, log lines do not become metrics, and the journal
neither expires nor is encrypted."""


def _say(text: str, *, error: bool = False) -> None:
    print(text, file=sys.stderr if error else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
