"""Secrets: those in a create reach the pod unchanged, and the gateway neither logs nor stores them."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest

from chalicelib.model.marked import without_marker
from tests.openstack.admin_api import AdminApi
from tests.openstack.cloud import Cloud
from tests.openstack.gateway_process import Gateway
from tests.openstack.servers import Servers

METADATA = {"owner": "Zoë & Søn", "a key": " spaces kept ", "json": '{"a": [1, 2]}', "empty": ""}


@dataclass(frozen=True)
class Created:
    """A server whose create carried secrets, and the answer to it."""

    server_id: str
    request_id: str
    user_data: str
    secret: str
    answer: dict[str, Any]


@pytest.fixture(scope="module")
def created(fresh: Servers, alpha: Cloud) -> Created:
    secret = secrets.token_urlsafe(24)
    user_data = base64.b64encode(f"#!/bin/sh\necho {secret}\n".encode()).decode()
    order = fresh.order(user_data=user_data, metadata=METADATA, tags=["one", "two words"])
    reply = alpha.ask("POST", "/v2.1/servers", order)
    assert reply.status_code == 202, reply.text
    answer = reply.json()["server"]
    fresh.active(alpha, fresh.know(alpha, answer["id"]))
    return Created(answer["id"], reply.headers["X-Openstack-Request-Id"], user_data, secret, answer)


def test_user_data_and_metadata_arrive_untouched(
    created: Created, fresh: Servers, operator: AdminApi
) -> None:
    (region,) = fresh.holders(created.server_id)
    shown = operator.admin.ask_pod(region, "GET", f"/servers/{created.server_id}").json()["server"]
    held = without_marker(shown)  # which may be on it until the next refresh

    assert held["OS-EXT-SRV-ATTR:user_data"] == created.user_data
    assert held["metadata"] == METADATA
    assert sorted(held["tags"]) == ["one", "two words"]


def test_the_answer_carries_the_password_and_our_links(created: Created, alpha: Cloud) -> None:
    assert len(created.answer["adminPass"]) >= 8
    assert all(link["href"].startswith(alpha.url) for link in created.answer["links"])


def hidden(created: Created, alpha: Cloud, operator: AdminApi) -> list[str]:
    return [created.secret, created.user_data, created.answer["adminPass"], alpha.token, operator.admin.token]


def test_the_log_names_the_request_and_none_of_its_secrets(
    created: Created, gateway: Gateway, alpha: Cloud, operator: AdminApi
) -> None:
    log = gateway.log.read_text()

    assert created.request_id in log
    assert [value for value in hidden(created, alpha, operator) if value in log] == []


def test_no_table_holds_a_secret(
    created: Created, gateway: Gateway, alpha: Cloud, operator: AdminApi
) -> None:
    stored = everything_in(gateway.dynamodb_url)

    assert created.server_id in stored
    assert [value for value in hidden(created, alpha, operator) if value in stored] == []


def everything_in(url: str) -> str:
    client = botocore.session.get_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    tables = client.list_tables()["TableNames"]
    pages = [page for name in tables for page in client.get_paginator("scan").paginate(TableName=name)]
    return json.dumps([page["Items"] for page in pages], default=repr)
