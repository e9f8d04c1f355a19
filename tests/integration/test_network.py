"""The network template deploys by itself; without its VPN and NAT, which the emulator does not have."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local_aws import environment
from lab.local_aws.emulator import Emulator
from lab.local_aws.environment import ROOT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

NAME = "unms-ros-sync-network"
BASE = {
    "CreateVpn": "false",
    "RouterNetwork": "10.0.0.0/16",
    "CrmNetwork": "192.0.2.10/32",
    "S3PrefixListId": "pl-6da54004",
}


def create(name: str, parameters: dict[str, str]) -> dict[str, str]:
    """The outputs of the stack with these parameters."""
    cloudformation = boto3.client("cloudformation")
    wanted: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
    ]
    body = (ROOT / "network.yaml").read_text(encoding="utf-8")
    cloudformation.create_stack(StackName=name, TemplateBody=body, Parameters=wanted)
    deadline = time.monotonic() + 30
    while True:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")
            return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def aws(emulator: Emulator) -> Iterator[None]:
    """The AWS clients of this test talk to the emulator."""
    with environment.pointed_at(emulator.endpoint):
        yield


@pytest.mark.usefixtures("aws")
def test_the_network_deploys_with_two_zones() -> None:
    """The outputs name two subnets in two zones and a security group of one network, where the endpoints are too."""
    outputs = create(NAME, BASE)
    ec2 = boto3.client("ec2")
    try:
        subnets = ec2.describe_subnets(SubnetIds=outputs["SubnetIds"].split(","))["Subnets"]
        (group,) = ec2.describe_security_groups(GroupIds=outputs["SecurityGroupIds"].split(","))["SecurityGroups"]
        endpoints: list[Any] = ec2.describe_vpc_endpoints(
            Filters=[{"Name": "vpc-id", "Values": [group["VpcId"]]}],
        )["VpcEndpoints"]

        assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
        assert {subnet["VpcId"] for subnet in subnets} == {group["VpcId"]}
        assert group["IpPermissions"] == []
        assert {endpoint["ServiceName"]: endpoint["VpcEndpointType"] for endpoint in endpoints} == {
            "com.amazonaws.eu-west-1.secretsmanager": "Interface",
            "com.amazonaws.eu-west-1.s3": "Gateway",
        }
    finally:
        boto3.client("cloudformation").delete_stack(StackName=NAME)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({**BASE, "CrmNetwork": ""}, "Without CreateNat, CrmNetwork must say where the CRM is"),
        ({**BASE, "RouterNetwork": "10.0.0.1"}, "RouterNetwork.* must be an IPv4 network such as 10.0.0.0/16"),
        ({**BASE, "S3PrefixListId": "s3"}, "S3PrefixListId.* must be the id of AWS' prefix list for S3"),
        ({**BASE, "VpcCidr": "10.80.0.0/28"}, "VpcCidr.* must be a private IPv4 network from /16 to /24"),
    ],
)
def test_bad_parameters_are_refused_before_anything_is_made(parameters: dict[str, str], sentence: str) -> None:
    """What cannot work is refused in words before anything is made."""
    with pytest.raises(ClientError, match=sentence):
        create("refused", parameters)
