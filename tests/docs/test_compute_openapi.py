"""The OpenAPI document says what the route table says, and is one that tools can read."""

import json
import re

import pytest

from chalicelib.api.nova.table import TABLE
from chalicelib.model.identity import Role
from docs.compute_guide import GUIDE
from docs.compute_openapi import OPENAPI

DOCUMENT = json.loads(OPENAPI.read_text())
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/v2.1') or '/'}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
VERBS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OF_AN_OPERATION = {
    "operationId",
    "tags",
    "summary",
    "description",
    "parameters",
    "requestBody",
    "responses",
    "deprecated",
    "security",
}


def references(value):
    if isinstance(value, dict):
        yield from (inside for key, inside in value.items() if key == "$ref")
        value = list(value.values())
    for inside in value if isinstance(value, list) else ():
        yield from references(inside)


def resolved(reference):
    found = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_the_document_and_the_guide_have_every_row_and_no_other():
    told = re.findall(r"^\| ([A-Z]+) \| (?:`(.+?)`|\(empty\)) \|", GUIDE.read_text(), re.MULTILINE)

    assert set(OPERATIONS) == {str(row) for row in TABLE}
    assert sorted(told) == sorted((row.method, row.path) for row in TABLE)


def test_it_is_openapi_3_1():
    assert DOCUMENT["openapi"] == "3.1.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert all(
        path.startswith("/") and VERBS.issuperset(methods) for path, methods in DOCUMENT["paths"].items()
    )
    for operation in OPERATIONS.values():
        assert {key for key in operation if not key.startswith("x-")} <= OF_AN_OPERATION
        assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
        assert operation["responses"]
        assert all(re.fullmatch(r"default|[1-5](XX|\d\d)", code) for code in operation["responses"])


def test_every_reference_leads_somewhere():
    found = set(references(DOCUMENT))

    assert found
    for reference in found:
        assert resolved(reference)


def test_operations_have_ids_of_their_own():
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_a_paths_variables_are_declared(path):
    for operation in DOCUMENT["paths"][path].values():
        declared = [one["name"] for one in operation["parameters"] if one.get("in") == "path"]
        assert declared == re.findall(r"{(\w+)}", path)


def test_no_two_paths_differ_in_the_names_of_variables_alone():
    shapes = [re.sub(r"{\w+}", "{}", path) for path in DOCUMENT["paths"]]

    assert len(shapes) == len(set(shapes))


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_an_operation_says_who_may_use_it_and_how_it_is_refused(row):
    operation = OPERATIONS[str(row)]

    assert operation["x-trio2o-role"] == row.role.name.lower()
    assert (operation.get("security") == []) is (row.role is Role.ANYONE)
    if row.role is not Role.ANYONE:
        assert {"401", "403"} <= operation["responses"].keys()
    assert set(
        operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema", {})
        .get("properties", {})
    ) == {action.name for action in row.actions}
