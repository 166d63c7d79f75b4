from chalicelib.model.amounts import Amounts
from tests.builders import a_binding, a_flavor, a_spec


def test_every_pod_that_the_project_is_bound_to_counts_as_bound():
    spec = a_spec(az_name=None, bound_to=[a_binding("pod-a", "az1"), a_binding("pod-b", "az2")])

    assert spec.bound_pod_ids == {"pod-a", "pod-b"}
    assert spec.binding_in("az2").pod_id == "pod-b"
    assert spec.binding_in("az3") is None


def test_an_ended_binding_binds_nothing():
    spec = a_spec(bound_to=[a_binding("pod-a", is_binding=False)])

    assert spec.bound_pod_ids == frozenset()
    assert spec.binding_in("az1") is None


def test_bindings_read_again_replace_those_read_before():
    assert a_spec(bound_to="pod-a").with_bindings([a_binding("pod-b")]).bound_pod_ids == {"pod-b"}


def test_failures_add_up():
    assert a_spec().failed_in("pod-a").failed_in("pod-b").failed_pod_ids == {"pod-a", "pod-b"}


def test_the_group_is_the_flavors_affinity():
    flavor = a_flavor(extra_specs={"pod:gpu": "a,b#c", "resource": "CAD Modeling", "hw:cpu_policy": "x"})

    assert a_spec().affinity_group == "general"
    assert a_spec(flavor).affinity_tags == {"gpu": "a,b#c", "resource": "CAD Modeling"}
    assert a_spec(flavor).affinity_group == "gpu=a%2Cb%23c,resource=CAD%20Modeling"


def test_the_need_is_for_all_servers_asked_for():
    assert a_spec(a_flavor(vcpus=2, ram_mb=1, root_gb=3), count=2).need == Amounts(4, 2, 6, 2)
    assert a_spec(need=Amounts(1, 2, 3, 4)).need_row == (1.0, 2.0, 3.0, 4.0)
