import pytest

from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.model.errors import InvalidField

DEPLOYED = EndpointRules()
IN_A_VPC = EndpointRules(allow_private=True)
ON_LAPTOP = EndpointRules(allow_http=True, allow_private=True)

# How one IPv4 address, given by its four numbers, may be written so that something leads to it.
WAYS_TO_WRITE = {
    "plain": "{0}.{1}.{2}.{3}",
    "mapped": "[::ffff:{0}.{1}.{2}.{3}]",
    "mapped, as hex": "[::ffff:{0:02x}{1:02x}:{2:02x}{3:02x}]",
    "translated (SIIT)": "[::ffff:0:{0}.{1}.{2}.{3}]",
    "NAT64": "[64:ff9b::{0}.{1}.{2}.{3}]",
    "NAT64 of the site": "[64:ff9b:1::{0}.{1}.{2}.{3}]",
    "6to4": "[2002:{0:02x}{1:02x}:{2:02x}{3:02x}::1]",
    "::a.b.c.d": "[::{0}.{1}.{2}.{3}]",
    "ISATAP": "[2001:470::5efe:{0}.{1}.{2}.{3}]",
    "decimal": "{whole}",
    "hexadecimal": "{whole:#x}",
    "octal": "0{0:o}.0{1:o}.0{2:o}.0{3:o}",
    "hexadecimal parts": "{0:#x}.{1:#x}.{2:#x}.{3:#x}",
    "three parts": "{0}.{1}.{low16}",
    "two parts": "{0}.{low24}",
    "with a dot at its end": "{0}.{1}.{2}.{3}.",
    "percent-encoded": "%31{0}.{1}.{2}.{3}",
    "with a user": "nova.example@{0}.{1}.{2}.{3}",
    "with a password": "a:b@{0}.{1}.{2}.{3}",
    "before a backslash": "{0}.{1}.{2}.{3}\\.nova.example",
    "after a backslash": "nova.example\\@{0}.{1}.{2}.{3}",
    "in brackets of another version": "[v1.{0}.{1}.{2}.{3}]",
    "after other letters": "nova[::ffff:{0}.{1}.{2}.{3}]",
}


def written(way, address):
    numbers = [int(part) for part in address.split(".")]
    whole = int.from_bytes(bytes(numbers))
    return WAYS_TO_WRITE[way].format(*numbers, whole=whole, low16=whole & 0xFFFF, low24=whole & 0xFFFFFF)


def refused_at_connect(rules, host):
    """Whether it is refused when a name leads there; what isn't an address can be no such answer."""
    try:
        return rules.refused_address(host.strip("[]")) != ""
    except ValueError:
        return True


@pytest.mark.parametrize(
    "url",
    [
        "https://nova.pod1.example/v2.1",
        "https://nova.pod1.example:8774/v2.1/",
        "https://192.example/",
        "https://1e100.net/",
        "https://_nova.pod-1.example./",
        "https://8.8.8.8/v2.1",
        "https://[2600:1f18::1]:8774/v2.1",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::8.8.8.8]/",
        "https://[2002:808:808::1]/",
    ],
)
def test_https_to_public_addresses_is_fine(url):
    assert DEPLOYED.refusal(url) == ""


def test_http_and_loopback_are_for_a_laptop_only():
    for url in ("http://127.0.0.1:18210/v2.1", "http://localhost:1/", "http://[::1]:1/"):
        assert ON_LAPTOP.refusal(url) == ""
        for rules in (DEPLOYED, IN_A_VPC):
            assert "https" in rules.refusal(url)
            assert "this machine" in rules.refusal(url.replace("http:", "https:"))
    for host in ("LOCALHOST.", "a.localhost", "[::ffff:127.0.0.1]", "127.8.8.8", "[::127.0.0.1]"):
        assert "this machine" in IN_A_VPC.refusal(f"https://{host}/"), host


PRIVATE = ["10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1"]


@pytest.mark.parametrize("host", [*PRIVATE, "[fc00::1]", "[fd12:3456::1]", "[fec0::1]"])
def test_private_networks_are_for_the_stages_that_allow_them(host):
    assert "private" in DEPLOYED.refusal(f"https://{host}:8774/v2.1")
    assert "private" in DEPLOYED.refused_address(host.strip("[]"))
    assert IN_A_VPC.refusal(f"https://{host}:8774/v2.1") == ""
    assert IN_A_VPC.refused_address(host.strip("[]")) == ""


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("way", WAYS_TO_WRITE)
def test_no_way_to_write_a_private_address_hides_it(way, address):
    host = written(way, address)

    assert DEPLOYED.refusal(f"https://{host}/v2.1")
    assert refused_at_connect(DEPLOYED, host)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "169.254.170.2", "0.0.0.0", "224.0.0.1", "168.63.129.16"]
)
@pytest.mark.parametrize("way", WAYS_TO_WRITE)
def test_metadata_is_refused_everywhere_in_whatever_way_it_is_written(way, address):
    host = written(way, address)

    for rules in (DEPLOYED, IN_A_VPC, ON_LAPTOP):
        assert rules.refusal(f"https://{host}/latest")
        assert refused_at_connect(rules, host)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "[fd00:ec2::23]",
        "[ff02::1]",
        "[::]",
        "100.100.100.200",
        "192.0.0.192",
        "255.255.255.255",
        "[2001:0:a9fe:a9fe::]",  # Teredo, by a server that is the metadata service
        "[2001:0:808:808:0:ffff:5601:5601]",  # and by a client that is it, with its bits turned
    ],
)
def test_link_local_metadata_and_multicast_addresses_are_refused_even_on_a_laptop(host):
    assert "link-local" in ON_LAPTOP.refusal(f"http://{host}/latest")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "https"),
        ("ftp://nova.example/", "https"),
        ("//nova.example/", "https"),
        ("https://", "host"),
        ("https:///v2.1", "host"),
        ("https://user:pass@nova.example/", "user or password"),
        ("https://@nova.example/", "user or password"),
        ("https://nova.example/?a=1", "query"),
        ("https://nova.example/#a", "query"),
        ("https://nova.example/v2.1?", "query"),
        ("https://nova.example/v2.1#", "query"),
        ("https://nova_example:8774:8774/", "URL"),
        ("https://nova;example/", "host"),
        ("https://nova,169.254.169.254/", "host"),
        ("https://nova.example:port/", "URL"),
        ("https://nova.example/ v2.1", "printable"),
        ("https://nova.example/\r\nX-Injected: 1", "printable"),
        ("https://[::1/", "URL"),
    ],
)
def test_what_is_no_plain_address_is_refused_with_a_reason(url, reason):
    assert reason in DEPLOYED.refusal(url)


def test_the_error_names_the_field_as_the_operator_wrote_it():
    with pytest.raises(InvalidField, match="https") as caught:
        DEPLOYED.check({"image": "https://glance.example", "compute": "http://nova.example/v2.1"})
    assert caught.value.field == "endpoints.compute"
