"""Server creation: what the scheduler is asked, what named hosts do, and how many the quota allows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.model.amounts import Amounts
from chalicelib.model.binding import BindingAction
from chalicelib.model.errors import Forbidden, InvalidField, OverQuota
from chalicelib.model.keypair import Keypair
from chalicelib.model.named_resource import NamedResource, Noun
from chalicelib.model.pod_request import PodReply, PodRequest
from chalicelib.model.quota import Holder, QuotaSet
from chalicelib.model.server_order import ServerOrder
from tests.builders import NOW, PROJECT, a_filled_pod, a_flavor, a_spec
from tests.service.creating.key_pods import a_key
from tests.service.desk import NOTHING_CACHED, OPERATOR, World
from tests.service.kinds.scripted_pods import TENANT

FLAVOR = a_flavor(vcpus=2)
POD_A, POD_B, FAR = (
    a_filled_pod(pod_id, pod_name=pod_id[-1].upper(), az_name=zone, catalogue={"m1.small": FLAVOR})
    for pod_id, zone in (("pod-a", "az1"), ("pod-b", "az1"), ("pod-far", "az2"))
)
VOLUME = NamedResource(Noun.VOLUME, "vol-1")
MADE_ID = "00000000-0000-4000-8000-000000000001"
PODS_ID = "req-00000000-0000-4000-8000-00000000000b"
MARK = {"x-openstack-request-id": PODS_ID}
MADE = PodReply(202, MARK, json.dumps({"server": {"id": MADE_ID}}).encode())


@dataclass
class Trial(World):
    """Creates over two pods of one zone and one of another, which hold what a test says."""

    held: dict[str, set[str]] = field(default_factory=dict)
    outcome: PodReply = MADE
    chosen: object = NOTHING_CACHED

    def __post_init__(self):
        self.sent = []
        super().__init__(POD_A, POD_B, FAR, client=self, resources=self, chosen=self.chosen)

    def holds(self, pod, named, caller):
        return str(named) in self.held.get(pod.pod_id, ())

    def send(self, pod, request):
        if request.path.startswith("/os-keypairs?"):
            return PodReply(200, MARK, b'{"keypairs": []}')
        if request.method == "GET":
            return PodReply(404, MARK, b'{"itemNotFound": {}}')
        self.sent.append((pod.pod_id, request))
        return self.outcome if request.path == "/servers" else PodReply(201, MARK, b"{}")

    def create(self, caller=TENANT, server=None, headers=(), **fields):
        body = {"server": {"name": "vm", "flavorRef": "1", **(server or {})}}
        order = ServerOrder(json.dumps(body).encode(), body, "vm", **{"flavor_id": "m1.small", **fields})
        request = PodRequest("POST", "/servers", headers=dict(headers), token="a-token")
        return self.services.servers.create(caller, order, request)

    @property
    def decision(self):
        return self.outside.decisions.list()[0]


def test_the_scheduler_is_asked_for_all_that_the_order_says():
    trial = Trial(held={"pod-b": {"volume vol-1"}})

    answer = trial.create(az_name="az1", count=3, boots_from_volume=True, named=(VOLUME,))

    assert answer.pod.pod_id == "pod-b"
    assert trial.decision.spec == a_spec(
        FLAVOR,
        project_id=TENANT.identity.project_id,
        az_name="az1",
        count=3,
        need=Amounts(vcpus=6, ram_mb=3072, disk_gb=0, instances=3),
        request_id=TENANT.request_id,
        requested_at=NOW,
        pinned_pod_ids={"volume vol-1": frozenset({"pod-b"})},
    )


def test_a_create_that_asks_for_no_zone_gets_the_one_that_the_operator_set_or_any():
    anywhere, at_home = Trial(), Trial(chosen=replace(NOTHING_CACHED, default_az_name="az2"))

    anywhere.create()
    at_home.create()

    assert (anywhere.decision.spec.az_name, at_home.decision.spec.az_name) == (None, "az2")
    assert at_home.sent[0][0] == "pod-far"


def test_the_history_of_the_binding_names_who_created_the_server():
    trial = Trial()
    trial.create(az_name="az1")

    (binding,) = trial.outside.bindings.of_project(PROJECT, "general")
    (event,) = trial.outside.bindings.history(binding.key)
    assert (event.action, event.user_id, event.request_id) == (
        BindingAction.CREATED,
        TENANT.identity.user_id,
        TENANT.request_id,
    )


def test_a_host_that_an_admin_names_pins_the_server_to_its_pod_beside_all_else_that_is_named():
    host = NamedResource(Noun.HOST, "cmp1@B")
    trial = Trial(held={"pod-b": {"host cmp1", "volume vol-1"}, "pod-a": {"volume vol-1"}})

    answer = trial.create(
        OPERATOR,
        {"availability_zone": "az1:cmp1@B"},
        az_name="az1",
        host="cmp1@B",
        hosts=(host,),
        named=(VOLUME,),
    )

    assert answer.pod.pod_id == "pod-b"
    assert trial.decision.spec.pinned_pod_ids == {
        "host cmp1@B": frozenset({"pod-b"}),
        "volume vol-1": frozenset({"pod-a", "pod-b"}),
    }


def test_a_host_that_no_pod_has_and_one_that_two_zones_have_are_refused_before_a_pod_is_asked():
    host = NamedResource(Noun.HOST, "cmp1")
    nowhere, twice = Trial(), Trial(held={"pod-a": {"host cmp1"}, "pod-far": {"host cmp1"}})

    for trial, words in ((nowhere, "cmp1 could not be found"), (twice, "availability zones az1, az2")):
        with pytest.raises(InvalidField, match=words):
            trial.create(OPERATOR, hosts=(host,))
        assert trial.sent == []

    assert twice.create(OPERATOR, az_name="az2", hosts=(host,)).pod.pod_id == "pod-far"


def test_a_tenant_who_names_a_host_by_a_key_is_pinned_to_nothing_and_gets_the_pods_own_refusal():
    trial = Trial(held={"pod-b": {"host cmp1"}}, outcome=PodReply(403, MARK, b'{"forbidden": {}}'))

    answer = trial.create(TENANT, {"host": "cmp1"}, hosts=(NamedResource(Noun.HOST, "cmp1"),))

    assert answer.reply.status == 403
    assert trial.decision.spec.pinned_pod_ids == {}


def test_a_tenant_may_not_force_a_host_and_nothing_is_asked_or_kept():
    trial = Trial()

    with pytest.raises(Forbidden, match="os_compute_api:servers:create:forced_host"):
        trial.create(TENANT, {"availability_zone": "az1:cmp1"}, az_name="az1", host="cmp1")

    assert (trial.sent, trial.outside.decisions.list()) == ([], [])


def test_a_flavor_is_looked_up_for_the_caller_and_an_unknown_one_is_refused():
    trial = Trial()

    with pytest.raises(InvalidField, match="Flavor nothing/there could not be found"):
        trial.create(flavor_id="nothing/there")
    assert trial.sent == []


def test_the_pod_has_the_callers_keypair_before_the_create_is_sent():
    trial = Trial()
    trial.outside.keypairs.put(Keypair("u-1", "mine", NOW).given(a_key(), NOW, 1))

    trial.create(az_name="az2", key_name="mine")

    assert [(pod_id, request.method, request.path) for pod_id, request in trial.sent] == [
        ("pod-far", "POST", "/os-keypairs"),
        ("pod-far", "POST", "/servers"),
    ]
    assert {request.token for _, request in trial.sent} == {TENANT.token}
    assert trial.outside.keypairs.get("u-1", "mine").imported_in == {"pod-far"}


def test_a_keypair_that_the_caller_has_not_is_refused_before_anything_is_decided():
    trial = Trial()
    trial.outside.keypairs.put(Keypair("another", "mine", NOW).given(a_key(), NOW, 1))

    with pytest.raises(InvalidField, match="Invalid key_name provided"):
        trial.create(key_name="mine")
    assert (trial.sent, trial.outside.decisions.list()) == ([], [])


def limited(**limits):
    trial = Trial()
    trial.outside.quotas.put(QuotaSet(Holder(PROJECT)).written(limits))
    return trial


@pytest.mark.parametrize("least", [1, 2])
def test_where_the_quota_has_room_for_fewer_servers_as_many_are_made(least):
    trial = limited(instances=2)

    trial.create(server={"max_count": 5, "min_count": least}, count=5, least_count=least)

    ((_, request),) = trial.sent
    assert json.loads(request.body)["server"]["max_count"] == 2
    assert trial.decision.spec.count == 2


@pytest.mark.parametrize(("limit", "count", "least"), [(2, 5, 3), (0, 5, 1), (0, 1, 1)])
def test_where_it_has_room_for_fewer_than_the_least_the_create_is_refused_and_nothing_sent(
    limit, count, least
):
    trial = limited(instances=limit)

    with pytest.raises(OverQuota, match="Quota exceeded for instances: Requested"):
        trial.create(count=count, least_count=least)
    assert trial.sent == []


@pytest.mark.parametrize("user_id", ["", TENANT.identity.user_id])
@pytest.mark.parametrize(("most", "place"), [(1, []), (2, ["metadata"])])
def test_the_limit_of_metadata_says_whether_there_is_room_for_a_marker(user_id, most, place):
    trial = Trial()
    trial.outside.quotas.put(QuotaSet(Holder(PROJECT, user_id)).written({"metadata_items": most}))

    trial.create(server={"metadata": {"own": "1"}})

    ((_, request),) = trial.sent
    server = json.loads(request.body)["server"]
    assert [key for key in ("metadata", "tags") if len(server.get(key, ())) > 1] == place


@pytest.mark.parametrize(("version", "place"), [("2.51", "metadata"), ("2.52", "tags"), (None, "metadata")])
def test_the_version_that_the_client_speaks_says_where_the_marker_goes(version, place):
    trial = Trial()
    headers = {} if version is None else {"x-openstack-nova-api-version": version}

    trial.create(headers=headers)

    ((_, request),) = trial.sent
    assert set(json.loads(request.body)["server"]) == {"name", "flavorRef", place}
