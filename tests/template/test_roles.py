"""Each role allows exactly what its function does."""

from collections.abc import Iterator
from typing import Any

import pytest

FUNCTIONS = {"SyncRole": "stack-sync", "PassImportRole": "stack-pass-import"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/a-key"
BUCKET = "JournalBucket.Arn"
EXISTING_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mine-AbCdEf"

JOURNAL = {
    "stack-sync": {
        ("s3:ListBucket", BUCKET),
        *(("s3:PutObject", f"{BUCKET}/{prefix}/*") for prefix in ("passwords", "rates", "day", "plans", "holds")),
        ("s3:GetObject", f"{BUCKET}/plans/*"),
        ("s3:GetObject", f"{BUCKET}/holds/*"),
        ("s3:DeleteObject", f"{BUCKET}/holds/*"),
        ("kms:GenerateDataKey", "JournalKey.Arn"),
        ("kms:Decrypt", "JournalKey.Arn"),
    },
    "stack-pass-import": {
        ("s3:ListBucket", BUCKET),
        ("s3:GetObject", f"{BUCKET}/passwords/*"),
        ("kms:Decrypt", "JournalKey.Arn"),
    },
}

# Neither has a resource that could be named: X-Ray by its design, network interfaces because Lambda makes them.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}


def granted(role: dict[str, Any]) -> set[tuple[str, str]]:
    """Every (action, resource) that the role's policies allow."""
    return {
        (action, resource)
        for statement in statements(role)
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def statements(role: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of all policies of the role."""
    for policy in role["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: str | list[str]) -> list[str]:
    """IAM writes a list of one as a string."""
    return value if isinstance(value, list) else [value]


def what_a_function_needs(name: str, secret: str = "ConfigSecret.Id") -> set[tuple[str, str]]:
    """Write its own log, read its configuration, report its failure, send its trace, keep or read the journal."""
    log_group = f"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/{name}:*"
    return {
        ("logs:CreateLogStream", log_group),
        ("logs:PutLogEvents", log_group),
        ("secretsmanager:GetSecretValue", secret),
        ("sqs:SendMessage", "DeadLetterQueue.Arn"),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
        *JOURNAL.get(name, ()),
    }


@pytest.mark.parametrize(("role", "function"), FUNCTIONS.items())
def test_a_function_may_do_its_work_and_nothing_else(deployed: Any, role: str, function: str) -> None:
    """A function may do what it does and nothing else; no policy of AWS's own is attached."""
    resources = deployed()["Resources"]

    assert granted(resources[role]) == what_a_function_needs(function)
    assert "ManagedPolicyArns" not in resources[role]["Properties"]


@pytest.mark.parametrize(("role", "function"), FUNCTIONS.items())
def test_an_existing_secret_is_the_one_that_is_read(deployed: Any, role: str, function: str) -> None:
    """A secret that exists already is the one secret that the role may read, and none is created."""
    resources = deployed(ExistingConfigSecretArn=EXISTING_SECRET)["Resources"]

    assert granted(resources[role]) == what_a_function_needs(function, EXISTING_SECRET)
    assert "ConfigSecret" not in resources


@pytest.mark.parametrize(("role", "function"), FUNCTIONS.items())
def test_the_key_is_for_decryption_through_secrets_manager_only(deployed: Any, role: str, function: str) -> None:
    """The key of the config secret may be used for decryption, and through Secrets Manager only."""
    resources = deployed(ConfigSecretKmsKeyArn=KEY)["Resources"]
    (decrypt,) = (each for each in statements(resources[role]) if each["Resource"] == KEY)

    assert granted(resources[role]) == what_a_function_needs(function) | {("kms:Decrypt", KEY)}
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}
    assert resources["ConfigSecret"]["Properties"]["KmsKeyId"] == KEY


@pytest.mark.parametrize(("role", "function"), FUNCTIONS.items())
def test_lambda_handles_network_interfaces_and_the_function_does_not(deployed: Any, role: str, function: str) -> None:
    """In a VPC Lambda may handle network interfaces for the function, and the function's own code may not."""
    resources = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1")["Resources"]
    interfaces = {(action, "*") for action in WITHOUT_RESOURCE if action.startswith("ec2:")}
    (denied,) = (each for each in statements(resources[role]) if each["Action"] == "ec2:*")

    assert granted(resources[role]) == what_a_function_needs(function) | interfaces
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {
        "ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:stack-*"},
    }


@pytest.mark.parametrize(("role", "function"), FUNCTIONS.items())
def test_without_a_journal_no_role_reaches_a_bucket(deployed: Any, role: str, function: str) -> None:
    """With Journal=false a function has the other rights alone: none on a bucket or a key."""
    resources = deployed(Journal="false")["Resources"]

    assert granted(resources[role]) == what_a_function_needs(function) - JOURNAL[function]
    assert "Journal" not in str(resources[role])


@pytest.mark.parametrize(
    ("role", "prefixes"),
    [("SyncRole", ["day/*", "plans/*", "holds/*"]), ("PassImportRole", ["passwords/*"])],
)
def test_a_function_lists_its_own_prefixes_alone(deployed: Any, role: str, prefixes: list[str]) -> None:
    """The sync lists days, plans and holds, the import passwords; neither can list the whole bucket."""
    resources = deployed()["Resources"]
    (listing,) = (each for each in statements(resources[role]) if each["Action"] == "s3:ListBucket")

    assert listed(listing["Condition"]["StringLike"]["s3:prefix"]) == prefixes
    assert set(listing["Condition"]) == {"StringLike"}


def test_sync_is_refused_the_passwords_whatever_else_it_is_allowed(deployed: Any) -> None:
    """A deny keeps the sync from every kept password, so that a policy attached later does not let it in."""
    role = deployed()["Resources"]["SyncRole"]
    denied = [each for each in statements(role) if each["Effect"] == "Deny"]

    assert denied == [{"Effect": "Deny", "Action": "s3:GetObject*", "Resource": f"{BUCKET}/passwords/*"}]


@pytest.mark.parametrize(
    ("role", "actions"),
    [("SyncRole", ["kms:GenerateDataKey", "kms:Decrypt"]), ("PassImportRole", ["kms:Decrypt"])],
)
def test_the_key_of_the_journal_is_used_through_its_bucket_alone(deployed: Any, role: str, actions: list[str]) -> None:
    """A function uses the key through S3 and for the journal bucket; the import cannot encrypt."""
    resources = deployed()["Resources"]
    (use,) = (each for each in statements(resources[role]) if each["Resource"] == "JournalKey.Arn")

    assert listed(use["Action"]) == actions
    assert use["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": BUCKET},
    }


def test_the_widget_may_read_the_log_of_sync_alone(deployed: Any) -> None:
    """The widget may read the log of the sync and write its own: no configuration, no invocation, no VPC."""
    everything = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1", ConfigSecretKmsKeyArn=KEY)["Resources"]
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/stack"

    assert granted(everything["WidgetRole"]) == {
        ("logs:CreateLogStream", f"{group}-widget:*"),
        ("logs:PutLogEvents", f"{group}-widget:*"),
        ("logs:FilterLogEvents", f"{group}-sync"),
        ("logs:FilterLogEvents", f"{group}-sync:*"),
    }


def test_notify_may_read_plans_and_publish(deployed: Any) -> None:
    """G15: notify reads plans and publishes to the alarm topic. It reads no password, writes nothing, has no VPC."""
    everything = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1", ConfigSecretKmsKeyArn=KEY)["Resources"]
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/stack-notify:*"
    journal = everything["NotifyJournalPolicy"]["Properties"]

    assert granted(everything["NotifyRole"]) == {
        ("logs:CreateLogStream", group),
        ("logs:PutLogEvents", group),
        ("sqs:SendMessage", "DeadLetterQueue.Arn"),
        ("sns:Publish", "AlarmTopic"),
        ("kms:Decrypt", "AlarmKey.Arn"),
        ("kms:GenerateDataKey", "AlarmKey.Arn"),
    }
    assert journal["Roles"] == ["NotifyRole"]
    assert granted({"Properties": {"Policies": [journal]}}) == {
        ("s3:GetObject", f"{BUCKET}/plans/*"),
        ("kms:Decrypt", "JournalKey.Arn"),
    }


def test_notify_uses_each_key_through_its_service_alone(deployed: Any) -> None:
    """Notify uses the key of the topic through SNS, and that of the journal through S3 and for the bucket."""
    resources = deployed()["Resources"]
    (topic,) = (each for each in statements(resources["NotifyRole"]) if each["Resource"] == "AlarmKey.Arn")
    _, journal = resources["NotifyJournalPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert topic["Condition"] == {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}}
    assert journal["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": BUCKET},
    }


def test_the_topics_key_lets_the_roles_of_the_account_in(deployed: Any) -> None:
    """The key of the topic leaves it to IAM who may use it: else no notice could be encrypted."""
    statement = deployed()["Resources"]["AlarmKey"]["Properties"]["KeyPolicy"]["Statement"][0]

    assert (statement["Effect"], statement["Action"]) == ("Allow", "kms:*")
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert "Condition" not in statement


def test_the_schedule_may_invoke_sync_alone(deployed: Any) -> None:
    """The schedule may invoke the sync and report that it could not; only this account's schedules may use the role."""
    role = deployed()["Resources"]["ScheduleRole"]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]

    assert granted(role) == {
        ("lambda:InvokeFunction", "SyncFunction.Arn"),
        ("sqs:SendMessage", "DeadLetterQueue.Arn"),
    }
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_each_function_has_its_own_role(deployed: Any) -> None:
    """There are five roles, each used once, each assumed by one service only."""
    resources = deployed()["Resources"]
    roles = {name for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}

    assert roles == {"SyncRole", "PassImportRole", "WidgetRole", "NotifyRole", "ScheduleRole"}
    assert resources["SyncFunction"]["Properties"]["Role"] == "SyncRole.Arn"
    assert resources["PassImportFunction"]["Properties"]["Role"] == "PassImportRole.Arn"
    assert resources["WidgetFunction"]["Properties"]["Role"] == "WidgetRole.Arn"
    assert resources["NotifyFunction"]["Properties"]["Role"] == "NotifyRole.Arn"
    assert resources["SyncSchedule"]["Properties"]["Target"]["RoleArn"] == "ScheduleRole.Arn"
    for role in (*FUNCTIONS, "WidgetRole", "NotifyRole"):
        (trust,) = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_no_role_allows_a_whole_family_of_actions(deployed: Any) -> None:
    """No role allows a whole family of actions, and `*` as a resource stands only where AWS knows no name."""
    everything = deployed(SubnetIds="subnet-1", SecurityGroupIds="sg-1", ConfigSecretKmsKeyArn=KEY)["Resources"]
    all_granted = set().union(*(granted(each) for each in everything.values() if each["Type"] == "AWS::IAM::Role"))

    assert not [action for action, _ in all_granted if "*" in action]
    assert {action for action, resource in all_granted if resource == "*"} == WITHOUT_RESOURCE
