"""What tenants read of an error: nothing of what we do inside, whichever error is raised where."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import chalicelib
from chalicelib import wiring
from chalicelib.api.call import Call
from chalicelib.api.nova.versioning import VERSIONING
from chalicelib.api.openstack.faults import OpenStackDialect
from chalicelib.model.errors import Trio2oError, WrongField
from tests.builders import a_pod
from tests.service.desk import Desk

ROOT = Path(chalicelib.__file__).parent
INSIDE = "Pod1 at 10.0.0.5: DynamoDB refused 10 times"

# Errors whose own message tenants read. Each is written with them in mind: see the second test.
READ_BY_TENANTS = {
    "AnswerTooLarge",
    "Conflict",
    "Forbidden",
    "Gone",
    "InvalidField",
    "KeyReused",
    "KeypairNotFound",
    "LabelNotFound",
    "Looped",
    "Lost",
    "NoPod",
    "NotAcceptable",
    "NotFound",
    "OutcomePending",
    "OutcomeUnknown",
    "OverQuota",
    "RequestTooLarge",
    "ServiceNotFound",
    "StillCreating",
    "TooMany",
    "Unavailable",
    "Unserved",
    "UnsupportedMediaType",
}
# Where a tenant's request doesn't come; all that they say is for operators and their admin API.
OF_OPERATORS = (
    "adapters/aws_lambda",
    "adapters/sqs",
    "api/admin",
    "events",
    "service/operating/aggregates.py",  # rows of Nova for admins alone
    "service/operating/bindings.py",
    "service/operating/drains.py",
    "service/operating/jobs.py",
    "service/operating/locations.py",
    "model/pod_project.py",
    "service/operating/pod_projects.py",
    "service/operating/pod_proof.py",
    "service/operating/pod_references.py",
    "service/operating/pods.py",
    "service/operating/profiles.py",
    "adapters/memory/pod_store.py",
    "adapters/dynamodb/pod_store.py",
)
TECHNOLOGIES = (
    "dynamo",
    "sqs",
    "lambda",
    "aws",
    "amazon",
    "secret",
    "chalice",
    "environment",
    "errand",
    "errno",
    "traceback",
    "socket",
    "python",
    "http://",
    "https://",
)
PLACES = {"pod_name", "pod_id", "endpoint", "endpoints", "url", "hostname", "silence", "error"}


def every_error() -> list[type[Trio2oError]]:
    for module in pkgutil.walk_packages([str(ROOT)], "chalicelib."):
        importlib.import_module(module.name)
    found, waiting = [], [Trio2oError]
    while waiting:
        below = [each for each in waiting.pop().__subclasses__() if each.__module__.startswith("chalicelib.")]
        found += below
        waiting += below
    return sorted(set(found), key=lambda each: each.__name__)


def raised(kind: type[Trio2oError]) -> Trio2oError:
    error = kind.__new__(kind)
    Exception.__init__(error, INSIDE)
    known = {"status": 409, "field": "", "wrong": (WrongField("", INSIDE),), "retry_after_seconds": 5}
    for name, value in known.items():
        setattr(error, name, value)
    return error


@pytest.fixture(scope="module", autouse=True)
def services():
    wiring.use(Desk(a_pod()).services)
    yield
    wiring.use(None)


def test_each_error_is_either_written_for_tenants_or_is_told_to_them_in_other_words():
    call = Call("GET", "/servers", {}, {}, {}, b"", "req-1", "http://gateway.example")
    told = {}
    for kind in every_error():
        answer = OpenStackDialect(VERSIONING).fault(raised(kind), call)
        told[kind.__name__] = INSIDE in json.dumps(answer.body)

    assert {name for name, tells in told.items() if tells} == READ_BY_TENANTS
    assert len(told) > len(READ_BY_TENANTS) + 8


def messages() -> Iterator[tuple[str, str]]:
    """Where an error that tenants read is made, and all texts of the function that makes it."""
    for path in sorted(ROOT.rglob("*.py")):
        place = str(path.relative_to(ROOT))
        if place.startswith(OF_OPERATORS):
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_is_made, ast.walk(function))):
                docstring = ast.get_docstring(function, clean=False)
                for text in _texts(function):
                    if text != docstring:
                        yield f"{place}: {function.name}", text


def _is_made(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READ_BY_TENANTS


def _is_a_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and "observability" in ast.unparse(node.func)


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts below a node, each f-string as it is written; what is only logged is left out."""
    if _is_a_log(node):
        return
    if isinstance(node, ast.JoinedStr):
        yield ast.unparse(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for below in ast.iter_child_nodes(node):
            yield from _texts(below)


def test_no_message_for_tenants_names_a_technology_a_pod_or_an_address():
    found = list(messages())
    wrong = [
        (where, text)
        for where, text in found
        if any(word in text.lower() for word in TECHNOLOGIES)
        or (text.startswith(("f'", 'f"')) and _filled_in(text) & PLACES)
    ]

    assert len(found) > 100
    assert wrong == []


def _filled_in(text: str) -> set[str]:
    """The names of all that an f-string takes in."""
    parts = [part for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.FormattedValue)]
    nodes = [node for part in parts for node in ast.walk(part.value)]
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }
