"""The tables as data agree with those that DynamoDB then has."""

from chalicelib.adapters.dynamodb.connection import Database
from chalicelib.adapters.dynamodb.schema import create_tables, tables

EXPECTED = {
    "pods": (["pod_id"], {}, ""),
    "pod-events": (["pod_id", "generation"], {}, ""),
    "capacity": (["pod_id"], {}, ""),
    "catalogues": (["pod_id"], {}, ""),
    "claims": (["pod_id"], {}, ""),
    "snapshots": (["part"], {}, "expires_at"),
    "troubles": (["pod_id"], {}, "expires_at"),
    "projects": (["project_id"], {}, ""),
    "unfinished": (["call_id"], {}, ""),
    "intents": (["slot"], {"by-settling": ["posting", "settle_at"]}, "expires_at"),
    "strays": (["server_id"], {}, ""),
    "rates": (["window_id"], {}, "expires_at"),
    "bindings": (
        ["project_id", "zone_group"],
        {"by-pod": ["pod_id", "project_id"], "by-zone": ["az_name", "project_id"]},
        "",
    ),
    "binding-events": (["binding_key", "generation"], {}, ""),
    "locations": (
        ["resource_id"],
        {
            "by-project-and-pod": ["live_project_pod", "created_at"],
            "by-pod": ["live_pod_id", "created_at"],
            "by-pod-request": ["pod_request_id"],
        },
        "expires_at",
    ),
    "decisions": (
        ["decision_id"],
        {
            "by-project": ["project_id", "created_at"],
            "by-request": ["request_id", "created_at"],
            "by-pod-request": ["pod_request_id", "created_at"],
            "by-time": ["shard", "created_at"],
        },
        "expires_at",
    ),
    "profiles": (["profile_name", "version"], {}, ""),
    "jobs": (["job_id"], {}, ""),
    "job-steps": (["job_id", "binding_id"], {}, ""),
    "keypairs": (["user_id", "entry"], {"by-due": ["cleaning", "clean_at"]}, "expires_at"),
    "quotas": (["group", "whose"], {}, ""),
    "usages": (["holder_id"], {}, ""),
}


def names(schema):
    return [key["AttributeName"] for key in schema]


def test_every_noun_has_its_table_with_its_keys_indexes_and_expiry():
    shapes = {}
    for spec in tables():
        indexes = spec.properties.get("GlobalSecondaryIndexes", [])
        by_name = {index["IndexName"]: names(index["KeySchema"]) for index in indexes}
        shapes[spec.noun] = (names(spec.properties["KeySchema"]), by_name, spec.ttl_attribute)

    assert shapes == EXPECTED


def test_exactly_the_keys_are_declared_since_dynamodb_refuses_others():
    for spec in tables():
        keys = names(spec.properties["KeySchema"])
        for index in spec.properties.get("GlobalSecondaryIndexes", []):
            keys += names(index["KeySchema"])
        assert sorted(names(spec.properties["AttributeDefinitions"])) == sorted(set(keys))


def test_every_table_is_paid_per_request():
    assert {spec.properties["BillingMode"] for spec in tables()} == {"PAY_PER_REQUEST"}


def test_the_tables_exist_as_described_and_creating_them_again_is_harmless(connection):
    database = Database("as-deployed", connection)
    for _ in range(2):
        create_tables(database)

    for spec in tables():
        name = database.table_name(spec.noun)
        stored = database.connection.client.describe_table(TableName=name)["Table"]
        assert names(stored["KeySchema"]) == EXPECTED[spec.noun][0]
        expiry = database.connection.client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert expiry.get("AttributeName", "") == spec.ttl_attribute
