"""Every row x every role x what is one's own, another's or nowhere, made from the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from chalicelib.api.admin.table import TABLE as ADMIN
from chalicelib.api.nova.table import TABLE as NOVA
from chalicelib.api.openstack.kinds import GONE
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role
from tests.journeys.conftest import Answer
from tests.journeys.roles import REFUSED
from tests.journeys.rules_of_rows import RULES, VARIABLES, Whose, rule_of
from tests.journeys.two_projects import ABSENT, CANARY, Cloud, a_watched_cloud, first_of, told, version_of
from tests.journeys.watching import masked

EVERY = [("/v2.1", row) for row in NOVA] + [("/v1.0", row) for row in ADMIN]
GUARDED = [(prefix, row) for prefix, row in EVERY if row.role is not Role.ANYONE]
FOR_TENANTS = [row for row in NOVA if row.role <= Role.MEMBER]
OWNED = [row for row in NOVA if rule_of(row) is Whose.OWN and VARIABLES.search(row.path)]
# Who has which roles in which project; the robot has only what OpenStack's services have.
ROLES = {
    "alpha-reader": Role.READER,
    "alpha": Role.MEMBER,
    "beta": Role.MEMBER,
    "robot": Role.SERVICE,
    "admin": Role.ADMIN,
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    yield from a_watched_cloud()


def bodies_of(row: Row) -> list[Any]:
    """A body for each action that a row has; else one that says nothing."""
    if row.actions:
        return [{action.name: {}} for action in row.actions]
    return [None if row.method in ("GET", "DELETE", "HEAD") else {}]


def lets_in(row: Row, role: Role) -> bool:
    if Role.SERVICE in (row.role, role):
        return row.role is Role.SERVICE and role in (Role.SERVICE, Role.ADMIN)
    return role >= row.role


def test_every_row_and_every_variable_has_a_rule() -> None:
    assert {rule_of(row) for row in NOVA} == set(Whose)
    assert {row.role for row in ADMIN} == {Role.ADMIN}
    served = {row.path.split("/")[1] if row.path else "" for row in NOVA if row.kind is not GONE}
    assert served == RULES.keys(), "a rule for a noun that is served no longer"


@pytest.mark.parametrize("token", REFUSED)
def test_a_token_that_is_none_of_a_project_opens_no_row_and_reaches_nothing(cloud: Cloud, token: str) -> None:
    wrong = []
    for prefix, row in GUARDED:
        first = first_of(row, cloud.alphas)
        answer, steps = cloud.watch.steps(partial(cloud.ask, prefix, row, first, token=cloud.refused[token]))
        if (answer.status, steps) != (REFUSED[token], {}) or CANARY in told(answer):
            wrong.append((str(row), answer, steps))

    assert len(GUARDED) > 240
    assert wrong == []


@pytest.mark.parametrize("user", [user for user in ROLES if user != "admin"])
def test_who_lacks_a_rows_role_is_refused_alike_whatever_the_path_names(cloud: Cloud, user: str) -> None:
    wrong, refused = [], 0
    for prefix, row in GUARDED:
        if lets_in(row, ROLES[user]):
            continue
        refused += 1
        answers = set()
        for first in (first_of(row, cloud.alphas), ABSENT):
            answer, steps = cloud.watch.steps(partial(cloud.ask, prefix, row, first, user))
            answers.add(masked(told(answer), first))
            if answer.status != 403 or any(re.match(r"Pod\d|locations|decisions", step) for step in steps):
                wrong.append((str(row), answer, steps))
        if len(answers) > 1:
            wrong.append((str(row), answers))

    assert refused > 0
    assert wrong == []


@pytest.mark.parametrize("user", ["beta", "robot"])
@pytest.mark.parametrize("row", OWNED, ids=str)
def test_anothers_is_as_absent_as_what_was_never_there(cloud: Cloud, row: Row, user: str) -> None:
    owner, foreign = "alpha", first_of(row, cloud.alphas)
    if user == "robot" and foreign == cloud.gateway.project_id():  # the robot's own
        owner, foreign = "beta", cloud.gateway.project_id("beta")
    if row.method == "GET":
        cloud.ask("/v2.1", row, foreign, owner)  # who has just been shown it
        cloud.ask("/v2.1", row, ABSENT, user)
    cloud.gateway.call("GET", "/v2.1/os-keypairs", user=user)  # the pods' are adopted once for a user
    for body in bodies_of(row):
        seen = [
            cloud.watch.steps(partial(cloud.ask, "/v2.1", row, first, user, body), first)
            for first in (foreign, ABSENT)
        ]
        (theirs, their_steps), (nothing, no_steps) = seen

        assert masked(told(theirs), foreign) == masked(told(nothing), ABSENT)
        assert their_steps == no_steps
        assert theirs.status >= 400 or row.path.endswith("/defaults")


# A user's own, and a tenant's view of what operators see by the admin API.
NOT_FOR_ADMINS = re.compile("keypair_name|trio2o-decision")


@pytest.mark.parametrize("row", [row for row in OWNED if row.method == "GET"], ids=str)
def test_its_own_is_shown_to_a_reader_as_to_a_member_and_to_an_admin(cloud: Cloud, row: Row) -> None:
    mine = first_of(row, cloud.alphas)
    shown = {user: cloud.ask("/v2.1", row, mine, user).status for user in ("alpha", "alpha-reader", "admin")}

    if "keypair_name" not in row.path:
        assert shown["alpha-reader"] == shown["alpha"]
    if shown["alpha"] == 200 and not NOT_FOR_ADMINS.search(row.path):
        assert shown["admin"] == 200


@pytest.mark.parametrize("user", ["beta", "alpha", "alpha-reader"])
def test_no_answer_to_a_tenant_tells_of_pods_or_of_other_projects(cloud: Cloud, user: str) -> None:
    inside = {
        name for pod in cloud.gateway.cloud.pods.values() for name in (pod.name, pod.url, pod.hosts[0].name)
    }
    if user == "beta":
        inside |= {CANARY, *cloud.alphas.values()}
    telling = []
    for row in FOR_TENANTS:
        if user != "beta" and row.method != "GET":
            continue
        for first in {first_of(row, cloud.alphas), ABSENT, cloud.gateway.project_id("beta")}:
            for query in ("", "?all_tenants=1", "?all_projects=1", f"?tenant_id={cloud.alphas['tenant_id']}"):
                if query and (row.method != "GET" or "{" in row.path):
                    continue
                answer = asked(cloud, row, first, user, query)
                found = {word for word in inside - {first, *query.split("=")} if word in told(answer)}
                if found:
                    telling.append((str(row), query, found, answer))

    assert telling == []


def asked(cloud: Cloud, row: Row, first: str, user: str, query: str) -> Answer:
    if query:
        headers = {"OpenStack_API_Version": f"compute {version_of(row)}"}
        return cloud.gateway.call(row.method, f"/v2.1{row.path}{query}", user=user, **headers)
    return cloud.ask("/v2.1", row, first, user)
