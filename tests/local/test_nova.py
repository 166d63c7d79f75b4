"""The stand-in's Nova answers as Nova would."""

from __future__ import annotations

import pytest


def test_a_server_builds_and_is_active_when_the_build_time_is_over(nova, clock):
    alpha = nova("alpha")
    server_id = alpha.create().json()["server"]["id"]
    assert alpha.status(server_id) == "BUILD"

    clock.advance(1)

    assert alpha.status(server_id) == "ACTIVE"


def test_a_filled_pod_accepts_a_server_and_fails_it_with_no_valid_host(cloud, nova, clock):
    cloud.pod("Pod1").fill()
    alpha = nova("alpha")

    created = alpha.create()
    clock.advance(1)

    server = alpha.get(f"/servers/{created.json()['server']['id']}").json()["server"]
    assert created.status_code == 202
    assert (server["status"], server["fault"]["message"]) == ("ERROR", "No valid host was found. ")


def test_deleting_a_server_gives_its_room_back(cloud, nova):
    alpha = nova("alpha")
    ids = [alpha.create(flavor="4").json()["server"]["id"] for _ in range(2)]
    assert all(host.room.vcpus == 0 for host in cloud.pod("Pod1").hosts)

    deleted = [alpha.ask("DELETE", f"/servers/{server_id}").status_code for server_id in ids]

    assert deleted == [204, 204]
    assert all(host.room == host.size.capacity for host in cloud.pod("Pod1").hosts)
    assert alpha.get(f"/servers/{ids[0]}").status_code == 404


def test_a_reader_may_look_and_not_touch(nova):
    server_id = nova("alpha").create().json()["server"]["id"]
    reader = nova("alpha-reader")

    assert reader.get(f"/servers/{server_id}").status_code == 200
    refused = [
        reader.create(),
        reader.act(server_id, lock=None),
        reader.ask("DELETE", f"/servers/{server_id}"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert "forbidden" in refused[0].json()


def test_another_tenant_sees_nothing_and_an_admin_sees_all(nova):
    server_id = nova("alpha").create().json()["server"]["id"]

    assert nova("beta").names() == []
    assert nova("beta").get(f"/servers/{server_id}").status_code == 404
    assert nova("beta").get("/servers?all_tenants=1").status_code == 403
    assert nova("admin").names("?all_tenants=1") == ["vm"]


def test_an_action_in_the_wrong_state_is_a_conflict_in_novas_words(nova, clock):
    alpha = nova("alpha")
    server_id = alpha.create().json()["server"]["id"]
    clock.advance(1)

    answer = alpha.act(server_id, **{"os-start": None})

    assert answer.status_code == 409
    assert answer.json()["conflictingRequest"]["message"] == (
        f"Cannot 'start' instance {server_id} while it is in vm_state active"
    )


def test_lists_page_by_marker_newest_first(nova, clock):
    alpha = nova("alpha")
    for name in ("one", "two", "three"):
        alpha.create(name, "42")
        clock.advance(1)

    page = alpha.get("/servers?limit=2").json()
    assert [server["name"] for server in page["servers"]] == ["three", "two"]
    assert f"marker={page['servers'][-1]['id']}" in page["servers_links"][0]["href"]
    assert alpha.names(f"?limit=2&marker={page['servers'][-1]['id']}") == ["one"]
    assert alpha.get("/servers?marker=nowhere").status_code == 400
    assert alpha.names("?limit=0") == []


def test_a_page_may_start_after_a_server_that_is_deleted(nova, clock):
    alpha = nova("alpha")
    for name in ("one", "two", "three"):
        alpha.create(name, "42")
        clock.advance(1)
    marker = alpha.get("/servers?limit=2").json()["servers"][-1]["id"]
    alpha.ask("DELETE", f"/servers/{marker}")

    assert alpha.names(f"?marker={marker}") == ["one"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?name=^o", ["one"]),
        ("?name=TWO", ["two"]),
        ("?status=ERROR", []),
        ("?sort_key=display_name&sort_dir=asc", ["one", "two"]),
        ("?tags=red", ["two"]),
        ("?not-tags=red", ["one"]),
    ],
)
def test_lists_filter_and_sort(nova, query, names):
    alpha = nova("alpha")
    alpha.create("one")
    alpha.create("two", tags=["red"])

    assert alpha.names(query) == names


def test_servers_of_one_second_come_by_ascending_id_whatever_the_direction(nova):
    alpha = nova("alpha")
    ids = sorted(alpha.create("vm", "42").json()["server"]["id"] for _ in range(4))

    for query in ("", "?sort_dir=asc", "?sort_key=display_name&sort_dir=desc"):
        assert [server["id"] for server in alpha.get(f"/servers{query}").json()["servers"]] == ids
    downwards = alpha.get("/servers?sort_key=created_at&sort_key=uuid").json()["servers"]
    assert [server["id"] for server in downwards] == ids[::-1]


@pytest.mark.parametrize(
    ("query", "version", "status"),
    [
        ("sort_key=name", "2.1", 400),
        ("sort_key=vcpus", "2.74", 200),
        ("sort_key=vcpus", "2.75", 400),
        ("sort_key=locked", "2.75", 200),
        ("sort_key=host", "2.1", 403),
        ("sort_key=uuid&sort_dir=asc&sort_dir=asc", "2.1", 400),
        ("sort_dir=up", "2.1", 400),
    ],
)
def test_a_list_is_sorted_by_what_nova_takes(nova, query, version, status):
    answer = nova("alpha").get(f"/servers?{query}", OpenStack_API_Version=f"compute {version}")

    assert answer.status_code == status


def test_a_filter_that_is_not_for_everybody_is_dropped_without_a_word(nova):
    ids = [nova("alpha").create("vm", "42").json()["server"]["id"] for _ in range(2)]

    assert len(nova("alpha").names(f"?uuid={ids[0]}")) == 2
    assert len(nova("admin").names(f"?all_tenants=1&uuid={ids[0]}")) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"networks": [1]},
        {"block_device_mapping_v2": True},
        {"security_groups": ["default"]},
        {"metadata": {"a": 1}},
        {"tags": 5},
        {"name": ""},
        {"flavorRef": "nothing"},
        {"imageRef": "nothing"},
        {"surprise": 1},
        {"networks": None},
        {"availability_zone": "mars"},
        {"key_name": "nobody"},
        {"max_count": 0},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_a_create_that_nova_would_not_take_is_a_bad_request(nova, asked):
    answer = nova("alpha").create(**asked)

    assert answer.status_code == 400
    assert answer.json()["badRequest"]["code"] == 400


def test_several_servers_are_answered_with_the_first(nova):
    alpha = nova("alpha")

    created = alpha.create("vm", "42", max_count=3).json()["server"]

    assert sorted(alpha.names()) == ["vm-1", "vm-2", "vm-3"]
    assert alpha.get(f"/servers/{created['id']}").json()["server"]["name"] == "vm-1"


def test_the_projects_id_in_the_path_must_be_the_tokens(cloud, nova):
    alpha = nova("alpha")
    own = cloud.keystone.find_project("alpha").id

    assert alpha.get(f"/{own}/servers/detail").status_code == 200
    assert alpha.get(f"/{cloud.keystone.find_project('beta').id}/servers").status_code == 400


def test_microversions_are_negotiated_and_echoed(nova):
    alpha = nova("alpha")

    answer = alpha.get("/flavors/1", OpenStack_API_Version="compute 2.60")
    assert answer.headers["OpenStack-API-Version"] == "compute 2.60"
    assert "extra_specs" not in answer.json()["flavor"]
    assert "extra_specs" in alpha.get("/flavors/1", OpenStack_API_Version="compute 2.61").json()["flavor"]

    outside = alpha.get("/servers", OpenStack_API_Version="compute 2.999")
    assert outside.status_code == 406
    assert "Minimum is 2.1 and maximum is 2.96" in outside.json()["computeFault"]["message"]


def test_versions_need_no_token_and_all_else_does(nova):
    stranger = nova("alpha")
    stranger._headers["X-Auth-Token"] = "wrong"

    assert stranger.get("").json()["version"]["id"] == "v2.1"
    refused = stranger.get("/servers")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Keystone uri=")
    assert refused.json()["error"]["code"] == 401


def test_a_private_flavor_is_hidden_until_a_project_gets_access(cloud, nova):
    admin, alpha = nova("admin"), nova("alpha")
    flavor = {"id": "p", "name": "p", "vcpus": 1, "ram": 64, "disk": 1, "os-flavor-access:is_public": False}
    admin.ask("POST", "/flavors", {"flavor": flavor})
    assert alpha.get("/flavors/p").status_code == 404

    project_id = cloud.keystone.find_project("alpha").id
    admin.ask("POST", "/flavors/p/action", {"addTenantAccess": {"tenant": project_id}})

    assert alpha.get("/flavors/p").status_code == 200
    assert nova("beta").create(flavor="p").status_code == 400


def test_a_resize_holds_the_new_room_once_and_the_old_no_more(cloud, nova, clock):
    alpha, pod = nova("alpha", "Pod2"), cloud.pod("Pod2")
    server_id = alpha.create(flavor="2").json()["server"]["id"]
    clock.advance(1)

    alpha.act(server_id, resize={"flavorRef": "3"})
    clock.advance(1)
    assert alpha.status(server_id) == "VERIFY_RESIZE"
    alpha.act(server_id, confirmResize=None)

    assert alpha.status(server_id) == "ACTIVE"
    assert pod.hosts[0].used.vcpus == 2
