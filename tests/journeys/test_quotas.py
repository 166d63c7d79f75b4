"""Quotas as clients meet them: one quota over all pods, whatever each of them counts."""

from local.standin.nova.state import Quota

FULL = "Quota exceeded for instances: Requested 1, but already used 3 of 3 instances"


def set_limits(gateway, user_id="", project="alpha", **limits):
    query = f"?user_id={user_id}" if user_id else ""
    path = f"/v2.1/os-quota-sets/{gateway.project_id(project)}{query}"
    return gateway.call("PUT", path, {"quota_set": limits}, user="admin")


def fault_of(answer):
    (fault,) = answer.body.values()
    return answer.status, fault["message"]


def test_a_project_gets_as_many_servers_over_its_pods_as_its_quota_has(gateway):
    assert set_limits(gateway, instances=3).status == 200
    zones = ("az1", "az2", "az1")
    created = [gateway.create(availability_zone=zone) for zone in zones]
    assert [answer.status for answer in created] == [202] * 3

    for zone in ("az1", "az2"):
        assert fault_of(gateway.create(availability_zone=zone)) == (403, FULL)

    assert gateway.call("DELETE", f"/v2.1/servers/{created[0].body['server']['id']}").status == 204
    assert [gateway.create().status for _ in range(2)] == [202, 403]


def test_servers_that_were_made_beside_the_gateway_count_when_a_look_is_taken(gateway):
    set_limits(gateway, instances=3)
    gateway.create(availability_zone="az1")
    gateway.create(availability_zone="az2")
    stores = gateway.stores
    stores.usages.forget(gateway.project_id())

    assert [gateway.create().status for _ in range(2)] == [202, 403]


def test_cores_and_ram_are_counted_by_flavor_and_named_when_they_run_out(gateway):
    set_limits(gateway, instances=-1, cores=2, ram=1024)
    assert [gateway.create().status for _ in range(2)] == [202, 202]

    status, message = fault_of(gateway.create())

    assert status == 403
    assert message == (
        "Quota exceeded for cores, ram: Requested 1, 512, but already used 2, 1024 of 2, 1024 cores, ram"
    )


def test_a_user_with_limits_of_his_own_has_no_more_than_those(gateway):
    user_id = gateway.cloud.token_for("alpha").user_id
    assert set_limits(gateway, instances=3).status == 200
    assert set_limits(gateway, user_id=user_id, instances=1).status == 200

    assert [gateway.create().status for _ in range(2)] == [202, 403]
    path = f"/v2.1/os-quota-sets/{gateway.project_id()}?user_id={user_id}"
    assert gateway.call("DELETE", path, user="admin").status == 202
    assert [gateway.create().status for _ in range(3)] == [202, 202, 403]


def test_nothing_is_counted_without_a_limit_and_all_is_once_there_is_one(gateway):
    set_limits(gateway, instances=-1, cores=-1, ram=-1)
    assert [gateway.create().status for _ in range(12)] == [202] * 12
    assert gateway.stores.usages.read(gateway.project_id()) is None

    set_limits(gateway, instances=13, force=True)
    assert [gateway.create().status for _ in range(2)] == [202, 403]


def test_a_pods_own_quota_sends_a_create_to_the_next_pod_and_leaves_the_binding(gateway):
    set_limits(gateway, instances=-1)
    (bound,) = {gateway.pod_holding(gateway.create(availability_zone="az1").body["server"]["id"])}
    gateway.cloud.pods[bound].nova.quota = Quota(instances=1)

    diverted = gateway.create(availability_zone="az1")

    assert diverted.status == 202
    assert gateway.pod_holding(diverted.body["server"]["id"]) != bound
    (binding,) = gateway.stores.bindings.of_project(gateway.project_id(), "general")
    assert binding.pod_id == gateway.pods[bound].pod_id


def test_if_every_pods_own_quota_refuses_the_client_is_told_so_in_novas_words(gateway):
    for pod in gateway.cloud.pods.values():
        pod.nova.quota = Quota(instances=0)

    refused = "Quota exceeded for instances: Requested 1, but already used 0 of 0 instances"
    assert fault_of(gateway.create(availability_zone="az1")) == (403, refused)
    usage = gateway.stores.usages.read(gateway.project_id())
    assert usage.free.instances == 0


def show(gateway, path, user="alpha", version="2.1"):
    return gateway.call("GET", path, user=user, X_OpenStack_Nova_API_Version=version)


def test_limits_tell_the_sum_of_what_is_used_in_all_pods(gateway):
    for zone in ("az1", "az2"):
        gateway.create(availability_zone=zone)

    absolute = show(gateway, "/v2.1/limits").body["limits"]["absolute"]
    assert (absolute["totalInstancesUsed"], absolute["maxTotalInstances"]) == (2, 1000)
    assert (absolute["totalCoresUsed"], absolute["totalRAMUsed"]) == (2, 1024)

    of_alpha = f"/v2.1/limits?tenant_id={gateway.project_id()}"
    assert show(gateway, of_alpha, "admin").body["limits"]["absolute"] == absolute
    assert fault_of(show(gateway, of_alpha)) == (
        403,
        "Policy doesn't allow os_compute_api:limits:other_project to be performed.",
    )


def test_what_a_silent_pod_has_counts_by_what_we_know_of_it(gateway):
    created = gateway.create(availability_zone="az2").body["server"]["id"]
    gateway.create(availability_zone="az1")
    gateway.cloud.pod(gateway.pod_holding(created)).kill()

    absolute = show(gateway, "/v2.1/limits").body["limits"]["absolute"]
    used = [absolute[f"total{name}Used"] for name in ("Instances", "Cores", "RAM")]
    assert used == [2, 2, 1024]


def test_a_quota_is_shown_with_its_use_and_its_defaults(gateway):
    gateway.create()
    set_limits(gateway, cores=7, ram=-1)
    path = f"/v2.1/os-quota-sets/{gateway.project_id()}"

    shown = show(gateway, path).body["quota_set"]
    assert shown["id"] == gateway.project_id()
    assert (shown["cores"], shown["ram"], shown["key_pairs"]) == (7, -1, 100)
    detail = show(gateway, f"{path}/detail").body["quota_set"]
    assert detail["cores"] == {"limit": 7, "in_use": 1, "reserved": 0}
    assert show(gateway, f"{path}/defaults").body["quota_set"]["cores"] == 4000

    assert gateway.call("DELETE", path, user="admin").status == 202
    assert show(gateway, path).body["quota_set"]["cores"] == 4000


def test_the_default_class_holds_for_projects_without_limits_of_their_own(gateway):
    path = "/v2.1/os-quota-class-sets/default"
    answer = gateway.call("PUT", path, {"quota_class_set": {"instances": 1}}, user="admin")
    assert (answer.status, answer.body["quota_class_set"]["instances"]) == (200, 1)
    assert "server_groups" not in answer.body["quota_class_set"]
    newer = show(gateway, path, "admin", "2.50").body["quota_class_set"]
    assert (newer["id"], newer["server_groups"]) == ("default", 10)

    assert [gateway.create().status for _ in range(2)] == [202, 403]
    set_limits(gateway, instances=2)
    assert [gateway.create().status for _ in range(2)] == [202, 403]


def test_members_change_no_quota_and_see_no_other_projects(gateway):
    path = f"/v2.1/os-quota-sets/{gateway.project_id()}"
    named = "Policy doesn't allow os_compute_api:os-quota-sets:{} to be performed."
    body = {"quota_set": {"cores": 1}}

    assert fault_of(gateway.call("PUT", path, body)) == (403, named.format("update"))
    assert fault_of(gateway.call("DELETE", path)) == (403, named.format("delete"))
    assert fault_of(show(gateway, path, "beta")) == (403, named.format("show"))
    assert fault_of(show(gateway, f"{path}/detail", "beta")) == (403, named.format("detail"))
    classes = "Policy doesn't allow os_compute_api:os-quota-class-sets:show to be performed."
    assert fault_of(show(gateway, "/v2.1/os-quota-class-sets/default")) == (403, classes)


def test_a_limit_covers_what_is_used_unless_it_is_forced(gateway):
    for _ in range(2):
        gateway.create()

    assert fault_of(set_limits(gateway, instances=1)) == (
        400,
        "Quota limit 1 for instances must be greater than or equal to already used and reserved 2.",
    )
    assert set_limits(gateway, instances=1, force=True).status == 200


def test_users_are_given_no_more_than_their_project_has_left(gateway):
    assert set_limits(gateway, instances=6).status == 200
    assert set_limits(gateway, user_id="u1", instances=4).status == 200

    assert fault_of(set_limits(gateway, user_id="u2", instances=3)) == (
        400,
        "Quota limit 3 for instances must be less than or equal to 2.",
    )
    assert set_limits(gateway, user_id="u1", instances=6).status == 200
    assert fault_of(set_limits(gateway, instances=5)) == (
        400,
        "Quota limit 5 for instances must be greater than or equal to already used and reserved 6.",
    )


def test_unknown_parameters_are_refused_from_2_75_on(gateway):
    path = f"/v2.1/os-quota-sets/{gateway.project_id()}?foo=1"
    refused = (400, "Additional properties are not allowed ('foo' was unexpected)")

    assert show(gateway, path, version="2.74").status == 200
    assert fault_of(show(gateway, path, version="2.75")) == refused
    assert fault_of(show(gateway, "/v2.1/limits?foo=1", version="2.75")) == refused


def test_a_quota_refuses_before_want_of_room_does(gateway):
    set_limits(gateway, instances=3, cores=-1, ram=-1)
    most = {"min_count": 1000, "max_count": 1000}

    refused = "Quota exceeded for instances: Requested 1000, but already used 0 of 3 instances"
    assert fault_of(gateway.create(**most)) == (403, refused)

    set_limits(gateway, instances=-1)
    assert gateway.create(**most).status == 409
    assert gateway.create().status == 202


def test_of_many_servers_as_many_are_made_as_the_quota_has_room_for(gateway):
    set_limits(gateway, instances=5, cores=4, ram=-1)
    assert gateway.create().status == 202

    assert gateway.create(min_count=2, max_count=30).status == 202

    assert len(gateway.call("GET", "/v2.1/servers").body["servers"]) == 4
    assert gateway.create(min_count=1, max_count=2).status == 403
    assert gateway.create(min_count=2).status == 403
