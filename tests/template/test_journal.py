"""The journal bucket: what its policy refuses, how it encrypts, and how long it keeps an object."""

from typing import Any

import pytest

KEPT_DAYS = {"passwords/": "30", "rates/": "30", "plans/": 10, "day/": 3, "wakes/": 1, "holds/": 31}
OBJECTS = "JournalBucket.Arn/*"


def rules(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of the bucket's lifecycle."""
    found: list[dict[str, Any]] = template["Resources"]["JournalBucket"]["Properties"]["LifecycleConfiguration"][
        "Rules"
    ]
    return found


def refusals(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The statements of the bucket's policy by name. Each refuses, and refuses everybody."""
    statements = template["Resources"]["JournalBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert {(each["Effect"], each["Principal"]) for each in statements} == {("Deny", "*")}
    return {each["Sid"]: each for each in statements}


def test_every_prefix_is_deleted_after_its_days(deployed: Any) -> None:
    """An object expires after the days of its prefix, and a version that is no longer current one day later."""
    by_prefix = {rule["Prefix"]: rule for rule in rules(deployed()) if "Prefix" in rule}

    assert {prefix: rule["ExpirationInDays"] for prefix, rule in by_prefix.items()} == KEPT_DAYS
    assert {str(rule["NoncurrentVersionExpiration"]) for rule in by_prefix.values()} == {"{'NoncurrentDays': 1}"}
    assert {rule["Status"] for rule in rules(deployed())} == {"Enabled"}


def test_the_operator_says_how_long_passwords_are_kept(deployed: Any) -> None:
    """JournalDays sets the days of the passwords and of the rate limits, and of nothing else."""
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules(deployed(JournalDays="7")) if "Prefix" in rule}

    assert days == {**KEPT_DAYS, "passwords/": "7", "rates/": "7"}


def test_delete_markers_and_unfinished_uploads_are_removed(deployed: Any) -> None:
    """Delete markers have a rule of their own, as S3 demands; unfinished uploads are ended after a day."""
    without_prefix = [rule for rule in rules(deployed()) if "Prefix" not in rule]

    assert without_prefix == [
        {"Id": "delete-markers", "Status": "Enabled", "ExpiredObjectDeleteMarker": True},
        {
            "Id": "unfinished-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    ]


def test_the_bucket_is_private_versioned_and_encrypted(deployed: Any) -> None:
    """The bucket is versioned, has no public access and no ACLs, and encrypts under a key of the stack."""
    properties = deployed()["Resources"]["JournalBucket"]["Properties"]
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert encryption == {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "JournalKey.Arn"},
        "BucketKeyEnabled": True,
    }


def test_nothing_is_done_without_tls(deployed: Any) -> None:
    """The bucket refuses every request without TLS."""
    refused = refusals(deployed())["TlsOnly"]

    assert refused["Action"] == "s3:*"
    assert refused["Resource"] == ["JournalBucket.Arn", OBJECTS]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("sid", "header", "wanted"),
    [
        ("NoOtherAlgorithm", "x-amz-server-side-encryption", "aws:kms"),
        ("NoOtherKey", "x-amz-server-side-encryption-aws-kms-key-id", "JournalKey.Arn"),
        ("NoKeyOfTheCaller", "x-amz-server-side-encryption-customer-algorithm", None),
    ],
)
def test_another_encryption_is_refused(deployed: Any, sid: str, header: str, wanted: str | None) -> None:
    """A put that names another encryption is refused; one that names none gets the bucket's own."""
    refused = refusals(deployed())[sid]
    named = {"Null": {f"s3:{header}": "false"}}
    other = {"StringNotEquals": {f"s3:{header}": wanted}} if wanted else {}

    assert (refused["Action"], refused["Resource"]) == ("s3:PutObject", OBJECTS)
    assert refused["Condition"] == {**named, **other}


def test_a_kept_password_cannot_be_overwritten(deployed: Any) -> None:
    """A put below passwords/ without If-None-Match is refused, and only there."""
    refused = refusals(deployed())["NeverOverwritePasswords"]

    assert refused["Action"] == "s3:PutObject"
    assert refused["Resource"] == "JournalBucket.Arn/passwords/*"
    assert refused["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert len(refusals(deployed())) == 5


def test_the_key_is_used_through_s3_alone(deployed: Any) -> None:
    """The key rotates. The account's IAM policies decide who may use it, and nobody may but through S3."""
    key = deployed()["Resources"]["JournalKey"]["Properties"]
    account, refused = key["KeyPolicy"]["Statement"]

    assert key["EnableKeyRotation"] is True
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert refused["Effect"] == "Deny"
    assert {"kms:Decrypt", "kms:Encrypt"} <= set(refused["Action"])
    assert refused["Condition"] == {"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}


@pytest.mark.parametrize("name", ["JournalBucket", "JournalKey"])
def test_the_journal_outlives_the_stack(deployed: Any, name: str) -> None:
    """Bucket and key stay when the stack goes; a first deployment that fails leaves neither."""
    resource = deployed()["Resources"][name]

    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_tells_notify_of_plans_alone(deployed: Any) -> None:
    """A put below plans/ that ends in .json invokes notify, and nothing else of the bucket does."""
    properties = deployed()["Resources"]["JournalBucket"]["Properties"]

    assert properties["NotificationConfiguration"] == {
        "LambdaConfigurations": [
            {
                "Event": "s3:ObjectCreated:Put",
                "Function": "NotifyFunction.Arn",
                "Filter": {
                    "S3Key": {"Rules": [{"Name": "prefix", "Value": "plans/"}, {"Name": "suffix", "Value": ".json"}]}
                },
            }
        ]
    }


def test_the_permission_stands_before_the_bucket(deployed: Any) -> None:
    """S3 of this account alone may invoke notify. The bucket waits for that, for S3 asks; the permission names none."""
    resources = deployed()["Resources"]

    assert resources["NotifyPermission"]["Properties"] == {
        "FunctionName": "NotifyFunction",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": "123456789012",
    }
    assert resources["JournalBucket"]["DependsOn"] == "NotifyPermission"


def test_bucket_and_function_make_no_circle(deployed: Any) -> None:
    """Neither the function nor its role nor its permission names the bucket, which needs all three first."""
    resources = deployed()["Resources"]

    for name in ("NotifyFunction", "NotifyRole", "NotifyPermission"):
        assert "Journal" not in str(resources[name]["Properties"])


def test_the_journal_can_be_left_out(deployed: Any) -> None:
    """With Journal=false there is no bucket, no key, no output and no notify; the functions get an empty name."""
    template = deployed(Journal="false")

    assert [name for name in template["Resources"] if "Journal" in name] == ["JournalFailuresAlarm"]
    assert [name for name in template["Resources"] if name.startswith("Notify")] == []
    assert "JournalBucketName" not in template["Outputs"]
    for function in ("SyncFunction", "PassImportFunction"):
        assert template["Resources"][function]["Properties"]["Environment"]["Variables"]["JOURNAL_BUCKET"] == ""


def test_the_widget_does_not_know_the_journal(deployed: Any) -> None:
    """The widget gets neither the bucket's name nor a right on it."""
    resources = deployed()["Resources"]

    assert "Journal" not in str(resources["WidgetFunction"])
    assert "Journal" not in str(resources["WidgetRole"])
