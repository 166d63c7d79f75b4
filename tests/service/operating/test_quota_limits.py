"""Quota limits: one project's for all pods, and its users' share of them."""

import pytest

from chalicelib.model.errors import GenerationConflict, InvalidField
from chalicelib.model.quota import DEFAULTS, Holder, QuotaSet
from chalicelib.service.operating import quota_limits
from tests.builders import PROJECT, a_pod
from tests.service.desk import OPERATOR, World
from tests.service.kinds.scripted_pods import ScriptedPods, reply

OURS, ANN, BOB = Holder(PROJECT), Holder(PROJECT, "ann"), Holder(PROJECT, "bob")
INFINITE = -1
UNWRITTEN = {**DEFAULTS, "cores": INFINITE, "instances": INFINITE, "ram": INFINITE}


def in_use(cores=0, instances=0, ram=0, groups=0):
    """What a Nova tells a project, or of a user, that it has."""

    def says(request):
        if "user_id" in request.path:
            used = {"cores": cores, "instances": instances, "ram": ram, "server_groups": groups}
            return reply({"quota_set": {"id": PROJECT, **{name: {"in_use": n} for name, n in used.items()}}})
        used = {"totalCoresUsed": cores, "totalInstancesUsed": instances, "totalRAMUsed": ram}
        return reply({"limits": {"absolute": {**used, "totalServerGroupsUsed": groups}}})

    return says


class Ledger(World):
    """The limits of a project with servers in two pods: together 6 vCPUs, 3 servers, 512 MB and 5 groups."""

    def __init__(self):
        self.client = ScriptedPods(a=in_use(4, 1, 256, 2), b=in_use(2, 2, 256, 3))
        super().__init__(a_pod("a"), a_pod("b"), client=self.client)
        for pod_id in ("a", "b"):
            self.outside.projects.add(PROJECT, pod_id)
        self.kept = self.outside.quotas

    def write(self, holder=OURS, force=False, **asked):
        self.services.quota_limits.write(OPERATOR, holder, asked, force)

    def take_back(self, *user_id):
        self.services.quota_limits.take_back(PROJECT, *user_id)

    def limits(self, user_id=""):
        """Those in force that differ from what is unwritten."""
        found = self.services.quotas.limits(PROJECT, user_id)
        return {name: limit for name, limit in found.items() if limit != UNWRITTEN[name]}

    def refusal(self, holder=OURS, **asked):
        with pytest.raises(InvalidField) as refused:
            self.write(holder, **asked)
        assert refused.value.field in asked
        return str(refused.value)


def test_a_written_limit_is_in_force_at_once_and_the_others_stay():
    ledger = Ledger()
    ledger.write(cores=8, key_pairs=7)
    assert ledger.limits() == {"cores": 8, "key_pairs": 7}

    ledger.write(cores=9, ram=1024)

    assert ledger.limits() == {"cores": 9, "key_pairs": 7, "ram": 1024}
    assert ledger.kept.get(OURS) == QuotaSet(OURS, {"cores": 9, "key_pairs": 7, "ram": 1024}, 2)


@pytest.mark.parametrize(
    ("resource", "used"), [("cores", 6), ("instances", 3), ("ram", 512), ("server_groups", 5)]
)
def test_a_limit_covers_what_is_used_in_all_pods_unless_it_is_forced(resource, used):
    ledger = Ledger()
    ledger.write(**{resource: used})

    assert ledger.refusal(**{resource: used - 1}) == (
        f"Quota limit {used - 1} for {resource} must be greater than or equal to "
        f"already used and reserved {used}."
    )
    assert ledger.limits() == {resource: used}
    ledger.write(force=True, **{resource: used - 1})
    assert ledger.limits() == {resource: used - 1}


def test_what_is_not_counted_may_have_any_limit():
    ledger = Ledger()

    ledger.write(injected_files=0, key_pairs=0, fixed_ips=0)

    assert ledger.limits() == {"injected_files": 0, "key_pairs": 0, "fixed_ips": 0}


def test_no_limit_of_several_is_written_when_one_is_refused():
    ledger = Ledger()

    assert "for instances must be" in ledger.refusal(cores=6, instances=1)
    assert ledger.limits() == {}


def test_a_forced_limit_asks_no_pod():
    ledger = Ledger()

    ledger.write(ANN, force=True, cores=1)

    assert ledger.client.asked == []
    assert ledger.limits("ann") == {"cores": 1}


@pytest.mark.parametrize(("limit", "fits"), [(6, False), (7, True), (8, True), (INFINITE, True)])
def test_a_projects_limit_covers_what_its_users_were_given(limit, fits):
    ledger = Ledger()
    ledger.write(force=True, cores=20)
    ledger.write(ANN, force=True, cores=4)
    ledger.write(BOB, force=True, cores=3)
    ledger.write(Holder(PROJECT, "cy"), force=True, ram=9)

    if fits:
        ledger.write(cores=limit)
    else:
        assert "must be greater than or equal to already used and reserved 7." in ledger.refusal(cores=limit)


@pytest.mark.parametrize(("to_bob", "least"), [(0, 8), (1, 6), (2, 6)])
def test_where_users_were_given_more_than_there_is_the_projects_limit_covers_only_what_is_used(to_bob, least):
    ledger = Ledger()
    ledger.write(force=True, cores=8)
    ledger.write(ANN, force=True, cores=8)
    ledger.write(BOB, force=True, cores=to_bob)

    assert f"already used and reserved {least}." in ledger.refusal(cores=least - 1)
    ledger.write(cores=least)


@pytest.mark.parametrize(("limit", "fits"), [(5, False), (6, True), (7, True), (8, False), (INFINITE, False)])
def test_a_user_is_given_no_less_than_is_used_and_no_more_than_the_project_has_left(limit, fits):
    ledger = Ledger()
    ledger.write(force=True, cores=10)
    ledger.write(ANN, force=True, cores=2)
    ledger.write(BOB, force=True, cores=3)

    if fits:
        ledger.write(ANN, cores=limit)
        assert ledger.limits("ann") == {"cores": limit}
    else:
        bound = (
            "greater than or equal to already used and reserved 6"
            if limit == 5
            else "less than or equal to 7"
        )
        assert ledger.refusal(ANN, cores=limit) == f"Quota limit {limit} for cores must be {bound}."
        assert ledger.limits("ann") == {"cores": 2}


def test_a_user_who_has_no_limit_yet_is_given_what_is_left():
    ledger = Ledger()
    ledger.write(force=True, cores=10)
    ledger.write(BOB, force=True, cores=3)

    assert "less than or equal to 7." in ledger.refusal(ANN, cores=8)
    ledger.write(ANN, cores=7)
    assert "less than or equal to 3." in ledger.refusal(BOB, cores=6), "nothing is left beside his own"


@pytest.mark.parametrize("own", [{}, {"cores": INFINITE}, {"cores": 99}])
def test_a_user_may_have_any_limit_where_the_project_has_none_or_gave_too_much_already(own):
    ledger = Ledger()
    ledger.write(ANN, force=True, **own)
    ledger.write(BOB, force=True, cores=8)

    ledger.write(ANN, cores=1000)
    ledger.write(ANN, cores=INFINITE)

    assert ledger.limits("ann") == {}


def test_a_project_without_a_limit_may_get_any_that_covers_what_is_used_whatever_its_users_have():
    ledger = Ledger()
    ledger.write(ANN, force=True, cores=8)

    assert "already used and reserved 6." in ledger.refusal(cores=5)
    ledger.write(cores=6)


def test_a_project_without_any_room_gives_none():
    ledger = Ledger()
    ledger.write(force=True, key_pairs=0)

    assert "for key_pairs must be less than or equal to 0." in ledger.refusal(ANN, key_pairs=1)
    ledger.write(ANN, key_pairs=0)


def test_limits_of_a_user_alone_or_of_a_project_with_all_its_users_are_taken_back():
    ledger = Ledger()
    for holder in (OURS, ANN, BOB, Holder("other")):
        ledger.write(holder, force=True, cores=8, key_pairs=3)

    ledger.take_back("ann")
    assert [ledger.kept.get(holder).limits for holder in (OURS, ANN, BOB)] == [
        {"cores": 8, "key_pairs": 3},
        {},
        {"cores": 8, "key_pairs": 3},
    ]
    ledger.take_back()

    assert [ledger.kept.get(holder) for holder in (OURS, ANN, BOB)] == [
        QuotaSet(OURS, {}, 2),
        QuotaSet(ANN, {}, 3),
        QuotaSet(BOB, {}, 2),
    ]
    assert ledger.kept.get(Holder("other")).limits == {"cores": 8, "key_pairs": 3}
    assert ledger.limits() == {}


def test_limits_of_a_class_are_written_and_those_of_default_are_in_force():
    ledger = Ledger()
    limits = ledger.services.quota_limits
    limits.write_class("default", {"cores": 8, "ram": 9})
    limits.write_class("default", {"cores": 7})
    limits.write_class("gold", {"cores": 99})

    assert ledger.limits() == {"cores": 7, "ram": 9}
    assert ledger.kept.get(Holder(class_name="gold")).limits == {"cores": 99}


def overtaken(ledger, times):
    """The ledger, where others write the same limits first, so often."""
    put, left = ledger.kept.put, [times]

    def put_after_a_rival(quota):
        if left[0]:
            left[0] -= 1
            put(ledger.kept.get(quota.holder).written({"ram": left[0]}))
        put(quota)

    ledger.kept.put = put_after_a_rival
    return ledger


def test_a_limit_is_not_lost_to_those_that_others_write_meanwhile():
    ledger = overtaken(Ledger(), quota_limits.ATTEMPTS - 1)

    ledger.write(cores=8)

    assert ledger.limits() == {"cores": 8, "ram": 0}


def test_who_is_overtaken_at_each_try_gives_up():
    with pytest.raises(GenerationConflict):
        overtaken(Ledger(), quota_limits.ATTEMPTS).write(cores=8)
