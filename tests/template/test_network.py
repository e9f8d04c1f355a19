"""The network template: who may talk to whom, what is made only if it is asked for, and what the main stack gets."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws.environment import ROOT

BASE = {"RouterNetwork": "10.0.0.0/16", "CrmNetwork": "192.0.2.10/32", "CustomerGatewayAddress": "203.0.113.5"}
ALWAYS = {
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::VPCEndpoint",
}
FOR_VPN = {
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::VPNGateway",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPNConnection",
    "AWS::EC2::VPNConnectionRoute",
    "AWS::EC2::VPNGatewayRoutePropagation",
}
FOR_NAT = {
    "AWS::EC2::InternetGateway",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::Route",
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
}


def types(template: dict[str, Any]) -> set[str]:
    """The types of all resources that are made."""
    return {each["Type"] for each in template["Resources"].values()}


def egress(template: dict[str, Any]) -> set[tuple[str, str]]:
    """(port, destination) of every connection that the functions may open; anything but TCP to one port is a fault."""
    rules = template["Resources"]["FunctionSecurityGroup"]["Properties"]["SecurityGroupEgress"]
    assert all(str(rule["FromPort"]) == str(rule["ToPort"]) and rule["IpProtocol"] == "tcp" for rule in rules)
    destinations = ("CidrIp", "DestinationSecurityGroupId", "DestinationPrefixListId")
    return {(str(rule["FromPort"]), next(rule[name] for name in destinations if name in rule)) for rule in rules}


def vpn_destinations(template: dict[str, Any]) -> list[str]:
    """The networks that are routed into the VPN, sorted."""
    return sorted(
        each["Properties"]["DestinationCidrBlock"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::EC2::VPNConnectionRoute"
    )


def test_outputs_are_parameters_of_the_main_stack(network: Any, deployed: Any) -> None:
    """The outputs have the names of the main stack's parameters, and there are no others."""
    outputs = {name: each["Value"] for name, each in network(**BASE)["Outputs"].items()}

    assert outputs == {
        "SubnetIds": "PrivateSubnet1,PrivateSubnet2",
        "SecurityGroupIds": "FunctionSecurityGroup.GroupId",
    }
    assert outputs.keys() <= deployed()["Parameters"].keys()


def test_only_what_is_needed_is_required(network: Any) -> None:
    """The one parameter without a default is the network of the routers; every parameter is explained."""
    parameters = network(**BASE)["Parameters"]

    assert [name for name, each in parameters.items() if "Default" not in each] == ["RouterNetwork"]
    assert [name for name, each in parameters.items() if len(each["Description"]) < 20] == []


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "VpcCidr",
            ["10.80.0.0/24", "10.0.0.0/16", "172.16.0.0/20", "192.168.250.0/24"],
            [
                "10.80.0.0/25",
                "10.0.0.0/8",
                "11.0.0.0/24",
                "172.32.0.0/24",
                "192.169.0.0/24",
                "10.80.0/24",
                "",
                "10.256.0.0/24",
            ],
        ),
        (
            "RouterNetwork",
            ["10.0.0.0/8", "10.0.0.1/32", "100.64.0.0/10", "198.51.100.0/24"],
            ["", "10.0.0.1", "0.0.0.0/0", "10.0.0.0/7", "10/0/0/0/16", "10.0.0.300/32", "10.0.0.0/33", "10.0.0.0/16 "],
        ),
        ("RouterNetwork2", ["", "10.1.0.0/16"], ["10.1.0.0", "0.0.0.0/0"]),
        ("RouterNetwork3", ["", "10.1.0.0/16"], ["10.1.0.0", "0.0.0.0/0"]),
        ("CrmNetwork", ["", "192.0.2.10/32"], ["crm.example.com", "192.0.2.10", "0.0.0.0/0"]),
        (
            "CustomerGatewayAddress",
            ["", "203.0.113.5"],
            ["203.0.113", "203.0.113.5/32", "203.0.113.256", "router.example"],
        ),
        (
            "ConfigSecretArn",
            ["", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ConfigSecret-a-AbCdEf"],
            ["ConfigSecret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"],
        ),
        (
            "S3PrefixListId",
            ["", "pl-6da54004", "pl-0123456789abcdef0"],
            ["com.amazonaws.eu-west-1.s3", "pl-", "sg-6da54004"],
        ),
        ("JournalBucketName", ["", "unms-ros-sync-journalbucket-abc123"], ["*", "arn:aws:s3:::mine", "Mine", "a"]),
    ],
)
def test_parameters_are_checked(network: Any, parameter: str, good: list[str], bad: list[str]) -> None:
    """A mistyped network is refused before anything is made."""
    pattern = re.compile(network(**BASE)["Parameters"][parameter]["AllowedPattern"])

    assert [value for value in good if not pattern.search(value)] == []
    assert [value for value in bad if pattern.search(value)] == []


def test_functions_reach_only_routers_crm_and_endpoints(network: Any) -> None:
    """Nothing reaches the functions; they reach the API of the routers, the CRM and the endpoints of AWS."""
    template = network(**BASE, RouterNetwork2="10.1.0.0/16", RouterNetwork3="10.2.0.1/32")

    assert egress(template) == {
        ("8729", "10.0.0.0/16"),
        ("8729", "10.1.0.0/16"),
        ("8729", "10.2.0.1/32"),
        ("443", "192.0.2.10/32"),
        ("443", "EndpointSecurityGroup.GroupId"),
    }
    assert "SecurityGroupIngress" not in template["Resources"]["FunctionSecurityGroup"]["Properties"]


def test_ports_are_the_operators(network: Any) -> None:
    """The routers' port and the CRM's are parameters."""
    chosen = egress(network(**BASE, RouterApiPort="18729", CrmPort="8443"))

    assert chosen == {("18729", "10.0.0.0/16"), ("8443", "192.0.2.10/32"), ("443", "EndpointSecurityGroup.GroupId")}


def test_s3_is_reached_at_its_own_addresses_alone(network: Any) -> None:
    """With the list of S3's addresses the functions reach S3 over HTTPS; without it they do not."""
    without, reached = egress(network(**BASE)), egress(network(**BASE, S3PrefixListId="pl-6da54004"))

    assert reached - without == {("443", "pl-6da54004")}
    assert without < reached


def test_endpoints_are_reached_by_the_functions_alone(network: Any) -> None:
    """HTTPS from the two private subnets, and not a single connection from the endpoints."""
    properties = network(**BASE)["Resources"]["EndpointSecurityGroup"]["Properties"]
    subnets = {network(**BASE)["Resources"][f"PrivateSubnet{n}"]["Properties"]["CidrBlock"] for n in (1, 2)}

    assert {rule["CidrIp"] for rule in properties["SecurityGroupIngress"]} == subnets
    assert {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in properties["SecurityGroupIngress"]} == {
        ("tcp", 443, 443),
    }
    assert [rule["CidrIp"] for rule in properties["SecurityGroupEgress"]] == ["127.0.0.1/32"]


@pytest.mark.parametrize("vpn", ["true", "false"])
def test_no_way_to_the_internet_unless_asked_for(network: Any, vpn: str) -> None:
    """Without a NAT gateway nothing names the whole internet: no route, no rule."""
    template = network(**BASE, CreateVpn=vpn)

    assert "0.0.0.0/0" not in str(template["Resources"])
    assert types(template).isdisjoint(FOR_NAT - FOR_VPN)


def test_the_nat_gateway_is_in_a_public_subnet_without_functions(network: Any) -> None:
    """One NAT gateway, in a public subnet where no function runs; the CRM at any address, or at the given one."""
    anywhere = network(**{**BASE, "CrmNetwork": ""}, CreateNat="true")
    resources = anywhere["Resources"]
    narrowed = network(**BASE, CreateNat="true")

    assert types(anywhere) == ALWAYS | FOR_VPN | FOR_NAT
    assert ("443", "0.0.0.0/0") in egress(anywhere)
    assert ("443", "0.0.0.0/0") not in egress(narrowed)
    assert ("443", "192.0.2.10/32") in egress(narrowed)
    assert resources["PrivateRoute"]["Properties"]["NatGatewayId"] == "NatGateway"
    assert resources["NatGateway"]["Properties"]["SubnetId"] == "PublicSubnet"
    assert resources["PublicRoute"]["Properties"]["GatewayId"] == "InternetGateway"
    assert "PublicSubnet" not in anywhere["Outputs"]["SubnetIds"]["Value"]


def test_two_private_subnets_lie_in_two_zones(network: Any) -> None:
    """Two private subnets in two zones, with one table of routes, inside the network whatever its size."""
    for block in ("10.80.0.0/24", "10.80.0.0/16"):
        resources = network(**BASE, VpcCidr=block, CreateNat="true")["Resources"]
        subnets = {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::EC2::Subnet"}

        assert {name: (each["CidrBlock"], each["AvailabilityZone"]) for name, each in subnets.items()} == {
            "PrivateSubnet1": ("10.80.0.0/26", "zone-1"),
            "PrivateSubnet2": ("10.80.0.64/26", "zone-2"),
            "PublicSubnet": ("10.80.0.128/26", "zone-1"),
        }
        assert resources["PrivateSubnet1Routes"]["Properties"]["RouteTableId"] == "PrivateRouteTable"
        assert resources["PrivateSubnet2Routes"]["Properties"]["RouteTableId"] == "PrivateRouteTable"
        assert not any("MapPublicIpOnLaunch" in each for each in subnets.values())


def test_vpn_is_optional(network: Any) -> None:
    """Without it, nothing of it is made, and nothing else changes."""
    assert types(network(**BASE)) == ALWAYS | FOR_VPN
    assert types(network(**BASE, CreateVpn="false")) == ALWAYS


def test_the_vpn_leads_to_routers_and_a_private_crm(network: Any) -> None:
    """The VPN leads to the routers and to a CRM that is not on the internet; a network is not routed twice."""
    second, third = {"RouterNetwork2": "10.1.0.0/16"}, {"RouterNetwork3": "10.2.0.0/16"}

    assert vpn_destinations(network(**BASE)) == ["10.0.0.0/16", "192.0.2.10/32"]
    assert vpn_destinations(network(**BASE, **second, **third)) == [
        "10.0.0.0/16",
        "10.1.0.0/16",
        "10.2.0.0/16",
        "192.0.2.10/32",
    ]
    assert vpn_destinations(network(**BASE, CreateNat="true")) == ["10.0.0.0/16"]
    crm_beside_routers = [{**BASE, "CrmNetwork": "10.0.0.0/16"}, {**BASE, **second, "CrmNetwork": "10.1.0.0/16"}]
    crm_beside_routers.append({**BASE, **third, "CrmNetwork": "10.2.0.0/16"})
    for parameters in crm_beside_routers:
        destinations = vpn_destinations(network(**parameters))
        assert len(destinations) == len(set(destinations))


def test_both_tunnels_use_strong_ciphers_and_show_no_key(network: Any) -> None:
    """Both tunnels: IKEv2, AES-256, SHA-256, group 14, brought up by AWS; no key stands in the template."""
    resources = network(**BASE)["Resources"]
    connection = resources["VpnConnection"]["Properties"]
    first, second = connection["VpnTunnelOptionsSpecifications"]

    assert first == second
    assert first == {
        "IKEVersions": [{"Value": "ikev2"}],
        "Phase1EncryptionAlgorithms": [{"Value": "AES256"}],
        "Phase1IntegrityAlgorithms": [{"Value": "SHA2-256"}],
        "Phase1DHGroupNumbers": [{"Value": 14}],
        "Phase2EncryptionAlgorithms": [{"Value": "AES256"}],
        "Phase2IntegrityAlgorithms": [{"Value": "SHA2-256"}],
        "Phase2DHGroupNumbers": [{"Value": 14}],
        "StartupAction": "start",
        "DPDTimeoutAction": "restart",
    }
    assert connection["StaticRoutesOnly"] is True
    assert connection["RemoteIpv4NetworkCidr"] == "10.80.0.0/24"
    assert resources["CustomerGateway"]["Properties"]["IpAddress"] == "203.0.113.5"
    assert resources["VpnRoutePropagation"]["Properties"]["RouteTableIds"] == ["PrivateRouteTable"]


def endpoint_statement(template: dict[str, Any], name: str) -> dict[str, Any]:
    """The one statement of an endpoint's policy."""
    (statement,) = template["Resources"][name]["Properties"]["PolicyDocument"]["Statement"]
    return dict(statement)


def test_secrets_endpoint_passes_reading_a_secret_only(network: Any) -> None:
    """Through the endpoint this account's principals read secrets, of this account or the named one, and do no more."""
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ConfigSecret-a-AbCdEf"

    assert endpoint_statement(network(**BASE), "SecretsManagerEndpoint") == {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
    }
    assert endpoint_statement(network(**BASE, ConfigSecretArn=arn), "SecretsManagerEndpoint")["Resource"] == arn


def test_s3_endpoint_passes_the_journal_only(network: Any) -> None:
    """Through the endpoint this account's principals use objects of its own buckets or of the named one."""
    named = network(**BASE, JournalBucketName="the-journal")

    assert endpoint_statement(network(**BASE), "S3Endpoint") == {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        "Resource": "arn:aws:s3:::*",
        "Condition": {
            "StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:ResourceAccount": "123456789012"},
        },
    }
    assert endpoint_statement(named, "S3Endpoint")["Resource"] == [
        "arn:aws:s3:::the-journal",
        "arn:aws:s3:::the-journal/*",
    ]


def test_s3_endpoint_costs_nothing(network: Any) -> None:
    """S3 has a gateway on the private routes, which is free; KMS has no endpoint, for S3 calls it itself."""
    resources = network(**BASE, CreateXRayEndpoint="true")["Resources"]
    interfaces = {
        name
        for name, each in resources.items()
        if each["Type"] == "AWS::EC2::VPCEndpoint" and each["Properties"]["VpcEndpointType"] == "Interface"
    }

    assert resources["S3Endpoint"]["Properties"]["VpcEndpointType"] == "Gateway"
    assert resources["S3Endpoint"]["Properties"]["RouteTableIds"] == ["PrivateRouteTable"]
    assert interfaces == {"SecretsManagerEndpoint", "XRayEndpoint"}


def test_the_s3_endpoint_passes_what_the_roles_may_do(network: Any, deployed: Any) -> None:
    """Whatever a function's role allows on the journal bucket passes the endpoint, and nothing more."""
    roles = [deployed()["Resources"][name]["Properties"]["Policies"] for name in ("SyncRole", "PassImportRole")]
    allowed = {
        action
        for policies in roles
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }

    assert {action for action in allowed if action.startswith("s3:")} == set(
        endpoint_statement(network(**BASE), "S3Endpoint")["Action"],
    )


def test_xray_endpoint_is_optional(network: Any) -> None:
    """It costs money, so it is made on demand; through it this account's principals send traces and do no more."""
    statement = endpoint_statement(network(**BASE, CreateXRayEndpoint="true"), "XRayEndpoint")

    assert "XRayEndpoint" not in network(**BASE)["Resources"]
    assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_endpoints_answer_to_the_public_name(network: Any) -> None:
    """The functions ask for AWS's usual names and reach the endpoint, in both zones."""
    template = network(**BASE, CreateXRayEndpoint="true")["Resources"]

    assert template["Vpc"]["Properties"]["EnableDnsSupport"] is True
    assert template["Vpc"]["Properties"]["EnableDnsHostnames"] is True
    for name in ("SecretsManagerEndpoint", "XRayEndpoint"):
        assert template[name]["Properties"]["PrivateDnsEnabled"] is True
        assert template[name]["Properties"]["SubnetIds"] == ["PrivateSubnet1", "PrivateSubnet2"]
        assert template[name]["Properties"]["SecurityGroupIds"] == ["EndpointSecurityGroup.GroupId"]


def test_linters_find_nothing() -> None:
    """cfn-lint finds nothing; neither alias nor transform, so that `aws cloudformation deploy` takes it as it is."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("cfn-lint"),
            *("--append-rules", "cfn_lint_serverless.rules", "--", "network.yaml"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Transform" not in (ROOT / "network.yaml").read_text(encoding="utf-8")
