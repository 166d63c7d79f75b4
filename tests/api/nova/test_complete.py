"""Our table has Nova's routes, each with Nova's microversions, and no others but our own."""

from __future__ import annotations

import re

from chalicelib.api.nova.table import TABLE
from chalicelib.api.openstack.kinds import GONE
from tests.api.nova.novas_routes import ACTIONS, ROUTES

# Where our row differs from Nova's route, and why; None: Nova has no such route.
DIFFERENT = {
    # Clients ask the service catalogue's URL, which may end without a slash, and some ask by HEAD.
    ("GET", ""): None,
    ("HEAD", ""): None,
    ("HEAD", "/"): None,
    # Nova's router has no bounds for it, but all of its actions end with 2.102.
    ("POST", "/os-volumes_boot/{}/action"): "",
}


def routes(text: str) -> dict[tuple[str, str], str]:
    """What a table of ``novas_routes`` says, by verb (or action) and path."""
    found = {}
    for line in text.strip().splitlines():
        path, names, span = f"{line}  ".split(" ", 2)
        found |= {(name, path): span.strip() for name in names.split(",")}
    return found


def span_of(since: str, until: str) -> str:
    return f"{since}-{until}" if since or until else ""


def noun_of(path: str) -> str:
    return path.split("/")[1] if path else ""


OURS = {
    (row.method, re.sub(r"{\w+}", "{}", row.path)): "gone"
    if row.kind is GONE
    else span_of(row.since, row.until)
    for row in TABLE
    if "trio2o-" not in row.path
}
EXPECTED = {
    **routes(ROUTES),
    **{key: OURS.get(key) for key, novas in DIFFERENT.items() if routes(ROUTES).get(key) == novas},
}


def test_every_route_of_nova_is_there_with_its_microversions_and_no_other() -> None:
    wrong = {
        (key, "ours", OURS.get(key), "Nova's", EXPECTED.get(key))
        for key in OURS.keys() | EXPECTED.keys()
        if OURS.get(key) != EXPECTED.get(key)
    }
    assert wrong == set()


def test_a_difference_is_one() -> None:
    assert [key for key in DIFFERENT if OURS.get(key) == routes(ROUTES).get(key)] == []


def test_a_path_of_actions_knows_novas_actions() -> None:
    ours = {
        (action.name, re.sub(r"{\w+}", "{}", row.path)): span_of(action.since, action.until)
        for row in TABLE
        for action in row.actions
        if noun_of(row.path) != "os-volumes_boot"
    }
    paths = {path for _, path in ours}
    # An action that Nova has removed isn't ours to tell of.
    novas = {key: span for key, span in routes(ACTIONS).items() if span != "gone" and key[1] in paths}

    assert ours == novas
    assert paths >= {"/servers/{}/action", "/servers/{}/migrations/{}/action"}
