"""The API calls the errand function, and raises the errors that happened there."""

import io
import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import wiring
from chalicelib.adapters.aws_lambda.errands import Errands
from chalicelib.events import errands
from chalicelib.model.capacity import Refreshed
from chalicelib.model.errors import (
    KeystoneUnavailable,
    NoCredential,
    NotFound,
    PodUnreachable,
    Unavailable,
    Unproven,
)
from tests.builders import a_pod


class LambdaOnThisSide:
    """Runs the errand function's handler in this process, through JSON both ways as Lambda does."""

    def __init__(self, failure=None):
        self.failure = failure
        self.seen = []

    def invoke(self, FunctionName, Payload):
        if isinstance(self.failure, Exception):
            raise self.failure
        self.seen.append(FunctionName)
        answer = json.dumps(errands.run(json.loads(Payload)))
        return {"StatusCode": 200, "Payload": io.BytesIO(answer.encode()), **(self.failure or {})}


class Directory:
    """The services that the errand function calls: endpoints from Keystone, and the refresh."""

    def __init__(self, error=None):
        self.error = error
        self.asked = []

    def endpoints(self, region, credential_ref, auth_url=""):
        self._hear(region, credential_ref, auth_url)
        return {"compute": f"https://{region}.example.org/v2.1"}

    def refresh(self, pod_id):
        self._hear(pod_id)
        return Refreshed(pod_id, "Pod1", "timed out")

    def _hear(self, *asked):
        self.asked.append(asked)
        if self.error:
            raise self.error


def nobody(pod):
    raise AssertionError("no pod is asked")


@pytest.fixture
def keystone(monkeypatch):
    directory = Directory()
    pods = SimpleNamespace(proof=SimpleNamespace(directory=directory))
    services = SimpleNamespace(pods=pods, capacity_refresh=directory)
    monkeypatch.setattr(wiring, "services", lambda: services)
    return directory


def test_endpoints_come_from_the_function_that_may_read_the_credential(keystone):
    function = LambdaOnThisSide()

    found = Errands("errand", "us-east-1", nobody, nobody, function).endpoints("Pod1", "pod1")

    assert found == {"compute": "https://Pod1.example.org/v2.1"}
    assert (function.seen, keystone.asked) == (["errand"], [("Pod1", "pod1", "")])


def test_microversions_are_asked_here_and_no_errand_takes_an_address_from_its_caller(keystone):
    function = LambdaOnThisSide()
    pod = a_pod("a", endpoints={"compute": "https://a.example.org"}, credential_ref="pod1")
    heard = []

    def versions(asked):
        heard.append(asked)
        return "2.1", "2.96"

    assert Errands("errand", "us-east-1", versions, nobody, function).microversions(pod) == ("2.1", "2.96")
    assert (heard, function.seen, keystone.asked) == ([pod], [], [])
    with pytest.raises(KeyError):
        errands.run({"errand": "microversions", "pod": {"endpoints": {"compute": "https://evil.example"}}})


def test_a_refresh_tells_how_the_pod_fared(keystone):
    assert Errands("errand", "us-east-1", nobody, nobody, LambdaOnThisSide()).refresh("a") == Refreshed(
        "a", "Pod1", "timed out"
    )


@pytest.mark.parametrize(
    "error",
    [
        NoCredential("there is no service credential pod1"),
        KeystoneUnavailable("Keystone gives no token"),
        PodUnreachable("a", "Pod1 compute doesn't answer", sent=True),
        NotFound("Pod", "a"),
        Unproven("there is no region Pod1", "pod_name"),
    ],
)
def test_what_the_errand_met_is_raised_here_as_it_was(keystone, error):
    keystone.error = error

    with pytest.raises(type(error)) as raised:
        Errands("errand", "us-east-1", nobody, nobody, LambdaOnThisSide()).refresh("a")
    assert (str(raised.value), vars(raised.value)) == (str(error), vars(error))


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "Invoke"),
        ReadTimeoutError(endpoint_url="https://lambda"),
        {"FunctionError": "Unhandled"},
    ],
)
def test_an_errand_that_cannot_be_run_is_a_503_and_not_a_crash(keystone, failure):
    with pytest.raises(Unavailable):
        Errands("errand", "us-east-1", nobody, nobody, LambdaOnThisSide(failure)).refresh("a")
