"""The embedded DynamoDB starts, says why when it can't, keeps its state, and ends."""

import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chalicelib.adapters.dynamodb.connection import Database, PatientConnection
from chalicelib.adapters.dynamodb.project_store import DynamoProjectStore
from chalicelib.adapters.dynamodb.schema import create_tables
from local import dynamodb


def projects_in(dynamo: dynamodb.EmbeddedDynamo) -> DynamoProjectStore:
    database = Database("kept", PatientConnection("us-east-1", dynamo.url))
    create_tables(database)
    return DynamoProjectStore(database)


def test_a_missing_binary_is_told_with_how_to_get_it(monkeypatch):
    monkeypatch.setenv("MINISTACK", "/nowhere/ministack")

    with pytest.raises(dynamodb.DynamoUnavailable, match=r"/nowhere/ministack.*make setup"):
        dynamodb.start(dynamodb.free_port())


def test_a_virtualenv_that_was_never_made_is_told_too(monkeypatch, tmp_path):
    monkeypatch.delenv("MINISTACK", raising=False)
    monkeypatch.setattr(dynamodb, "_ROOT", tmp_path)

    with pytest.raises(dynamodb.DynamoUnavailable, match=r"not installed.*make setup"):
        dynamodb.find_binary()


def test_a_port_that_is_taken_is_named():
    with socket.socket() as rival:
        rival.bind((dynamodb.HOST, 0))
        rival.listen()
        port = rival.getsockname()[1]

        with pytest.raises(dynamodb.DynamoUnavailable, match=f"port {port} of 127.0.0.1 is taken"):
            dynamodb.start(port)


def test_a_binary_that_ends_at_once_is_told_with_its_log(monkeypatch, tmp_path):
    monkeypatch.setenv("MINISTACK", "false")
    log = tmp_path / "dynamodb.log"

    with pytest.raises(dynamodb.DynamoUnavailable, match=r"ended at once with status 1.*dynamodb.log"):
        dynamodb.start(dynamodb.free_port(), log=log)


def test_a_stopped_one_is_gone_and_its_tables_come_back_with_the_next(tmp_path: Path):
    port = dynamodb.free_port()
    first = dynamodb.start(port, state_dir=tmp_path / "state")
    try:
        projects_in(first).add("p1", "pod-a")
    finally:
        first.stop()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(dynamodb.HOST, port, timeout=2).connect()

    second = dynamodb.start(port, state_dir=tmp_path / "state")
    try:
        assert projects_in(second).pod_ids("p1") == {"pod-a"}
    finally:
        second.stop()
        second.stop()  # stopping twice is harmless
