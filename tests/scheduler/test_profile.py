from dataclasses import dataclass, replace
from math import inf, nan

import pytest

from chalicelib.model.errors import InvalidField
from chalicelib.model.snapshot import snapshot_of
from chalicelib.scheduler.engine import decide
from chalicelib.scheduler.parameter import parameter, parameters_of_all
from chalicelib.scheduler.profile import PACK, PRESETS, SPREAD, Preference, Profile
from chalicelib.scheduler.profile_version import ProfileVersion, default_in_force, in_force, name_for
from chalicelib.scheduler.registry import FILTERS, PARAMETERS, WEIGHERS
from chalicelib.scheduler.rule import Filter, Weigher
from tests.builders import a_pod, a_spec
from tests.scheduler.rules import NumberWeigher, OnlyFilter

DESIGNED = [
    "all_pods",
    "bottom_pod",
    "availability_zone",
    "pod_state",
    "breaker",
    "project_access",
    "resource_affinity",
    "proven",
    "flavor",
    "locality",
    "capacity",
    "retry",
]


def test_the_filters_run_in_the_designs_order():
    assert [name for name in FILTERS if name in DESIGNED] == DESIGNED
    assert all(profile.filters == tuple(FILTERS) for profile in PRESETS.values())


def test_the_presets_have_the_designs_multipliers():
    table = {
        name: [PRESETS[preset].weighers[name] for preset in ("spread", "first_fit", "pack", "follow_best")]
        for name in SPREAD.weighers
    }

    assert table == {
        "idle_capacity": [1, 0, -1, 1],
        "creation_time": [0, 1, 0, 0],
        "current_binding": [2.5, 2, 2.5, 0],
        "static_weight": [1, 1, 1, 1],
        "build_failure": [10, 10, 10, 10],
        "freshness": [0.1, 0.1, 0.1, 0.1],
    }
    assert [(p.tie_margin, p.tie_break) for p in PRESETS.values()] == [
        (0.05, "hash"),
        (0.0, "created_at"),
        (0.0, "hash"),
        (0.05, "hash"),
    ]


def test_every_rule_in_the_registries_is_one():
    assert all(isinstance(rule, Filter) for rule in SPREAD.rules)
    assert all(isinstance(preference.weigher, Weigher) for preference in SPREAD.preferences)


def test_rules_take_their_numbers_from_the_profile():
    profile = SPREAD.having(
        bind_watermark=0.5, keep_watermark=0.6, rebind_after_seconds=10, max_age_seconds=20
    )
    rules = {rule.name: rule for rule in [*profile.rules, *(p.weigher for p in profile.preferences)]}

    assert (rules["capacity"].bind_watermark, rules["capacity"].keep_watermark) == (0.5, 0.6)
    assert rules["pod_state"].rebind_after_seconds == 10
    assert rules["freshness"].max_age_seconds == 20


def test_a_rules_parameters_are_fields_of_the_document_with_the_rules_own_bounds():
    assert {
        *("bind_watermark", "keep_watermark", "large_request_share"),
        *("rebind_after_seconds", "max_age_seconds", "worst_failed_builds"),
    } <= set(PARAMETERS)
    for name, declared in PARAMETERS.items():
        assert declared.low <= declared.default <= declared.high
        assert declared.doc
        assert SPREAD.document()[name] == declared.default
        for beyond in (declared.low - 1.0, declared.high * 2 + 1.0):
            with pytest.raises(InvalidField) as refused:
                Profile.from_document({name: beyond})
            assert refused.value.field == name


def test_rules_that_share_a_parameter_must_agree_on_it():
    @dataclass(frozen=True)
    class Other(OnlyFilter):
        bind_watermark: float = parameter(0.90, low=0.0, high=2.0, doc="another meaning")

    with pytest.raises(TypeError, match="bind_watermark"):
        parameters_of_all([FILTERS["capacity"], Other])
    assert parameters_of_all([FILTERS["capacity"], FILTERS["capacity"]])


@pytest.mark.parametrize("profile", [*PRESETS.values(), Profile(filters=(), weighers=()), Profile("gold", 7)])
def test_a_document_gives_the_profile_again(profile):
    assert Profile.from_document(profile.document()) == profile


def test_a_document_may_be_based_on_a_preset():
    document = {"name": "ours", "based_on": "pack", "weighers": {"static_weight": 5}, "tie_margin": 1}

    assert Profile.from_document(document) == replace(
        PACK, name="ours", weighers={**PACK.weighers, "static_weight": 5.0}, tie_margin=1.0
    )


def test_without_a_preset_only_the_weighers_named_count():
    profile = Profile.from_document({"weighers": {"static_weight": 5}})

    assert profile.weighers == {"static_weight": 5.0}
    assert (profile.name, profile.filters) == ("default", SPREAD.filters)


def test_the_order_in_which_weighers_are_written_does_not_matter():
    backwards = dict(reversed(SPREAD.weighers.items()))

    assert [p.weigher.name for p in Profile(weighers=backwards).preferences] == list(WEIGHERS)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "profile"),
        ({"colour": "red"}, "colour"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": -1}, "version"),
        ({"based_on": "tetris"}, "based_on"),
        ({"filters": "capacity"}, "filters"),
        ({"filters": ["capacity", "nosuch"]}, "filters.1"),
        ({"filters": ["capacity", 5]}, "filters.1"),
        ({"filters": ["capacity", "capacity"]}, "filters.1"),
        ({"weighers": ["idle_capacity"]}, "weighers"),
        ({"weighers": {"nosuch": 1}}, "weighers.nosuch"),
        ({"weighers": {"idle_capacity": "1"}}, "weighers.idle_capacity"),
        ({"weighers": {"idle_capacity": True}}, "weighers.idle_capacity"),
        ({"weighers": {"idle_capacity": nan}}, "weighers.idle_capacity"),
        ({"weighers": {"idle_capacity": inf}}, "weighers.idle_capacity"),
        ({"weighers": {"idle_capacity": 10**400}}, "weighers.idle_capacity"),
        ({"bind_watermark": None}, "bind_watermark"),
        ({"bind_watermark": 0.95}, "bind_watermark"),
        ({"bind_watermark": -0.1}, "bind_watermark"),
        ({"keep_watermark": 1.01}, "keep_watermark"),
        ({"large_request_share": 2}, "large_request_share"),
        ({"tie_margin": -0.01}, "tie_margin"),
        ({"tie_break": "dice"}, "tie_break"),
        ({"rebind_after_seconds": -1}, "rebind_after_seconds"),
        ({"max_age_seconds": 0}, "max_age_seconds"),
    ],
)
def test_nonsense_is_refused_by_its_name_when_it_is_written(document, field):
    with pytest.raises(InvalidField) as refused:
        Profile.from_document(document)

    assert refused.value.field == field


def test_a_profile_made_in_code_is_checked_alike():
    with pytest.raises(InvalidField):
        Profile(parameters={"bind_watermark": nan})
    with pytest.raises(InvalidField):
        Profile(parameters={"nosuch": 1.0})
    with pytest.raises(InvalidField):
        SPREAD.having(bind_watermark=0.95)
    with pytest.raises(InvalidField):
        Profile(weighers={"idle_capacity": nan})


def test_rules_of_ones_own_come_after_the_registered_ones():
    profile = Profile(
        filters=("capacity",),
        weighers={},
        custom_filters=(OnlyFilter(frozenset({"pod-a"})),),
        custom_weighers=(Preference(NumberWeigher(), 2.0),),
    )

    assert [rule.name for rule in profile.rules] == ["capacity", "proven", "only"]
    assert profile.preferences == (Preference(NumberWeigher(), 2.0),)


@pytest.mark.parametrize("named", [(), ("all_pods",), ("proven", "capacity"), ("capacity", "proven")])
def test_what_is_indispensable_runs_whether_or_not_it_is_named(named):
    profile = Profile.from_document({"filters": list(named)})

    assert profile.filters == (named if "proven" in named else (*named, "proven"))
    assert [rule.name for rule in profile.rules] == list(profile.filters)
    assert Profile.from_document(profile.document()) == profile


@pytest.mark.parametrize("filters", [[], ["all_pods"], ["capacity", "retry"]])
def test_no_profile_lets_an_unproven_pod_win(filters):
    """Also one that was written before there was that filter."""
    pods = snapshot_of([a_pod("mistyped", weight=100.0, proven=False), a_pod("pod-a")])
    override = ProfileVersion(name_for("az1"), 1, {"filters": filters})
    written = ProfileVersion("default", 1, {"filters": filters})

    for profile in (default_in_force(written), in_force(None, override)):
        decision = decide(pods, a_spec(), profile, "d")
        assert decision.selected.pod.pod_id == "pod-a"
        assert decision.rejected_counts == {"proven": 1}
