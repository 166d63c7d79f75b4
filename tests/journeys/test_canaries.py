"""Secrets with odd values go through the whole app, then everything that it wrote is searched for them."""

from __future__ import annotations

import io
import json
import logging
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest
from chalice.test import Client

from app import app
from chalicelib import observability, wiring
from chalicelib.adapters.dynamodb.schema import create_tables
from chalicelib.settings import Settings
from local import demo
from local.standin.cloud import DemoCloud
from tests.contracts.store_calls import methods_of_stores
from tests.journeys.conftest import BASE, Gateway

SERVICE_PASSWORD = "canary-service-password-é-1"
ADMIN_PASS = "canary-adminpass-2"
USER_DATA = b64encode(b"#!/bin/sh\n# canary-user-data-3").decode()
PERSONALITY = b64encode(b"canary-personality-4").decode()
NEW_PASS = "canary-changed-pass-5"
OF_A_HEADER = "canary-cookie-6"
IN_BODIES = (ADMIN_PASS, USER_DATA, PERSONALITY, NEW_PASS)


@dataclass
class Watch:
    """A gateway with secrets, and all that it wrote."""

    at: Gateway
    libraries: io.StringIO
    secrets: set[str]
    stored: object

    def spellings(self) -> Iterator[str]:
        """Each secret as it is, in base64, encoded for URLs, and as JSON and Python write it."""
        tokens = set(self.at.cloud.keystone._tokens)
        for secret in {*self.secrets, *tokens}:
            yield from (secret, b64encode(secret.encode()).decode(), quote(secret, safe=""))
            yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1])


def in_memory(value, seen):
    """All that can be reached from an object, as text."""
    if id(value) in seen:
        return ""
    seen.add(id(value))
    if isinstance(value, dict):
        return " ".join(in_memory(each, seen) for pair in value.items() for each in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(in_memory(each, seen) for each in value)
    names = [*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())]
    inside = " ".join(in_memory(getattr(value, name, None), seen) for name in names)
    return f"{value!r} {inside}"


def in_tables(database):
    client = database.connection.client
    tables = [each for each in client.list_tables()["TableNames"] if each.startswith(database.prefix)]
    items = [client.scan(TableName=name)["Items"] for name in tables]
    values = [value for table in items for item in table for value in item.values()]
    packed = [value["B"] for value in values if "B" in value]
    return repr(items) + " ".join(map(unpacked, packed))


def unpacked(packed):
    for wbits in (zlib.MAX_WBITS, 31, -zlib.MAX_WBITS):
        try:
            return zlib.decompress(packed, wbits).decode(errors="replace")
        except zlib.error:
            continue
    return ""


@contextmanager
def listening_to_libraries():
    """All that others than our own logger log, at the level at which they say most."""
    heard, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(heard), root.level
    handler.addFilter(lambda record: record.name != "trio2o")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.fixture(params=["memory", "dynamodb"])
def watch(request):
    with (
        DemoCloud(demo.PODS[:2], build_seconds=0.0, action_seconds=0.0) as cloud,
        listening_to_libraries() as heard,
    ):
        cloud.keystone.add_user("trio2o", SERVICE_PASSWORD)
        credential = {
            "auth_url": cloud.auth_url,
            "username": "trio2o",
            "password": SERVICE_PASSWORD,
            "project_name": "service",
        }
        chosen = replace(
            Settings(),
            auth_url=cloud.auth_url,
            public_url=BASE,
            allow_http=True,
            roster_cache_seconds=0.0,
            connect_timeout_seconds=0.5,
            environment={"TRIO2O_CREDENTIAL_DEMO": json.dumps(credential)},
        )
        if request.param == "memory":
            stores = wiring.in_memory(chosen)

            def stored():
                names = {method.partition(".")[0] for method in methods_of_stores()}
                return in_memory([getattr(stores, name) for name in (*names, "queue")], set())
        else:
            database = request.getfixturevalue("database")
            create_tables(database)
            stores = wiring.in_deployment(database, chosen)

            def stored():
                return in_tables(database)

        wiring.use(wiring.build_services(stores, chosen), chosen)
        observability.logger().setLevel("DEBUG")
        try:
            with Client(app) as http:
                at = Gateway(cloud, stores, http)
                for plan in demo.PODS[:2]:
                    at.register(plan)
                at.refresh()
                yield Watch(at, heard, {SERVICE_PASSWORD, OF_A_HEADER, *IN_BODIES}, stored)
        finally:
            observability.logger().setLevel("INFO")
            wiring.use(None)


def use_everything(watch, monkeypatch):
    """Requests of all kinds that carry secrets: they succeed, fail, break off, and meet a fault of ours."""
    at = watch.at
    order = {
        "adminPass": ADMIN_PASS,
        "user_data": USER_DATA,
        "personality": [{"path": "/etc/x", "contents": PERSONALITY}],
    }
    made = at.create("first", **order)
    assert made.status == 202, made.body
    server_id = made.body["server"]["id"]
    assert made.body["server"]["adminPass"] == ADMIN_PASS
    watch.secrets.add(at.create("second").body["server"]["adminPass"])
    key = {"keypair": {"name": "made"}}
    private = at.call("POST", "/v2.1/os-keypairs", key).body["keypair"]["private_key"]
    watch.secrets |= {line for line in private.splitlines() if len(line) > 20 and "KEY" not in line}
    action = f"/v2.1/servers/{server_id}/action"
    at.call("POST", action, {"changePassword": {"adminPass": NEW_PASS}}, Cookie=OF_A_HEADER)
    at.call("POST", action, {"rebuild": {"imageRef": made.body["server"]["id"], "adminPass": NEW_PASS}})
    at.call("POST", action, {"rescue": {"adminPass": NEW_PASS}})
    at.call("GET", f"/v2.1/servers/{server_id}")
    at.call("GET", "/v2.1/servers/detail")
    at.create("nowhere", **order, availability_zone="nowhere")
    at.create("huge", **order, flavorRef="none-such")
    at.call("POST", "/v2.1/servers", f'{{"server": {{"adminPass": "{ADMIN_PASS}", "user_data'.encode())
    at.call("POST", "/v2.1/servers", {"server": [order]})
    at.call("GET", "/v2.1/servers", X_Auth_Token="gAAAA-unknown-canary-token-7")
    watch.secrets.add("gAAAA-unknown-canary-token-7")

    service = wiring.services().servers

    def breaks(caller, order, request):
        quoted = (
            f"{request!r} {caller!r} token {caller.token} then {ADMIN_PASS!r} in {USER_DATA} {PERSONALITY}"
        )
        try:
            raise KeyError(order.body["server"]["adminPass"])
        except KeyError as error:
            raise RuntimeError(quoted) from error

    with monkeypatch.context() as patched:
        patched.setattr(type(service), "create", lambda self, *asked: breaks(*asked))
        assert at.create("broken", **order).status == 500
    for pod in at.cloud.pods.values():
        pod.kill()
    at.create("down", **order)
    at.call("POST", action, {"changePassword": {"adminPass": NEW_PASS}})
    at.refresh()
    return at


def test_no_secret_is_logged_measured_or_stored(watch, monkeypatch, capfd):
    use_everything(watch, monkeypatch)

    told = capfd.readouterr()
    written = {
        "logs and metrics": told.out + told.err,
        "libraries' logs": watch.libraries.getvalue(),
        "stores": watch.stored(),
    }
    assert "unforeseen error" in written["logs and metrics"], "what an error says is among what is searched"
    assert '"_aws"' in written["logs and metrics"], "so are metrics"
    assert watch.at.project_id() in written["stores"], "so are items"
    found = {(where, each) for where, text in written.items() for each in watch.spellings() if each in text}
    assert found == set()
