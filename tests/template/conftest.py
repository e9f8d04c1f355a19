"""The template as CloudFormation would see it: transformed by SAM, with parameters, conditions and maps resolved."""

import functools
import ipaddress
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from lab.local_aws.environment import EMULATOR_PYTHON, ROOT

# SAM's translator lives in the emulator's environment: what is tested is transformed as what is deployed. One process
# serves all tests, a line of parameters in, a line of template out, because its imports cost more than its work.
_TRANSLATOR = """
import json, sys
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class NoManagedPolicies:
    def load(self):
        return {}

for line in sys.stdin:
    with open("template.yaml", encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri"):
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = "s3://bucket/" + resource["Properties"][name]
    # SAM keeps for itself how it builds: that is looked at too.
    metadata = {name: each["Metadata"] for name, each in template["Resources"].items() if "Metadata" in each}
    transformed = transform(template, json.loads(line), NoManagedPolicies())
    print(json.dumps({**transformed, "Metadata": metadata}), flush=True)
"""

_PSEUDO_PARAMETERS = {
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::StackName": "stack",
    "AWS::URLSuffix": "amazonaws.com",
}
_NO_VALUE = object()

Deployed = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    """`deployed(SubnetIds="subnet-1")["Resources"]`: what CloudFormation makes with these parameters."""
    with subprocess.Popen(
        [EMULATOR_PYTHON, "-c", _TRANSLATOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"AWS_DEFAULT_REGION": "eu-west-1", "PATH": os.environ["PATH"]},
        text=True,
    ) as translator:

        @functools.cache
        def resolved(**parameters: str) -> dict[str, Any]:
            assert translator.stdin is not None
            assert translator.stdout is not None
            translator.stdin.write(f"{json.dumps(parameters)}\n")
            translator.stdin.flush()
            return _Resolver(json.loads(translator.stdout.readline()), parameters).template()

        yield resolved
        translator.communicate()


@pytest.fixture(scope="session")
def network() -> Deployed:
    """`network(CreateVpn="false")["Resources"]`: the same for the template of the network, which SAM does not touch."""

    @functools.cache
    def resolved(**parameters: str) -> dict[str, Any]:
        template = cfn_yaml.load(str(ROOT / "network.yaml"))
        return _Resolver({"Mappings": {}, "Metadata": {}, **template}, parameters).template()

    return resolved


class _Resolver:
    """CloudFormation's intrinsic functions, as far as this template uses them.

    A reference to a resource stays readable: `Ref X` is "X", `GetAtt X.Arn` is "X.Arn".
    """

    def __init__(self, template: dict[str, Any], given: dict[str, str]) -> None:
        self._template = template
        self._parameters = {
            name: self._typed(declared, given.get(name, declared.get("Default", "")))
            for name, declared in template["Parameters"].items()
        }
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Condition": self._holds,
            "Fn::If": lambda value: self.resolve(value[1] if self._holds(value[0]) else value[2]),
            "Fn::Equals": lambda value: self.resolve(value[0]) == self.resolve(value[1]),
            "Fn::Not": lambda value: not self.resolve(value[0]),
            "Fn::Join": lambda value: value[0].join(self.resolve(value[1])),
            "Fn::GetAtt": lambda value: value if isinstance(value, str) else ".".join(value),
            "Fn::Sub": lambda value: re.sub(r"\$\{([^}!]+)\}", lambda match: self._reference(match[1]), value),
            "Fn::FindInMap": self._find_in_map,
            "Fn::And": lambda value: all(self._holds(condition) for condition in value),
            "Fn::Select": lambda value: self.resolve(value[1])[value[0]],
            "Fn::GetAZs": lambda _: ["zone-1", "zone-2", "zone-3"],
            "Fn::Cidr": self._cidr,
        }

    def template(self) -> dict[str, Any]:
        """The whole template, without what its conditions leave out."""
        kept = {
            section: {
                name: self.resolve(entry)
                for name, entry in self._template[section].items()
                if self._holds(entry.get("Condition"))
            }
            for section in ("Resources", "Outputs")
        }
        metadata = self.resolve(self._template["Metadata"])
        return {**kept, "Parameters": self._template["Parameters"], "Metadata": metadata}

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [each for entry in value if (each := self.resolve(entry)) is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and next(iter(value)) in self._functions:
            (name, argument), *_ = value.items()
            if name != "Condition" or isinstance(argument, str):
                return self._functions[name](argument)
        resolved = {name: self.resolve(entry) for name, entry in value.items()}
        return {name: entry for name, entry in resolved.items() if entry is not _NO_VALUE}

    def _typed(self, declared: dict[str, Any], value: Any) -> Any:
        return value.split(",") if declared["Type"] == "CommaDelimitedList" else str(value)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self._parameters:
            return self._parameters[name]
        return _PSEUDO_PARAMETERS.get(name, name)

    def _holds(self, condition: Any) -> bool:
        if isinstance(condition, dict):
            return bool(self.resolve(condition))
        return condition is None or bool(self.resolve(self._template["Conditions"][condition]))

    def _cidr(self, value: list[Any]) -> list[str]:
        block, count, bits = (self.resolve(entry) for entry in value)
        found = ipaddress.ip_network(block).subnets(new_prefix=32 - bits)
        return [str(next(found)) for _ in range(count)]

    def _find_in_map(self, value: list[Any]) -> Any:
        name, *keys = (self.resolve(key) for key in value)
        found = self._template["Mappings"][name]
        for key in keys:
            found = found[key]
        return found
