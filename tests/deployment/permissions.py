"""Permissions: what a policy file allows on DynamoDB, and what calls need, in a form that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.adapters.dynamodb.schema import tables
from deployment.tables import logical_name

Need = tuple[str, str]  # an action, and a table's noun or "noun/index"
CHALICE = Path(__file__).resolve().parents[2] / ".chalice"
_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_NOUNS = {logical_name(spec.noun): spec.noun for spec in tables()}


def statements(policy: str) -> list[dict[str, Any]]:
    """A policy file's statements, each with lists of actions and of resources."""
    found = json.loads((CHALICE / f"policy-{policy}.json").read_text())["Statement"]
    for statement in found:
        if not isinstance(statement["Resource"], list):
            statement["Resource"] = [statement["Resource"]]
    return found


def allowed(policy: str) -> set[Need]:
    """The actions on tables and indexes that a policy file allows."""
    return {
        (action.removeprefix("dynamodb:"), _noun(resource))
        for statement in statements(policy)
        for action in statement["Action"]
        if action.startswith("dynamodb:")
        for resource in statement["Resource"]
    }


def _noun(resource: dict[str, Any]) -> str:
    if "Fn::GetAtt" in resource:
        return _NOUNS[resource["Fn::GetAtt"][0]]
    table, _, index = resource["Fn::Sub"].partition(".Arn}/index/")
    return f"{_NOUNS[table.removeprefix('${')]}/{index}"


class Recorder:
    """Notes which permissions the calls of a botocore client need."""

    def __init__(self, client: Any, prefix: str) -> None:
        """``prefix`` is that of the tables' names."""
        self.needs: set[Need] = set()
        self._prefix = prefix
        client.meta.events.register("before-parameter-build.dynamodb", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.needs |= {
            (action, name.removeprefix(f"{self._prefix}-")) for action, name in _needs(params, model)
        }


def _needs(params: dict[str, Any], model: Any) -> Iterator[Need]:
    if model.name == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, write in item.items():
                yield _WRITES[kind], write["TableName"]
    elif model.name == "BatchGetItem":
        yield from ((model.name, name) for name in params["RequestItems"])
    else:
        index = params.get("IndexName")
        yield model.name, params["TableName"] + (f"/{index}" if index else "")
