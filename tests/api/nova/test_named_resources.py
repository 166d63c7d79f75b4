import pytest

from chalicelib.api.nova.named_resources import read_attached, read_named
from chalicelib.model.named_resource import NamedResource, Noun

ONE, TWO = "11111111-1111-4111-8111-11111111111a", "22222222-2222-4222-8222-222222222222"


@pytest.mark.parametrize(
    ("server", "named"),
    [
        ({}, []),
        ({"networks": "none"}, []),
        ({"networks": "auto"}, []),
        ({"networks": [{"uuid": ONE}, {"port": TWO}]}, [(Noun.NETWORK, ONE), (Noun.PORT, TWO)]),
        ({"networks": [{"uuid": ONE}, {"uuid": ONE.upper()}]}, [(Noun.NETWORK, ONE)]),
        (
            {
                "networks": [
                    {"uuid": "not-one"},
                    {"uuid": 5},
                    {"uuid": [ONE]},
                    {"uuid": {}},
                    None,
                    {"fixed_ip": "10.0.0.1"},
                ]
            },
            [],
        ),
        (
            {"block_device_mapping_v2": [{"source_type": s, "uuid": ONE} for s in ("volume", "snapshot")]},
            [(Noun.VOLUME, ONE), (Noun.SNAPSHOT, ONE)],
        ),
        (
            {"block_device_mapping_v2": [{"source_type": "image", "uuid": ONE}, {"source_type": []}]},
            [(Noun.IMAGE, ONE)],
        ),
        ({"imageRef": ONE}, [(Noun.IMAGE, ONE)]),
        ({"imageRef": f"http://nova.example/v2.1/images/{ONE}"}, [(Noun.IMAGE, ONE)]),
        ({"imageRef": ""}, []),
        ({"imageRef": 5}, []),
        ({"imageRef": None}, []),
        ({"block_device_mapping": [{"volume_id": ONE}]}, [(Noun.VOLUME, ONE)]),
    ],
)
def test_what_a_create_names_is_read(server, named):
    assert read_named({"server": server}, server) == tuple(NamedResource(*each) for each in named)


@pytest.mark.parametrize("key", ["os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"])
@pytest.mark.parametrize("group", [ONE, [ONE]])
def test_a_server_group_is_a_hint_beside_the_server(key, group):
    assert read_named({key: {"group": group}}, {}) == (NamedResource(Noun.SERVER_GROUP, ONE),)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"volumeAttachment": {"volumeId": ONE.upper()}}, [(Noun.VOLUME, ONE)]),
        ({"interfaceAttachment": {"port_id": ONE}}, [(Noun.PORT, ONE)]),
        ({"interfaceAttachment": {"net_id": ONE}}, [(Noun.NETWORK, ONE)]),
        ({"addFixedIp": {"networkId": ONE}}, [(Noun.NETWORK, ONE)]),
        ({"addFloatingIp": {"address": "10.0.0.1"}}, [(Noun.FLOATING_IP, "10.0.0.1")]),
        ({"addSecurityGroup": {"name": "Web"}}, [(Noun.SECURITY_GROUP, "Web")]),
        ({"addSecurityGroup": {"name": ONE}}, [(Noun.SECURITY_GROUP, ONE)]),
        ({"rebuild": {"imageRef": f"http://n/images/{ONE}"}}, [(Noun.IMAGE, ONE)]),
        ({"rescue": {"rescue_image_ref": ONE}}, [(Noun.IMAGE, ONE)]),
        ({"rescue": None}, []),
        ({"volumeAttachment": {"volumeId": "not-one"}}, []),
        ({"addSecurityGroup": {"name": 5}}, []),
        ({"reboot": {"type": "SOFT"}}, []),
        ([], []),
        (None, []),
    ],
)
def test_what_a_change_attaches_is_read(body, named):
    assert read_attached(body) == tuple(NamedResource(*each) for each in named)
