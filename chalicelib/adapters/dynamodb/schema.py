"""Schema: the tables as data, for the CloudFormation template and for local use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import Attribute, TTLAttribute
from pynamodb.indexes import GlobalSecondaryIndex

from chalicelib.adapters.dynamodb.binding_items import BindingEventItem, BindingItem
from chalicelib.adapters.dynamodb.claim_items import ClaimItem
from chalicelib.adapters.dynamodb.connection import Database, Item
from chalicelib.adapters.dynamodb.decision_store import DecisionItem
from chalicelib.adapters.dynamodb.intent_store import IntentItem
from chalicelib.adapters.dynamodb.job_store import JobItem, StepItem
from chalicelib.adapters.dynamodb.keypair_store import KeypairItem
from chalicelib.adapters.dynamodb.location_items import LocationItem
from chalicelib.adapters.dynamodb.pod_items import CapacityItem, CatalogueItem, PodEventItem, PodItem
from chalicelib.adapters.dynamodb.profile_store import ProfileItem
from chalicelib.adapters.dynamodb.project_store import ProjectItem
from chalicelib.adapters.dynamodb.quota_store import QuotaItem
from chalicelib.adapters.dynamodb.rate_store import RateItem
from chalicelib.adapters.dynamodb.snapshot_store import SnapshotItem
from chalicelib.adapters.dynamodb.stray_store import StrayItem
from chalicelib.adapters.dynamodb.trouble_store import TroubleItem
from chalicelib.adapters.dynamodb.unfinished_store import UnfinishedItem
from chalicelib.adapters.dynamodb.usage_store import UsageItem

ITEMS: tuple[type[Item], ...] = (
    PodItem,
    PodEventItem,
    CapacityItem,
    CatalogueItem,
    TroubleItem,
    ClaimItem,
    SnapshotItem,
    ProjectItem,
    BindingItem,
    BindingEventItem,
    IntentItem,
    StrayItem,
    LocationItem,
    DecisionItem,
    UnfinishedItem,
    RateItem,
    ProfileItem,
    JobItem,
    StepItem,
    QuotaItem,
    UsageItem,
    KeypairItem,
)


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table; its full name is the prefix and ``noun``.

    ``properties`` holds KeySchema, AttributeDefinitions, GlobalSecondaryIndexes (if any) and
    BillingMode, which CloudFormation and CreateTable spell alike. ``ttl_attribute`` is empty when its
    items don't expire.
    """

    noun: str
    properties: dict[str, Any]
    ttl_attribute: str = ""


def tables() -> tuple[TableSpec, ...]:
    """Every table that the stores use, made from their item classes."""
    return tuple(_spec(item) for item in ITEMS)


def create_tables(database: Database, collecting: bool = True) -> None:
    """Create the tables that are missing, for local use and tests; on AWS the template creates them.

    With ``collecting`` the database deletes expired items, as AWS does.
    """
    client = database.connection.client
    for spec in tables():
        name = database.table_name(spec.noun)
        try:
            client.create_table(TableName=name, **spec.properties)
        except client.exceptions.ResourceInUseException:
            continue
        if spec.ttl_attribute and collecting:
            expiry = {"AttributeName": spec.ttl_attribute, "Enabled": True}
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)


def _spec(item: type[Item]) -> TableSpec:
    indexes = [_index(index) for index in item._indexes.values() if isinstance(index, GlobalSecondaryIndex)]
    types = {a.attr_name: a.attr_type for a in item.get_attributes().values()}
    schema = _keys(item.get_attributes().values())
    used = [key["AttributeName"] for key in schema + [k for index in indexes for k in index["KeySchema"]]]
    properties: dict[str, Any] = {
        "KeySchema": schema,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": types[name]} for name in dict.fromkeys(used)
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexes:
        properties["GlobalSecondaryIndexes"] = indexes
    expiries = (a.attr_name for a in item.get_attributes().values() if isinstance(a, TTLAttribute))
    return TableSpec(item.noun, properties, next(expiries, ""))


def _index(index: GlobalSecondaryIndex[Any]) -> dict[str, Any]:
    return {
        "IndexName": index.Meta.index_name,
        "KeySchema": _keys(index.Meta.attributes.values()),
        "Projection": {"ProjectionType": index.Meta.projection.projection_type},
    }


def _keys(attributes: Any) -> list[dict[str, str]]:
    def key(kind: str, attribute: Attribute[Any]) -> dict[str, str]:
        return {"AttributeName": attribute.attr_name, "KeyType": kind}

    attributes = list(attributes)
    hashes = [key("HASH", a) for a in attributes if a.is_hash_key]
    return hashes + [key("RANGE", a) for a in attributes if a.is_range_key]
