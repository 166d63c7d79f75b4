import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.login import Login
from chalicelib.adapters.openstack.secrets import CACHE_SECONDS, AwsSecrets
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.errors import KeystoneUnavailable, NoCredential
from chalicelib.settings import Settings
from tests.adapters.openstack.http_pod import http_pod

PASSWORD = {"username": "nova", "password": "hunter2", "project_name": "service"}


class Keystone:
    """Logs in anyone, and gives token-1, token-2 and so on."""

    def __init__(self, status=201):
        self.given = 0
        self.urls = []
        self.catalogue = []
        self.status = status

    def __call__(self, handler):
        if self.status != 201:
            handler.reply(self.status, {"error": {"message": "no", "code": self.status, "title": "no"}})
            return
        self.given += 1
        token = {"expires_at": "2999-01-01T00:00:00.000000Z", "issued_at": "2025-01-01T00:00:00.000000Z"}
        body = {
            "token": {**token, "methods": ["password"], "user": {"id": "u", "name": "nova", "domain": {}}}
        }
        if self.urls:
            endpoints = [{"interface": "public", "region_id": "R", "url": url} for url in self.urls]
            self.catalogue = [{"type": "compute", "endpoints": endpoints}]
        if self.catalogue:
            body["token"]["catalog"] = self.catalogue
        handler.reply(201, body, X_Subject_Token=f"token-{self.given}")


def credentials(secrets=None, auth_url="http://127.0.0.1:1/v3", prefix="trio2o", **environment):
    named = {f"TRIO2O_CREDENTIAL_{ref}": json.dumps(value) for ref, value in environment.items()}
    settings = Settings(auth_url=auth_url, allow_http=True, table_prefix=prefix, environment=named)
    return Credentials(settings, Wire(EndpointRules(allow_http=True), 0.5).session, secrets)


class Kept:
    """Keeps these secrets, whose names start with the prefix of a deployment."""

    def __init__(self, *, prefix="trio2o", **texts):
        self.texts = {f"{prefix}/{ref}": text for ref, text in texts.items()}

    def read(self, name, afresh=False):
        return self.texts.get(name)


def test_a_password_in_the_environment_gets_a_token_and_keeps_it():
    with http_pod(Keystone()) as keystone:
        held = credentials(auth_url=keystone.url + "/v3", POD_1=PASSWORD)
        assert [held.token("pod-1"), held.token("pod-1")] == ["token-1", "token-1"]

    asked = json.loads(keystone.seen[0].body)["auth"]
    assert keystone.seen[0].path == "/v3/auth/tokens"
    assert asked["identity"]["password"]["user"]["domain"] == {"name": "Default"}
    assert asked["scope"]["project"] == {"name": "service", "domain": {"name": "Default"}}


def test_an_application_credential_brings_its_own_keystone():
    with http_pod(Keystone()) as keystone:
        given = {
            "auth_url": keystone.url + "/v3",
            "application_credential_id": "ac",
            "application_credential_secret": "hunter2",
        }
        assert credentials(POD=given).token("pod") == "token-1"
    asked = json.loads(keystone.seen[0].body)["auth"]["identity"]
    assert asked["application_credential"] == {"id": "ac", "secret": "hunter2"}


def test_a_refused_token_is_renewed_by_one_of_many_who_held_it():
    with http_pod(Keystone()) as keystone:
        held = credentials(auth_url=keystone.url + "/v3", POD=PASSWORD)
        first = held.token("pod")
        assert [held.token("pod", refused=first) for _ in range(3)] == ["token-2"] * 3


def test_where_the_environment_has_none_secrets_manager_is_asked():
    with http_pod(Keystone()) as keystone:
        held = credentials(Kept(pod=json.dumps(PASSWORD)), auth_url=keystone.url + "/v3")
        assert held.token("pod") == "token-1"


def test_a_deployment_asks_for_the_secrets_of_its_own_prefix():
    with http_pod(Keystone()) as keystone:
        kept, url = Kept(prefix="dev", pod=json.dumps(PASSWORD)), keystone.url + "/v3"

        assert credentials(kept, url, prefix="dev").token("pod") == "token-1"
        with pytest.raises(NoCredential):
            credentials(kept, url, prefix="prod").token("pod")


def test_a_secret_that_changed_logs_in_anew():
    with http_pod(Keystone()) as keystone:
        kept = Kept(pod=json.dumps(PASSWORD))
        held = credentials(kept, auth_url=keystone.url + "/v3")
        held.token("pod")
        kept.texts["trio2o/pod"] = json.dumps({**PASSWORD, "password": "hunter3"})
        assert held.token("pod") == "token-2"


@pytest.mark.parametrize("ref", ["", "elsewhere"])
def test_a_pod_without_a_credential_is_said_so(ref):
    with pytest.raises(NoCredential):
        credentials(Kept(), POD=PASSWORD).token(ref)


@pytest.mark.parametrize(
    "given", ["hunter2", ["hunter2"], {"password": "hunter2"}, {"application_credential_id": 1}]
)
def test_a_malformed_credential_is_refused_without_quoting_it(given):
    with pytest.raises(NoCredential, match="must be JSON") as caught:
        credentials(POD=given).token("pod")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_user_that_keystone_refuses_is_no_credential():
    with http_pod(Keystone(status=401)) as keystone, pytest.raises(NoCredential, match="401"):
        credentials(auth_url=keystone.url + "/v3", POD=PASSWORD).token("pod")


@pytest.mark.parametrize("status", [429, 503])
def test_a_keystone_in_trouble_is_unavailable(status):
    with http_pod(Keystone(status)) as keystone, pytest.raises(KeystoneUnavailable):
        credentials(auth_url=keystone.url + "/v3", POD=PASSWORD).token("pod")


def test_a_keystone_that_is_down_is_unavailable():
    with pytest.raises(KeystoneUnavailable):
        credentials(POD=PASSWORD).token("pod")


def test_a_login_shows_no_secret():
    login = Login("pod", json.dumps(PASSWORD), "http://127.0.0.1:1/v3")
    assert "hunter2" not in repr(login)


class SecretsManager:
    """Stands for botocore's client of Secrets Manager."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.names = []

    def get_secret_value(self, SecretId):
        self.names.append(SecretId)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"SecretString": answer}


def refusal(code):
    return ClientError({"Error": {"Code": code}}, "GetSecretValue")


def test_a_secret_is_asked_for_again_after_five_minutes():
    now = [0.0]
    manager = SecretsManager("first", "second")
    secrets = AwsSecrets("us-east-1", clock=lambda: now[0], client=manager)
    assert [secrets.read("trio2o/pod"), secrets.read("trio2o/pod")] == ["first", "first"]
    now[0] = CACHE_SECONDS
    assert secrets.read("trio2o/pod") == "second"
    assert manager.names == ["trio2o/pod", "trio2o/pod"]


def test_an_absent_secret_is_none_and_a_refusal_an_error():
    unreachable = EndpointConnectionError(endpoint_url="https://secrets")
    answers = refusal("ResourceNotFoundException"), refusal("AccessDeniedException"), unreachable
    secrets = AwsSecrets("us-east-1", client=SecretsManager(*answers))
    assert [secrets.read("trio2o/pod"), secrets.read("trio2o/pod")] == [None, None]
    with pytest.raises(NoCredential, match="AccessDenied"):
        secrets.read("trio2o/pod2")
    with pytest.raises(NoCredential, match="EndpointConnectionError"):
        secrets.read("trio2o/pod2")


def test_a_token_of_ours_goes_only_where_keystones_catalogue_leads():
    keystone = Keystone()
    keystone.urls = ["https://nova.example/v2.1"]
    with http_pod(keystone) as http:
        held = credentials(auth_url=http.url + "/v3", POD=PASSWORD)
        held.vouch("pod", "https://NOVA.example:443/v2.1/servers")
        for elsewhere in (
            "https://evil.example/v2.1",
            "http://nova.example/v2.1",
            "https://nova.example:8443/",
        ):
            with pytest.raises(NoCredential, match="neither in Keystone's catalogue nor trusted"):
                held.vouch("pod", elsewhere)


def test_a_region_that_is_younger_than_our_token_is_found():
    keystone = Keystone()
    with http_pod(keystone) as http:
        held = credentials(auth_url=http.url + "/v3", POD=PASSWORD)
        held.token("pod")
        keystone.urls = ["https://nova.example/v2.1"]
        held.vouch("pod", "https://nova.example/v2.1")


def test_an_operator_may_trust_an_address_that_keystone_does_not_know():
    chosen = Settings(environment={}, trusted_origins="https://a.example, https://b.example:8774")
    Credentials(chosen, Wire(EndpointRules(), 0.5).session).vouch("pod", "https://b.example:8774/v2.1")
