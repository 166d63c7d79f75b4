"""Tables: the stores' schema as CloudFormation resources."""

from __future__ import annotations

from chalicelib.adapters.dynamodb.schema import TableSpec, tables
from deployment import Json


def table_resources() -> Json:
    """Every table, by its logical name in the template."""
    return {logical_name(spec.noun): _table(spec) for spec in tables()}


def logical_name(noun: str) -> str:
    """The name of a table in the template and the policy files: ``binding-events`` is BindingEventsTable."""
    return "".join(part.capitalize() for part in noun.split("-")) + "Table"


def _table(spec: TableSpec) -> Json:
    properties: Json = {
        "TableName": {"Fn::Sub": f"${{TablePrefix}}-{spec.noun}"},
        **spec.properties,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }
    if spec.ttl_attribute:
        properties["TimeToLiveSpecification"] = {"AttributeName": spec.ttl_attribute, "Enabled": True}
    # Tables say where tenants' servers are, so they are kept when the stack is deleted or replaces them. The
    # empty ones of a first deployment that fails go, since their names would stop the next one.
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
