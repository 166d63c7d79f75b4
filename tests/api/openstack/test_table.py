import pytest

from chalicelib.api.call import Reply
from chalicelib.api.openstack.kinds import (
    EVERY_HOLDER,
    EVERY_POD,
    FIRST,
    GONE,
    HELD,
    LOCATED,
    MERGED,
    OWN,
    PLACED,
    SAME_AS,
)
from chalicelib.api.openstack.table import Action, IncompleteRow, Row
from chalicelib.model.identity import Role
from chalicelib.model.microversion import Microversion
from chalicelib.model.resource import FLAVORS, SERVERS


def view(call):
    return Reply()


@pytest.mark.parametrize("kind", [LOCATED, HELD, MERGED, FIRST, EVERY_POD, EVERY_HOLDER, PLACED, OWN])
def test_a_row_that_lacks_what_its_kind_needs_is_refused(kind):
    with pytest.raises(IncompleteRow):
        Row("GET", "/servers/{server_id}", kind, Role.READER)


@pytest.mark.parametrize("kind", [MERGED, FIRST, EVERY_POD])
def test_a_kind_that_makes_its_view_takes_no_other(kind):
    with pytest.raises(IncompleteRow):
        Row("GET", "/servers/{server_id}", kind, Role.READER, SERVERS, view)


def test_a_located_row_names_its_resource_in_the_path():
    with pytest.raises(IncompleteRow, match="server_id"):
        Row("GET", "/servers/{id}", LOCATED, Role.READER, SERVERS)


def test_a_located_row_is_of_a_resource_that_lives_in_one_pod():
    with pytest.raises(IncompleteRow, match="flavors"):
        Row("GET", "/flavors/{flavor_id}", LOCATED, Role.READER, FLAVORS)


def test_a_held_row_is_of_a_resource_that_says_how_pods_hold_it():
    with pytest.raises(IncompleteRow, match="flavors"):
        Row("GET", "/flavors/{flavor_id}", HELD, Role.READER, FLAVORS)


def test_a_row_for_every_holder_names_what_they_hold():
    with pytest.raises(IncompleteRow, match="flavor_id"):
        Row("DELETE", "/flavors", EVERY_HOLDER, Role.MEMBER, FLAVORS)


@pytest.mark.parametrize(
    "given", [{"path": "/others/{id}/action"}, {"view": view}, {"resource": SERVERS}, {"path": "/others"}]
)
def test_a_row_that_is_the_same_as_another_differs_in_its_first_segment_alone(given):
    row = Row("GET", "/things/{id}", OWN, Role.READER, view=view)

    assert Row("GET", "/others/{id}", SAME_AS(row), Role.READER)
    with pytest.raises(IncompleteRow, match="the same as GET /things"):
        Row(**{"method": "GET", "path": "/others/{id}", "kind": SAME_AS(row), "role": Role.READER, **given})


def test_a_placed_row_says_what_is_placed():
    with pytest.raises(IncompleteRow):
        Row("POST", "/servers", PLACED, Role.MEMBER, view=view)


@pytest.mark.parametrize("kind", [PLACED, OWN])
def test_a_kind_that_makes_no_view_needs_one(kind):
    with pytest.raises(IncompleteRow, match="view"):
        Row("POST", "/servers", kind, Role.MEMBER, SERVERS)


def test_a_gone_row_has_nothing_behind_it():
    with pytest.raises(IncompleteRow):
        Row("GET", "/os-cells", GONE, Role.READER, view=view)


def test_a_verb_that_there_is_not_is_refused():
    with pytest.raises(IncompleteRow):
        Row("FETCH", "/os-things", OWN, Role.READER, view=view)


def test_a_view_in_the_resources_place_is_told_its_name():
    with pytest.raises(IncompleteRow, match=r"is no Resource.*`view=`"):
        Row("GET", "/os-things", OWN, Role.READER, view)


def test_a_path_begins_with_a_slash_or_is_empty():
    assert Row("GET", "", OWN, Role.READER, view=view).path == ""
    with pytest.raises(IncompleteRow, match="slash"):
        Row("GET", "os-things", OWN, Role.READER, view=view)


def test_a_role_is_one_of_ours():
    with pytest.raises(IncompleteRow, match="'reader' is no Role"):
        Row("GET", "/os-things", OWN, "reader", view=view)


@pytest.mark.parametrize("given", [("GET", "/os-things"), ("GET", "/os-things", OWN)])
def test_no_row_is_written_without_a_kind_and_a_role(given):
    with pytest.raises(TypeError):
        Row(*given, view=view)


@pytest.mark.parametrize(
    ("bounds", "versions"),
    [
        ({}, {"2.1": True, "2.104": True}),
        ({"since": "2.26"}, {"2.9": False, "2.25": False, "2.26": True, "2.100": True}),
        ({"until": "2.35"}, {"2.1": True, "2.35": True, "2.36": False, "2.100": False}),
        ({"since": "2.6", "until": "2.10"}, {"2.5": False, "2.6": True, "2.10": True, "2.11": False}),
    ],
)
def test_a_row_is_in_the_microversions_from_since_to_until(bounds, versions):
    row = Row("GET", "/os-things", OWN, Role.READER, view=view, **bounds)

    assert {version: row.is_in(Microversion.parse(version)) for version in versions} == versions


@pytest.mark.parametrize(
    "bounds",
    [
        {"since": "26"},
        {"until": "latest"},
        {"actions": (Action("reboot", "p", since="x"),)},
        {"actions": (Action("reboot", "p", until="x"),)},
    ],
)
def test_a_bound_is_a_microversion(bounds):
    with pytest.raises(IncompleteRow, match="is no microversion"):
        Row("POST", "/os-things", OWN, Role.READER, view=view, **bounds)
