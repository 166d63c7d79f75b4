"""Whom a proof asks for what: the Keystone of the pod's region, and the pod's own Nova."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.model.deadline import Deadline
from chalicelib.model.errors import Conflict
from chalicelib.model.pod_request import PodRequest
from chalicelib.service.operating.pod_proof import refuse_narrowing
from tests.builders import NOW, a_hybrid_pod, a_pod
from tests.service.desk import OPERATOR, Desk
from tests.service.operating.test_pod_proof import PROVEN

KEYSTONE = "https://keystone.elsewhere.example/v3"


class NotedDirectory:
    """A catalogue that notes what it is asked."""

    def __init__(self, inner):
        self.inner, self.asked = inner, []

    def endpoints(self, *asked):
        self.asked.append(asked)
        return self.inner.endpoints(*asked)

    def endpoints_by_token(self, *asked):
        self.asked.append(asked)
        return self.inner.endpoints_by_token(*asked)

    def microversions(self, pod):
        self.asked.append(pod.endpoints)
        return self.inner.microversions(pod)


def registered(**fields):
    """What is asked of the catalogue, and of pods, for a registration with these fields."""
    desk = Desk()
    noted = NotedDirectory(desk.directory)
    pods = replace(desk.pods, proof=replace(desk.pods.proof, directory=noted))
    until = Deadline(NOW + timedelta(seconds=20), lambda: NOW)
    pods.register({**PROVEN, **fields}, replace(OPERATOR, deadline=until))
    return noted.asked, desk.nova.heard


ADDRESS = {"compute": "https://nova.pod.example/Pod1"}


def test_a_credential_finds_the_endpoints_in_our_keystone_and_nova_is_asked_at_once():
    asked, heard = registered()

    assert asked == [("Pod1", "pod1", ""), ADDRESS]
    until = Deadline(NOW + timedelta(seconds=20), lambda: NOW)
    assert heard == [
        (
            "Pod1",
            PodRequest(
                "GET",
                "/flavors?limit=1",
                token=OPERATOR.token,
                identity=OPERATOR.identity,
                request_id="req-1",
                read_timeout_seconds=10.0,
                deadline=until,
            ),
        )
    ]


def test_a_region_of_another_name_is_looked_up_by_that():
    asked, _ = registered(region_name="RegionOne")

    assert asked[0] == ("RegionOne", "pod1", "")


def test_without_a_credential_the_operators_token_finds_the_endpoints():
    asked, _ = registered(credential_ref="")

    assert asked == [("Pod1", OPERATOR.token), ADDRESS]


def test_a_pods_own_keystone_is_asked_by_its_credential_and_its_nova_never_sees_our_token():
    asked, heard = registered(auth_url=KEYSTONE)

    assert asked == [("Pod1", "pod1", KEYSTONE), ADDRESS]
    assert heard == []


OLD = a_pod("old", min_microversion="2.1", max_microversion="2.96")


@pytest.mark.parametrize("pod", [a_pod("new"), a_hybrid_pod("new", proven=False)])
def test_a_pod_that_speaks_less_than_all_others_says_what_clients_would_lose(pod):
    narrow = replace(pod, min_microversion="2.10", max_microversion="2.96")

    with pytest.raises(Conflict) as refused:
        refuse_narrowing(narrow, [OLD])

    assert refused.value.field == "force"
    assert str(refused.value) == (
        "New speaks 2.10 to 2.96, all other pods 2.1 to 2.96: clients would lose versions; "
        "say force to accept that"
    )


@pytest.mark.parametrize(
    ("pod", "others"),
    [
        (a_pod("new", proven=False, min_microversion="2.10", max_microversion="2.20"), [OLD]),
        (a_pod("new", min_microversion="2.10", max_microversion="2.20"), []),
        (a_pod("old", min_microversion="2.10", max_microversion="2.20"), [OLD]),
        (a_pod("new", min_microversion="2.1", max_microversion="2.97"), [OLD]),
    ],
)
def test_a_pod_that_holds_nobody_back_is_let_in(pod, others):
    refuse_narrowing(pod, others)
