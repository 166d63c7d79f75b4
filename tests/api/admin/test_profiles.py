import pytest


def put(operator, name="default", **document):
    return operator.ask("PUT", f"/v1.0/profiles/{name}", {"profile": document})


def test_the_profiles_are_listed_with_the_one_in_force_first(operator):
    profiles = operator.ask("GET", "/v1.0/profiles").body["profiles"]

    assert [(p["name"], p["built_in"]) for p in profiles] == [
        ("default", False),
        ("spread", True),
        ("first_fit", True),
        ("pack", True),
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
