import pytest

from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.model.errors import InvalidField

DEPLOYED = EndpointRules(allow_http=False)
ON_LAPTOP = EndpointRules(allow_http=True)


@pytest.mark.parametrize(
    "url", ["https://nova.pod1.example/v2.1", "https://10.0.0.5:8774/v2.1", "https://[2001:db8::1]/v2.1"]
)
def test_https_endpoints_are_fine(url):
    assert DEPLOYED.refusal(url) == ""


def test_http_and_loopback_are_for_a_laptop_only():
    for url in ("http://127.0.0.1:18210/v2.1", "http://localhost:1/", "http://[::1]:1/"):
        assert ON_LAPTOP.refusal(url) == ""
        assert "https" in DEPLOYED.refusal(url)
    for url in (
        "https://127.0.0.1:9001/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://[::ffff:127.0.0.1]/",
    ):
        assert "this machine" in DEPLOYED.refusal(url)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "224.0.0.1",
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
