"""Errands: what needs a pod's service credential; the API asks the errand function, which may read it.

The API's own role can't read credentials, so a flaw in code that tenants reach can't disclose one. Only two
requests of operators need a credential: registering a pod, and refreshing one at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import observability
from chalicelib.adapters import time_left
from chalicelib.adapters.aws_lambda.errand_codec import read_error, read_refreshed
from chalicelib.model.capacity import Refreshed
from chalicelib.model.errors import Unavailable
from chalicelib.model.pod import Pod

READ_TIMEOUT_SECONDS = 26.0


class Errands:
    """The directory of pods and the refresh of one pod, both run by the errand function."""

    def __init__(
        self,
        function_name: str,
        aws_region: str,
        versions: Callable[[Pod], tuple[str, str]],
        by_token: Callable[[str, str], Mapping[str, str]],
        client: Any = None,
    ) -> None:
        """``versions`` asks a pod for its microversions and ``by_token`` Keystone for a region's endpoints,
        both without a credential, so these are no errands.

        ``client`` is botocore's; when None, it is made here for the first errand.
        """
        self._versions, self._by_token = versions, by_token
        self._function_name = function_name
        self._aws_region = aws_region
        self._client = client

    def endpoints(self, region: str, credential_ref: str, auth_url: str = "") -> Mapping[str, str]:
        """The URL of each service in a region, of our Keystone or of a pod's own.

        Raises NoCredential, Unproven, KeystoneUnavailable, Unavailable.
        """
        asked = {"region": region, "credential_ref": credential_ref, "auth_url": auth_url}
        return {str(service): str(url) for service, url in self._run("endpoints", asked).items()}

    def endpoints_by_token(self, region: str, token: str) -> Mapping[str, str]:
        """The same by a caller's token. Raises Unproven, KeystoneUnavailable."""
        return self._by_token(region, token)

    def microversions(self, pod: Pod) -> tuple[str, str]:
        """The lowest and highest compute microversion that the pod speaks. Raises PodUnreachable."""
        return self._versions(pod)

    def refresh(self, pod_id: str) -> Refreshed:
        """Observe one pod now and return how that went. Raises NotFound, StoreBusy, Unavailable."""
        return read_refreshed(self._run("refresh", {"pod_id": pod_id}))

    def _run(self, errand: str, asked: Mapping[str, Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        event = {"errand": errand, "request_id": observability.correlation_id(), **asked}
        try:
            answer = self._lambda().invoke(
                FunctionName=self._function_name, Payload=json.dumps(event).encode()
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the errand {errand} can't be run now: {type(error).__name__}") from error
        if "FunctionError" in answer:
            raise Unavailable(f"the errand {errand} ended without an answer; its log says why")
        said = json.loads(answer["Payload"].read())
        if "error" in said:
            raise read_error(said["error"])
        return said["done"]

    def _lambda(self) -> Any:
        if self._client is None:
            from botocore.config import Config
            from botocore.session import get_session

            # No retries: an errand whose answer was lost may still be running.
            limits = Config(
                connect_timeout=2, read_timeout=READ_TIMEOUT_SECONDS, retries={"total_max_attempts": 1}
            )
            self._client = get_session().create_client("lambda", region_name=self._aws_region, config=limits)
            time_left.bound(self._client)
        return self._client
