"""Tables: the stores' schema as CloudFormation resources."""

from __future__ import annotations

from chalicelib.adapters.dynamodb.schema import TableSpec, tables
from deployment.parameters import Json


def table_resources() -> Json:
    """Every table by its logical name."""
    return {logical_name(spec.noun): _table(spec) for spec in tables()}


def logical_name(noun: str) -> str:
    """What the template and the policy files call a table: ``binding-events`` is BindingEventsTable."""
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
    # Bindings say where tenants' servers are: they outlive the stack, and a change that replaces a table.
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
