"""A credential that is rotated in Secrets Manager is in force without a restart; a wrong one costs little."""

import json

import botocore.session
import pytest

from chalicelib.adapters.openstack.credentials import Credentials
from chalicelib.adapters.openstack.endpoints import EndpointRules
from chalicelib.adapters.openstack.login import REFUSED_SECONDS
from chalicelib.adapters.openstack.secrets import AFRESH_SECONDS, AwsSecrets
from chalicelib.adapters.openstack.wire import Wire
from chalicelib.model.errors import NoCredential
from chalicelib.settings import Settings
from tests.adapters.openstack.http_pod import http_pod
from tests.builders import SetClock


class Keystone:
    """Lets in one password, which may change; each token is another one."""

    def __init__(self, password):
        self.password, self.logins = password, 0

    def __call__(self, handler):
        self.logins += 1
        asked = json.loads(handler.pod.seen[-1].body)["auth"]["identity"]["password"]["user"]["password"]
        if asked != self.password:
            handler.reply(401, {"error": {"message": "no", "code": 401, "title": "Unauthorized"}})
            return
        times = {"expires_at": "2999-01-01T00:00:00.000000Z", "issued_at": "2025-01-01T00:00:00.000000Z"}
        user = {"id": "u", "name": "nova", "domain": {}}
        token = {**times, "methods": ["password"], "user": user, "catalog": []}
        handler.reply(201, {"token": token}, X_Subject_Token=f"token-{self.logins}")


class Vault:
    """The embedded Secrets Manager with one secret, which may change, and how often it was read."""

    def __init__(self, url, name):
        self.client = botocore.session.get_session().create_client(
            "secretsmanager",
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        self.name, self.reads = name, 0
        self.client.create_secret(Name=name, SecretString=secret("first"))

    def rotate(self, password):
        self.client.put_secret_value(SecretId=self.name, SecretString=secret(password))

    def get_secret_value(self, **asked):
        self.reads += 1
        return self.client.get_secret_value(**asked)


def secret(password):
    return json.dumps({"username": "nova", "password": password, "project_name": "service"})


@pytest.fixture
def world(embedded_dynamo, fresh_tables):
    """A Keystone, the secret, a clock, and credentials of a process that has used it once."""
    prefix, clock, keystone = fresh_tables.prefix, SetClock(), Keystone("first")
    vault = Vault(embedded_dynamo, f"{prefix}/pod1")
    with http_pod(keystone) as http:

        def seconds():
            return clock.now.timestamp()

        chosen = Settings(auth_url=f"{http.url}/v3", allow_http=True, table_prefix=prefix, environment={})
        wire = Wire(EndpointRules(allow_http=True), 0.5)
        secrets = AwsSecrets("us-east-1", clock=seconds, client=vault)
        held = Credentials(chosen, wire.session, secrets, seconds=seconds)
        assert held.token("pod1") == "token-1"
        yield keystone, vault, clock, held


def test_a_rotated_credential_is_used_at_once_when_the_old_one_is_refused(world):
    keystone, vault, clock, held = world
    clock.passes(AFRESH_SECONDS)
    keystone.password = "second"
    vault.rotate("second")

    assert held.token("pod1", refused="token-1") == "token-3"
    assert vault.reads == 2


def test_a_wrong_credential_is_neither_read_nor_tried_at_every_call(world):
    keystone, vault, clock, held = world
    keystone.password = "second"
    clock.passes(AFRESH_SECONDS)
    for _ in range(20):
        with pytest.raises(NoCredential, match="401"):
            held.token("pod1", refused="token-1")
    assert (vault.reads, keystone.logins) == (2, 2)

    clock.passes(REFUSED_SECONDS)
    vault.rotate("second")
    assert held.token("pod1") == "token-4"
    assert keystone.logins == 4


def test_the_embedded_secrets_manager_is_read_by_its_address(embedded_dynamo, fresh_tables):
    Vault(embedded_dynamo, f"{fresh_tables.prefix}-projects/alpha")

    secrets = AwsSecrets("us-east-1", url=embedded_dynamo)
    assert secrets.read(f"{fresh_tables.prefix}-projects/alpha") == secret("first")
    assert secrets.read(f"{fresh_tables.prefix}/alpha") is None
