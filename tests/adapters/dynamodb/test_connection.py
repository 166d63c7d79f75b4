"""One client for all tables and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from threading import Barrier

import pytest
from botocore.session import Session

from chalicelib.adapters.dynamodb import connection as module
from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.schema import ITEMS

THREADS = 16


@pytest.fixture
def clients_made(monkeypatch):
    made = []
    create = Session.create_client

    def counted(self, *args, **kwargs):
        made.append(args)
        return create(self, *args, **kwargs)

    monkeypatch.setattr(Session, "create_client", counted)
    return made


def at_once(act):
    """What each of 16 threads got, all of which asked at the same time."""
    barrier = Barrier(THREADS)

    def run(number):
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(THREADS)))


def test_pynamodb_is_the_version_whose_insides_we_swap():
    assert version("pynamodb") == "6.1.0"


def test_all_tables_share_one_connection_and_its_client(embedded_dynamo, clients_made):
    database = Database("one", PatientConnection("us-east-1", embedded_dynamo))

    connections = {id(database.table(item)._get_connection().connection) for item in ITEMS}
    clients = {id(database.table(item)._get_connection().connection.client) for item in ITEMS}

    assert connections == {id(database.connection)}
    assert len(clients) == len(clients_made) == 1


def test_sixteen_threads_that_race_make_one_client(embedded_dynamo, clients_made, monkeypatch):
    monkeypatch.setattr(module, "_shared", [])
    local = module.settings.__class__(dynamodb_url=embedded_dynamo)
    monkeypatch.setattr(module, "settings", local)

    def first_use(number):
        database = module.shared_database()
        return database.table(ITEMS[number % len(ITEMS)])._get_connection().connection.client

    assert len({id(client) for client in at_once(first_use)}) == 1
    assert len(clients_made) == 1


def test_sixteen_threads_get_the_same_class_for_a_table(connection):
    database = Database("threads", connection)

    assert len({id(table) for table in at_once(lambda _: database.table(ITEMS[0]))}) == 1


def test_two_databases_keep_their_tables_apart(connection):
    ours, theirs = Database("ours", connection), Database("theirs", connection)

    names = {database.table(ITEMS[0]).Meta.table_name for database in (ours, theirs)}
    assert names == {f"ours-{ITEMS[0].noun}", f"theirs-{ITEMS[0].noun}"}


def test_the_client_waits_little_and_leaves_repeating_to_us(connection):
    config = connection.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1.0, 3.0)
    assert config.retries["total_max_attempts"] == 1


def test_aws_is_meant_where_no_url_is_given():
    own = PatientConnection("eu-central-1")

    assert own.client.meta.endpoint_url == "https://dynamodb.eu-central-1.amazonaws.com"
