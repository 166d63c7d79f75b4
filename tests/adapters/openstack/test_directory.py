import json

import pytest
from keystoneauth1.access.service_catalog import ServiceCatalogV3

from chalicelib.adapters.openstack.client import OpenStackPodClient
from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.directory import KeystoneDirectory
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.service_catalogue import endpoints_in
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.errors import KeystoneUnavailable, NoCredential, PodUnreachable, Unproven
from chalicelib.settings import Settings
from tests.adapters.openstack.http_pod import http_pod
from tests.adapters.openstack.test_credentials import PASSWORD, Keystone
from tests.builders import a_pod

RULES = EndpointRules(allow_http=True)


def service(kind, url, region="Pod1", interface="public"):
    return {"type": kind, "endpoints": [{"region_id": region, "interface": interface, "url": url}]}


def directory(url):
    wire = Wire(RULES, 0.5)
    environment = {"TRIO2O_CREDENTIAL_POD": json.dumps(PASSWORD)}
    credentials = Credentials(Settings(auth_url=f"{url}/v3", environment=environment), wire.session)
    client = OpenStackPodClient(wire, RULES, credentials, credentials)
    return KeystoneDirectory(credentials, client, wire, f"{url}/v3", "public")


def keystone(*services):
    """A Keystone that lets anybody log in, and lists these services."""
    login = Keystone()
    login.catalogue = list(services)
    return login


def test_a_regions_endpoints_come_from_the_catalogue_of_its_interface():
    services = (
        service("compute", "http://nova1/v2.1"),
        service("compute", "http://nova2/v2.1", region="Pod2"),
        service("placement", "http://internal/", interface="internal"),
        service("placement", "http://placement1/"),
        service("image", "http://glance1"),
        service("identity", "http://keystone/v3"),
    )
    with http_pod(keystone(*services)) as http:
        found = directory(http.url).endpoints("Pod1", "pod")
    assert found == {
        "compute": "http://nova1/v2.1",
        "placement": "http://placement1",
        "image": "http://glance1",
    }


def test_a_region_that_keystone_doesnt_know_is_refused_with_those_that_it_knows():
    services = service("compute", "http://nova1/v2.1"), service("image", "http://glance2", region="Pod2")
    with (
        http_pod(keystone(*services)) as http,
        pytest.raises(Unproven, match=r"Pod3; there are Pod1, Pod2$") as no,
    ):
        directory(http.url).endpoints("Pod3", "pod")
    assert no.value.field == "pod_name"


def test_a_region_without_compute_is_one():
    with http_pod(keystone(service("image", "http://glance1"))) as http:
        assert directory(http.url).endpoints("Pod1", "pod") == {"image": "http://glance1"}


def test_of_very_many_regions_the_first_are_told():
    services = [service("compute", "http://nova", region=f"Pod{n:03}") for n in range(60)]
    with pytest.raises(Unproven, match=r"Pod048, Pod049 and 10 more$"):
        endpoints_in(ServiceCatalogV3(services), "Elsewhere", "public")


def shown_to(token, status=200, body=None):
    """A Keystone that shows its service catalogue to this token."""
    catalogue = {"catalog": [service("compute", "http://nova1/v2.1")]} if body is None else body

    def answer(handler):
        known = handler.path == "/v3/auth/catalog" and handler.headers["X-Auth-Token"] == token
        handler.reply(status if known else 401, catalogue)

    return answer


def test_a_caller_sees_the_endpoints_by_his_own_token():
    with http_pod(shown_to("mine")) as http:
        asking = directory(http.url)
        assert asking.endpoints_by_token("Pod1", "mine") == {"compute": "http://nova1/v2.1"}
        with pytest.raises(Unproven, match="there are Pod1"):
            asking.endpoints_by_token("Pod2", "mine")


@pytest.mark.parametrize("body", ["<html>", [], {}, {"catalog": 5}, {"error": {"code": 401}}])
def test_a_keystone_that_shows_a_token_no_catalogue_is_unavailable(body):
    with http_pod(shown_to("mine", 200, body)) as http, pytest.raises(KeystoneUnavailable):
        directory(http.url).endpoints_by_token("Pod1", "mine")


def test_a_project_id_at_the_end_is_left_out_since_other_projects_use_the_endpoint_too():
    project = "5f4dcc3b5aa765d61d8327deb882cf99"
    catalogue = [
        service("compute", f"http://nova/v2.1/{project}"),
        service("volumev3", f"http://cinder/v3/{project}/"),
    ]
    found = endpoints_in(ServiceCatalogV3(catalogue), "Pod1", "public")
    assert found == {"compute": "http://nova/v2.1", "volume": "http://cinder/v3"}


@pytest.mark.parametrize("lacking", ["url", "interface", "region_id"])
def test_an_endpoint_that_lacks_something_is_passed_over(lacking):
    broken = service("compute", "http://broken")
    del broken["endpoints"][0][lacking]
    broken["endpoints"] += service("compute", "http://nova/v2.1")["endpoints"]
    assert endpoints_in(ServiceCatalogV3([broken]), "Pod1", "public") == {"compute": "http://nova/v2.1"}


def test_the_newer_name_of_block_storage_wins():
    catalogue = [service("volumev3", "http://old/v3"), service("block-storage", "http://new/v3")]
    assert endpoints_in(ServiceCatalogV3(catalogue), "Pod1", "public")["volume"] == "http://new/v3"


def test_a_block_storage_of_another_version_is_none():
    catalogue = [service("volumev2", "http://old/v2"), service("volume", "http://older/v1")]
    assert endpoints_in(ServiceCatalogV3(catalogue), "Pod1", "public") == {}


def test_a_region_younger_than_our_token_is_found():
    login = keystone(service("compute", "http://nova1/v2.1"))
    with http_pod(login) as http:
        asking = directory(http.url)
        asking.endpoints("Pod1", "pod")
        login.catalogue = [service("compute", "http://nova2/v2.1", region="Pod2")]
        assert asking.endpoints("Pod2", "pod") == {"compute": "http://nova2/v2.1"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_credential_that_keystone_refuses_is_none(status):
    with http_pod(Keystone(status)) as http, pytest.raises(NoCredential):
        directory(http.url).endpoints("Pod1", "pod")


@pytest.mark.parametrize("status", [500, 302])
def test_a_keystone_without_a_catalogue_is_unavailable(status):
    with http_pod(Keystone(status)) as http, pytest.raises(KeystoneUnavailable):
        directory(http.url).endpoints("Pod1", "pod")


def version_document(document, status=200):
    def answer(handler):
        keystone()(handler) if handler.command == "POST" else handler.reply(status, document)

    return answer


def a_pod_at(url):
    return a_pod(endpoints={"compute": f"{url}/v2.1"}, credential_ref="pod")


def test_microversions_come_from_computes_own_version_document():
    document = {"version": {"id": "v2.1", "min_version": "2.1", "version": "2.104"}}
    with http_pod(version_document(document)) as http:
        assert directory(http.url).microversions(a_pod_at(http.url)) == ("2.1", "2.104")
    (asked,) = http.seen
    assert asked.path == "/v2.1/"
    # Else anyone who may name an endpoint could collect a token of the service user there.
    assert "x-auth-token" not in asked.headers


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"version": {"min_version": "", "version": ""}},
        {"version": {"min_version": "x"}},
        {"version": {"min_version": "2.96", "version": "2.1"}},
    ],
)
def test_an_endpoint_without_a_version_document_is_no_compute(document):
    with (
        http_pod(version_document(document)) as http,
        pytest.raises(PodUnreachable, match="version document"),
    ):
        directory(http.url).microversions(a_pod_at(http.url))
