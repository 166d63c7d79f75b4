"""A pod is observed whose Nova and Placement are scripted to answer as real ones do."""

import json
from dataclasses import replace
from threading import Lock

import pytest

from chalicelib.adapters.openstack.capacity_reader import OpenStackCapacityReader
from chalicelib.model.amounts import Amounts, Totals
from chalicelib.model.capacity import HostCapacity
from chalicelib.model.errors import PodUnreachable, UntrustedReport
from chalicelib.model.flavor import Flavor
from chalicelib.model.pod import DiskMode
from chalicelib.model.pod_request import PodReply
from tests.adapters.openstack.http_pod import http_pod
from tests.builders import NOW, a_capacity, a_pod

CANDIDATES = "placement /allocation_candidates?resources=MEMORY_MB:1&required=!COMPUTE_STATUS_DISABLED"
HOSTS = "compute /os-hypervisors"
SIZES = "compute /os-hypervisors/detail"
FLAVORS = "compute /flavors/detail?is_public=None"
POD = a_pod(endpoints={"compute": "http://nova", "placement": "http://placement"})


def host(host_id="h1", state="up", status="enabled", **fields):
    return {"id": host_id, "hypervisor_hostname": host_id, "state": state, "status": status, **fields}


def sizes(host_id="h1", vcpus=8, vcpus_used=2, memory_mb=1000, memory_mb_used=300, **fields):
    amounts = {
        "vcpus": vcpus,
        "vcpus_used": vcpus_used,
        "memory_mb": memory_mb,
        "memory_mb_used": memory_mb_used,
    }
    return host(host_id, **amounts, **{"local_gb": 100, "local_gb_used": 10, **fields})


def provider(vcpus=(8, 2), ram_mb=(1000, 300), disk_gb=(100, 10), root=None):
    amounts = {"VCPU": vcpus, "MEMORY_MB": ram_mb, "DISK_GB": disk_gb}
    resources = {name: {"capacity": a[0], "used": a[1]} for name, a in amounts.items() if a}
    return {"resources": resources, "traits": [], "root_provider_uuid": root}


def summaries(**providers):
    return {"allocation_requests": [], "provider_summaries": providers}


def flavor(flavor_id="1", **fields):
    sized = {"name": f"m1.{flavor_id}", "vcpus": 1, "ram": 512, "disk": 1, "swap": "", "extra_specs": {}}
    return {
        "id": flavor_id,
        **sized,
        "OS-FLV-EXT-DATA:ephemeral": 0,
        "os-flavor-access:is_public": True,
        **fields,
    }


class ScriptedPod:
    """Answers by service and path. Each answer is a document, a status, or an error to raise."""

    def __init__(self):
        self.answers = {
            "compute /": {"version": {"version": "2.90", "min_version": "2.1"}},
            FLAVORS: {"flavors": [flavor()]},
            HOSTS: {"hypervisors": [host()]},
            SIZES: {"hypervisors": [sizes()]},
            CANDIDATES: summaries(h1=provider()),
        }
        self.asked = []
        self.lock = Lock()

    def set(self, path, answer):
        self.answers[path] = answer
        return self

    def send(self, pod, request):
        key = f"{request.service} {request.path}"
        with self.lock:
            self.asked.append((key, request.headers.get("OpenStack-API-Version", "")))
        answer = self.answers.get(key, 404)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return PodReply(answer, {}, b"{}")
        return PodReply(200, {}, answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    @property
    def paths(self):
        return [path for path, _ in self.asked]


def read(scripted, pod=POD):
    return OpenStackCapacityReader(scripted, lambda: NOW).read(pod)


def test_a_report_holds_sums_flavors_and_microversions_of_now():
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("h2")]})
    scripted.set(CANDIDATES, summaries(h1=provider(), h2=provider(vcpus=(16, 5))))
    report = read(scripted)

    assert report.capacity.totals == Totals(24, 2000, 200)
    assert report.capacity.used == Amounts(7, 600, 20)
    assert report.capacity.reported_at == NOW
    assert report.capacity.source == "placement"
    assert (report.min_microversion, report.max_microversion) == ("2.1", "2.90")
    assert list(report.catalogue) == ["1"]


def test_a_pod_costs_four_calls_however_many_hosts_it_has():
    ids = [f"h{number}" for number in range(50)]
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host(i) for i in ids]})
    scripted.set(CANDIDATES, summaries(**{i: provider() for i in ids}))
    read(scripted)
    assert scripted.asked == [
        ("compute /", ""),
        (FLAVORS, "compute 2.61"),
        (HOSTS, "compute 2.53"),
        (CANDIDATES, "placement 1.29"),
    ]


def test_a_host_is_the_whole_tree_of_its_providers():
    tree = {
        "h1": provider(vcpus=None, ram_mb=None, root="h1"),
        "numa0": provider((4, 1), (500, 100), None, root="h1"),
        "numa1": provider((4, 2), (500, 50), None, root="h1"),
    }
    capacity = read(ScriptedPod().set(CANDIDATES, summaries(**tree))).capacity
    assert capacity.totals == Totals(8, 1000, 100)
    assert capacity.used == Amounts(3, 150, 10)
    assert [h.host_id for h in capacity.hosts] == ["h1"]


def test_a_full_host_counts_as_full_at_its_last_known_capacity():
    last = HostCapacity("h2", Totals(16, 4000, 50), Amounts(15, 3000, 40))
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("h2")]})
    capacity = read(scripted, replace(POD, capacity=a_capacity(hosts=(last,)))).capacity

    assert capacity.totals == Totals(24, 5000, 150)
    assert capacity.used == Amounts(18, 4300, 60)
    assert len(scripted.asked) == 4


def test_what_the_sdk_keeps_after_a_report_doesnt_hold_the_hosts_and_flavors_of_the_pod():
    pods = []

    class Watched(ScriptedPod):
        def send(self, pod, request):
            pods.append(pod)
            return super().send(pod, request)

    capacity = a_capacity(hosts=(HostCapacity("h1", Totals(8, 1000, 100), Amounts()),))
    read(Watched(), replace(POD, capacity=capacity, catalogue={"1": Flavor("1", "m1.1", 1, 512, 1)}))
    assert [(pod.capacity, pod.catalogue) for pod in pods] == [(None, None)] * 4


def inventory(total, reserved=0, allocation_ratio=1.0):
    return {"total": total, "reserved": reserved, "allocation_ratio": allocation_ratio}


def full_and_new(scripted):
    scripted.set(HOSTS, {"hypervisors": [host("h1"), host("h2")]})
    inventories = {"VCPU": inventory(8, 1, 1.5), "MEMORY_MB": inventory(4096, 512), "DISK_GB": inventory(100)}
    scripted.set("placement /resource_providers/h2/inventories", {"inventories": inventories})
    usages = {"VCPU": 3, "MEMORY_MB": 3584, "DISK_GB": 25}
    return scripted.set("placement /resource_providers/h2/usages", {"usages": usages})


def test_a_full_host_never_seen_is_asked_once_and_then_remembered():
    scripted = full_and_new(ScriptedPod())
    first = read(scripted)
    assert first.capacity.totals == Totals(8 + 10, 1000 + 3584, 200)
    assert first.capacity.used == Amounts(2 + 10, 300 + 3584, 110)
    assert len(scripted.asked) == 6

    scripted.asked.clear()
    second = read(scripted, replace(POD, capacity=first.capacity))
    assert second.capacity == first.capacity
    assert len(scripted.asked) == 4


def test_a_new_host_that_placement_doesnt_know_yet_counts_nothing():
    capacity = read(ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("new")]})).capacity
    assert capacity.totals == Totals(8, 1000, 100)


@pytest.mark.parametrize("fields", [{"state": "down"}, {"status": "disabled"}, {"state": None}])
def test_a_host_that_is_down_or_disabled_counts_nothing(fields):
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("h2", **fields)]})
    scripted.set(CANDIDATES, summaries(h1=provider(), h2=provider()))
    assert read(scripted).capacity.totals == Totals(8, 1000, 100)


def test_a_provider_that_is_no_host_of_nova_counts_nothing():
    scripted = ScriptedPod().set(CANDIDATES, summaries(h1=provider(), orphan=provider()))
    assert read(scripted).capacity.totals == Totals(8, 1000, 100)


def test_a_pod_without_hosts_is_full_and_not_unknown():
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": []}).set(CANDIDATES, summaries())
    capacity = read(scripted).capacity
    assert capacity.totals == Totals(0, 0, 0)
    assert capacity.used == Amounts()


def test_what_no_host_tells_is_not_counted():
    capacity = read(ScriptedPod().set(CANDIDATES, summaries(h1=provider(disk_gb=None)))).capacity
    assert capacity.totals == Totals(8, 1000, None)


def two_hosts_on_one_pool():
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("h2")]})
    return scripted.set(CANDIDATES, summaries(h1=provider(), h2=provider(disk_gb=(120, 30))))


@pytest.mark.parametrize(
    ("disk", "total", "used"),
    [(DiskMode.LOCAL, 220, 40), (DiskMode.SHARED, 120, 40), (DiskMode.IGNORE, None, 40)],
)
def test_disk_is_summed_or_one_pool_or_ignored(disk, total, used):
    capacity = read(two_hosts_on_one_pool(), replace(POD, disk=disk)).capacity
    assert (capacity.totals.disk_gb, capacity.used.disk_gb) == (total, used)


def test_a_full_host_on_a_shared_disk_doesnt_fill_the_pool():
    capacity = read(full_and_new(ScriptedPod()), replace(POD, disk=DiskMode.SHARED)).capacity
    assert (capacity.totals.disk_gb, capacity.used.disk_gb) == (100, 10 + 25)
    assert capacity.used.ram_mb == 300 + 3584


def test_a_shared_disk_without_hosts_is_full():
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": []}).set(CANDIDATES, summaries())
    assert read(scripted, replace(POD, disk=DiskMode.SHARED)).capacity.totals == Totals(0, 0, 0)


def test_servers_are_counted_only_where_the_operator_limits_them_and_on_dead_hosts_too():
    assert read(ScriptedPod()).capacity.used.instances == 0

    listed = [
        host(servers=[{"uuid": "a"}, {"uuid": "b"}]),
        host("h2", state="down", servers=[{"uuid": "c"}]),
        host("h3"),
    ]
    scripted = ScriptedPod().set(f"{HOSTS}?with_servers=true", {"hypervisors": listed})
    assert read(scripted, replace(POD, max_instances=5)).capacity.used.instances == 3


def test_pages_are_followed_by_their_marker_and_never_by_their_address():
    links = [{"rel": "next", "href": "http://elsewhere.example/v2.1/os-hypervisors?limit=1&marker=h1"}]
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1")], "hypervisors_links": links})
    scripted.set(f"{HOSTS}?marker=h1", {"hypervisors": [host("h2")]})
    scripted.set(CANDIDATES, summaries(h1=provider(), h2=provider()))
    assert read(scripted).capacity.totals.vcpus == 16


def test_pages_that_lead_nowhere_end_and_nothing_is_counted_twice():
    links = [{"rel": "next", "href": "http://nova/os-hypervisors?marker=h1"}]
    page = {"hypervisors": [host("h1")], "hypervisors_links": links}
    scripted = ScriptedPod().set(HOSTS, page).set(f"{HOSTS}?marker=h1", page)
    with pytest.raises(UntrustedReport, match="Endless"):
        read(scripted)
    assert scripted.paths.count(f"{HOSTS}?marker=h1") == 1


def test_answers_of_too_many_bytes_together_are_refused(monkeypatch):
    monkeypatch.setattr("chalicelib.adapters.openstack.carrier.MOST_BYTES", 100)

    with pytest.raises(UntrustedReport, match="more than 100 bytes"):
        read(ScriptedPod())


def test_pages_without_end_are_refused():
    class Endless(ScriptedPod):
        def send(self, pod, request):
            number = len(self.asked)
            links = [{"rel": "next", "href": f"?marker=h{number}"}]
            if request.path.startswith("/os-hypervisors"):
                self.set(f"compute {request.path}", {"hypervisors": [host()], "hypervisors_links": links})
            return super().send(pod, request)

    endless = Endless()
    with pytest.raises(UntrustedReport, match="more than 200 pages"):
        read(endless)
    assert len(endless.asked) == 2 + 200


ELSEWHERE = "http://elsewhere.example/v2.1/os-hypervisors?marker=h1"


@pytest.mark.parametrize(
    "link",
    [
        {"next": ELSEWHERE},
        {"links": [{"rel": "next", "href": ELSEWHERE}]},
        {"next": "http://compute@elsewhere.example/os-hypervisors?marker=h1"},
        {"next": "http://image/v2/images"},
        {"next": "http://["},
        {"next": 1},
        {"next": "http://compute/os-services"},
        {"next": "http://placement/resource_providers"},
        {"links": [{"rel": "next", "href": "http://compute/os-services"}]},
        {"links": {"next": "http://compute/os-services"}},
        {"links": 1},
        {"hypervisors_links": [{"rel": "next", "href": "http://["}]},
        {"hypervisors_links": {"rel": "next"}},
    ],
)
def test_a_link_in_an_answer_leads_to_no_other_address(link):
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host()], **link})
    with pytest.raises(UntrustedReport):
        read(scripted)
    assert scripted.paths == ["compute /", FLAVORS, HOSTS]


def test_a_link_in_an_answer_is_not_even_dialled():
    with http_pod() as elsewhere:
        scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host()], "next": f"{elsewhere.url}/v2.1"})
        with pytest.raises(UntrustedReport):
            read(scripted)
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "row",
    [
        {"connection": 1},
        {"status": "up", "servers": [1]},
        {"microversion": "2.1"},
        {"id": ["h1"]},
        {"servers": "none"},
    ],
)
def test_a_row_that_the_sdk_would_stumble_over_is_refused(row):
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(HOSTS, {"hypervisors": [{**host(), **row}]}))


def test_a_flavor_keeps_its_extra_specs_and_sizes():
    spec = {"pod:resource": "CAD Modeling", "resources:VCPU": "2"}
    row = flavor("cad", swap=512, extra_specs=spec, **{"OS-FLV-EXT-DATA:ephemeral": 3})
    catalogue = read(ScriptedPod().set(FLAVORS, {"flavors": [row]})).catalogue
    assert catalogue["cad"] == Flavor("cad", "m1.cad", 1, 512, 1, 3, 512, spec)


def test_a_private_flavor_names_who_may_use_it_and_a_public_one_nobody():
    private = {"os-flavor-access:is_public": False}
    scripted = ScriptedPod().set(
        FLAVORS, {"flavors": [flavor("a"), flavor("b/c", **private), flavor("gone", **private)]}
    )
    granted = [{"flavor_id": "b/c", "tenant_id": "p1"}, {"flavor_id": "b/c", "tenant_id": "p2"}]
    scripted.set("compute /flavors/b%2Fc/os-flavor-access", {"flavor_access": granted})
    catalogue = read(scripted).catalogue
    access = {flavor_id: flavor.project_ids for flavor_id, flavor in catalogue.items()}
    assert access == {"a": None, "b/c": frozenset({"p1", "p2"}), "gone": frozenset()}


@pytest.mark.parametrize("refusal", [403, 404])
def test_where_placement_isnt_for_us_novas_hypervisors_tell(refusal):
    pod = replace(
        POD, allocation_ratios={"vcpus": 4.0, "ram_mb": 1.5}, reserved={"ram_mb": 100, "disk_gb": 20}
    )
    scripted = ScriptedPod().set(CANDIDATES, refusal)
    capacity = read(scripted, pod).capacity

    assert capacity.source == "hypervisors"
    assert capacity.totals == Totals(32, int(900 * 1.5), 80)
    assert capacity.used == Amounts(2, 200, 0)  # Nova counts what is reserved as used
    assert scripted.asked[-1] == (SIZES, "compute 2.87")


def test_an_older_pod_tells_its_sizes_at_the_version_it_speaks():
    scripted = ScriptedPod().set(CANDIDATES, 404)
    scripted.set("compute /", {"version": {"version": "2.79", "min_version": "2.1"}})
    read(scripted)
    assert scripted.asked[-1] == (SIZES, "compute 2.79")


def test_a_pod_without_a_placement_endpoint_uses_its_hypervisors():
    scripted = ScriptedPod().set(SIZES, {"hypervisors": [sizes(), sizes("h2", state="down")]})
    report = read(scripted, replace(POD, endpoints={"compute": "http://nova"}))
    assert report.capacity.totals == Totals(8, 1000, 100)
    assert CANDIDATES not in scripted.paths


@pytest.mark.parametrize("trouble", [503, PodUnreachable("pod-a", "refused", sent=False)])
def test_a_placement_in_trouble_keeps_the_last_report_unless_the_operator_recorded_ratios(trouble):
    if isinstance(trouble, Exception):
        ratios = replace(POD, allocation_ratios={"vcpus": 4.0})
        assert read(ScriptedPod().set(CANDIDATES, trouble), ratios).capacity.source == "hypervisors"
    with pytest.raises(PodUnreachable):
        read(ScriptedPod().set(CANDIDATES, trouble))


ABSURD = ["8", 1.5, True, None, -1, 2**53 + 1, [1]]


@pytest.mark.parametrize("value", ABSURD)
@pytest.mark.parametrize("place", range(2))
def test_a_candidate_that_cant_be_true_is_refused(value, place):
    amounts = (value, 2) if place == 0 else (8, value)
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(CANDIDATES, summaries(h1=provider(ram_mb=amounts))))


def test_a_billion_vcpus_are_refused_and_so_is_a_sum_beyond_counting():
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(CANDIDATES, summaries(h1=provider(vcpus=(10**9 + 1, 0)))))
    scripted = ScriptedPod().set(HOSTS, {"hypervisors": [host("h1"), host("h2")]})
    huge = provider(ram_mb=(2**53, 0))
    with pytest.raises(UntrustedReport, match="sum"):
        read(scripted.set(CANDIDATES, summaries(h1=huge, h2=huge)))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e400"])
def test_numbers_that_are_none_are_refused(number):
    body = json.dumps(summaries(h1=provider(ram_mb=(4242, 0)))).encode().replace(b"4242", number)
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(CANDIDATES, body))


@pytest.mark.parametrize("value", ["1.5", True, 0, -1.0, 1e9])
def test_an_allocation_ratio_that_cant_be_true_is_refused(value):
    scripted = full_and_new(ScriptedPod())
    inventories = {"MEMORY_MB": inventory(4096, 512, value)}
    scripted.set("placement /resource_providers/h2/inventories", {"inventories": inventories})
    with pytest.raises(UntrustedReport):
        read(scripted)


@pytest.mark.parametrize("value", ABSURD)
def test_a_hypervisor_that_cant_be_true_is_refused(value):
    scripted = ScriptedPod().set(CANDIDATES, 404).set(SIZES, {"hypervisors": [sizes(memory_mb_used=value)]})
    with pytest.raises(UntrustedReport):
        read(scripted)


@pytest.mark.parametrize(
    "change",
    [
        {"vcpus": -1},
        {"vcpus": 1.5},
        {"ram": "512"},
        {"swap": [1]},
        {"id": ""},
        {"name": None},
        {"extra_specs": [1]},
    ],
)
def test_a_flavor_that_cant_be_true_is_refused(change):
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(FLAVORS, {"flavors": [{**flavor(), **change}]}))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"[" * 100_000, {"flavors": {}}, {"flavors": [1]}, {}]
)
def test_an_answer_of_another_shape_is_refused(body):
    with pytest.raises(UntrustedReport):
        read(ScriptedPod().set(FLAVORS, body))


@pytest.mark.parametrize("answer", [{}, {"flavor_access": {}}, {"flavor_access": [{"tenant_id": 1}]}, 403])
def test_an_access_list_that_is_none_is_refused(answer):
    scripted = ScriptedPod().set(FLAVORS, {"flavors": [flavor("a", **{"os-flavor-access:is_public": False})]})
    with pytest.raises(UntrustedReport):
        read(scripted.set("compute /flavors/a/os-flavor-access", answer))


def test_a_refusal_is_an_untrusted_report_and_a_breakdown_an_unreachable_pod():
    with pytest.raises(UntrustedReport, match="403"):
        read(ScriptedPod().set(FLAVORS, 403))
    with pytest.raises(UntrustedReport, match="403"):
        read(full_and_new(ScriptedPod()).set("placement /resource_providers/h2/usages", 403))
    with pytest.raises(PodUnreachable, match="500"):
        read(ScriptedPod().set(FLAVORS, 500))


def test_a_pod_too_old_to_list_extra_specs_is_said_so():
    scripted = ScriptedPod().set("compute /", {"version": {"version": "2.60", "min_version": "2.1"}})
    with pytest.raises(UntrustedReport, match=r"2\.61 is needed"):
        read(scripted)


def test_a_report_that_takes_too_long_ends_at_its_deadline():
    elapsed = iter(range(0, 1000, 6))
    scripted = ScriptedPod()
    reader = OpenStackCapacityReader(
        scripted, lambda: NOW, deadline_seconds=20, seconds=lambda: next(elapsed)
    )
    with pytest.raises(PodUnreachable, match="too long"):
        reader.read(POD)
    assert len(scripted.asked) == 3
