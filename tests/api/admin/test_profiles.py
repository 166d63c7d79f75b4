import pytest

from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.profile import SPREAD
from tests.builders import a_filled_pod, a_spec


def put(operator, name="default", **document):
    return operator.ask("PUT", f"/v1.0/profiles/{name}", {"profile": document})


def test_the_profiles_are_listed_with_the_one_in_force_first(operator):
    profiles = operator.ask("GET", "/v1.0/profiles").body["profiles"]

    assert [(p["name"], p["built_in"]) for p in profiles] == [
        ("default", False),
        ("spread", True),
        ("first_fit", True),
        ("pack", True),
        ("follow_best", True),
    ]
    assert profiles[0]["bind_watermark"] == 0.9


def test_a_profile_is_read_changed_and_sent_back(operator):
    profile = operator.ask("GET", "/v1.0/profiles/default").body["profile"]

    written = put(operator, **{**profile, "tie_margin": 0.2})

    assert written.status == 200
    assert written.body["profile"] == {**profile, "tie_margin": 0.2, "version": 1}
    assert operator.ask("GET", "/v1.0/profiles/default").body == written.body


def test_a_profile_may_be_based_on_a_built_in_one(operator):
    pack = operator.ask("GET", "/v1.0/profiles/pack").body["profile"]

    written = put(operator, version=0, based_on="pack").body["profile"]

    assert written["weighers"] == pack["weighers"]


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({"tie_margin": 0.1}, (400, "version")),
        ({"version": True}, (400, "version")),
        ({"version": 5}, (409, "version")),
        ({"version": 0, "name": "mine"}, (400, "name")),
        ({"version": 0, "built_in": True}, (400, "built_in")),
        ({"version": 0, "colour": 1}, (400, "colour")),
        ({"version": 0, "filters": ["all_pods", "gone"]}, (400, "filters.1")),
        ({"version": 0, "weighers": {"gone": 1}}, (400, "weighers.gone")),
        ({"version": 0, "bind_watermark": 0.96}, (400, "bind_watermark")),
        ({"version": 0, "tie_break": "dice"}, (400, "tie_break")),
    ],
)
def test_a_bad_profile_is_refused_and_names_the_field(operator, document, answer):
    assert operator.refused("PUT", "/v1.0/profiles/default", {"profile": document}) == answer


def test_a_built_in_profile_is_read_only_and_others_do_not_exist(operator):
    assert operator.refused("PUT", "/v1.0/profiles/spread", {"profile": {"version": 0}}) == (409, "name")
    assert put(operator, "mine", version=0).status == 404
    assert operator.ask("GET", "/v1.0/profiles/mine").status == 404


def test_a_zones_profile_names_only_what_differs_and_shows_what_decides(operator):
    written = put(operator, "zone:az1", version=0, weighers={"static_weight": 3})

    assert written.status == 200
    assert written.body["profile"] == {
        "name": "zone:az1",
        "version": 1,
        "weighers": {"static_weight": 3},
        "built_in": False,
    }
    assert written.body["in_force"]["weighers"]["static_weight"] == 3.0
    assert written.body["in_force"]["weighers"]["idle_capacity"] == 1.0
    assert operator.ask("GET", "/v1.0/profiles/zone:az1").body == written.body
    assert operator.ask("GET", "/v1.0/profiles/zone%3Aaz1").body == written.body
    again = operator.ask("PUT", "/v1.0/profiles/zone:az1", {"profile": written.body["profile"]})
    assert (again.status, again.body["profile"]["version"]) == (200, 2)


def test_a_zones_profile_ends_and_its_history_stays(operator):
    put(operator, "zone:az1", version=0, tie_margin=0.1)

    ended = operator.ask("DELETE", "/v1.0/profiles/zone:az1")

    assert (ended.status, ended.body) == (204, None)
    assert operator.ask("GET", "/v1.0/profiles/zone:az1").status == 404
    assert operator.ask("DELETE", "/v1.0/profiles/zone:az1").status == 404
    versions = operator.ask("GET", "/v1.0/profiles/zone:az1/history").body["versions"]
    assert [(v["version"], v["ended"]) for v in versions] == [(1, False), (2, True)]
    assert versions[0]["profile"] == {"tie_margin": 0.1, "name": "zone:az1", "version": 1}
    assert versions[1]["profile"] is None
    assert (versions[0]["user_id"], versions[0]["request_id"]) == ("op-1", "req-1")
    assert versions[0]["at"] == "2025-06-01T12:00:00Z"


def test_an_older_version_is_shown_and_comes_back_in_one_call(operator):
    for version, margin in enumerate((0.1, 0.2)):
        put(operator, version=version, tie_margin=margin)

    shown = operator.ask("GET", "/v1.0/profiles/default?version=1").body["version"]
    restored = operator.ask("POST", "/v1.0/profiles/default/restore", {"version": 1})

    assert (shown["profile"]["tie_margin"], shown["ended"]) == (0.1, False)
    assert (restored.status, restored.body["profile"]["version"]) == (200, 3)
    assert restored.body["profile"]["tie_margin"] == 0.1
    newest = operator.ask("GET", "/v1.0/profiles/default/history").body["versions"][-1]
    assert (newest["version"], newest["restored_from"]) == (3, 1)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"version": 9}, (400, "version")),
        ({"version": 0}, (400, "version")),
        ({"version": "1"}, (400, "version")),
        ({}, (400, "version")),
        ([], (400, "body")),
        ({"version": 1, "to": 2}, (400, "to")),
    ],
)
def test_a_bad_restore_is_refused_and_names_the_field(operator, body, answer):
    put(operator, version=0, tie_margin=0.1)

    assert operator.refused("POST", "/v1.0/profiles/default/restore", body) == answer


def test_versions_that_are_no_number_or_never_were_are_refused(operator):
    assert operator.refused("GET", "/v1.0/profiles/default?version=x") == (400, "version")
    assert operator.ask("GET", "/v1.0/profiles/default?version=1").status == 404
    assert operator.refused("DELETE", "/v1.0/profiles/default") == (409, "name")
    assert operator.refused("PUT", "/v1.0/profiles/zone:az9", {"profile": {"version": 0}}) == (400, "name")


def keep_decisions(operator, count):
    pods = [a_filled_pod("a", 10), a_filled_pod("b", 60)]
    for number in range(count):
        spec = a_spec(requested_at=operator.desk.clock())
        operator.desk.kept.save(decide(snapshot_of(pods), spec, SPREAD, f"d{number}"))


def test_a_dry_run_of_a_profile_says_what_would_differ_and_how_sure_that_is(operator):
    keep_decisions(operator, 3)

    tried = operator.ask("POST", "/v1.0/profiles/dry-run", {"profile": {"based_on": "pack"}, "last": 2})

    said = tried.body["dry_run"]
    assert (tried.status, said["decided"], said["exact"], said["partly"]) == (200, 2, 2, 0)
    assert said["counts"] == {
        "same": 0,
        "other_pod": 2,
        "other_action": 0,
        "newly_rejected": 0,
        "newly_possible": 0,
    }
    assert said["profile"]["weighers"]["idle_capacity"] == -1.0
    first = said["differences"][0]
    assert (first["decision_id"], first["difference"], first["exact"]) == ("d2", "other_pod", True)
    assert (first["before"]["pod_id"], first["after"]["pod_id"]) == ("a", "b")
    assert first["after"]["reason"] == "bound to B: the best of 2 pods that can take it"
    assert operator.ask("GET", "/v1.0/profiles/default").body["profile"]["version"] == 0


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "profile")),
        ([], (400, "body")),
        ({"profile": "pack"}, (400, "profile")),
        ({"profile": {"tie_margin": "wide"}}, (400, "tie_margin")),
        ({"profile": {}, "last": 0}, (400, "last")),
        ({"profile": {}, "last": 501}, (400, "last")),
        ({"profile": {}, "az_name": "az9"}, (400, "az_name")),
        ({"profile": {}, "zone": "az1"}, (400, "zone")),
    ],
)
def test_a_bad_dry_run_of_a_profile_is_refused_and_names_the_field(operator, body, answer):
    assert operator.refused("POST", "/v1.0/profiles/dry-run", body) == answer
