"""Secrets: reads secrets from AWS Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from chalicelib.model.errors import NoCredential

LOCAL_CREDENTIAL = "local"
CACHE_SECONDS = 300.0
AFRESH_SECONDS = 10.0  # a credential that stays wrong is read no more often than this


class AwsSecrets:
    """Reads secrets by name, and keeps what it read for five minutes, or until it was refused."""

    def __init__(
        self, aws_region: str, clock: Callable[[], float] = monotonic, client: Any = None, url: str = ""
    ) -> None:
        """``clock`` counts seconds. ``client`` is botocore's; when None, it is made for the first secret.

        ``url`` is that of the embedded Secrets Manager; empty means AWS.
        """
        self._aws_region, self._url = aws_region, url
        self._clock = clock
        self._client = client
        self._lock = Lock()
        self._kept: dict[str, tuple[float, str | None]] = {}

    def read(self, name: str, afresh: bool = False) -> str | None:
        """The secret; None when there is none of that name. Raises NoCredential when it can't be read.

        ``afresh``: what is kept was refused, so it is read again unless it was read in the last seconds.
        """
        with self._lock:
            kept = self._kept.get(name)
            lacking = kept is not None and kept[1] is None
            lifetime = AFRESH_SECONDS if afresh or lacking else CACHE_SECONDS
            if kept is None or self._clock() - kept[0] >= lifetime:
                kept = self._kept[name] = (self._clock(), self._ask(name))
            return kept[1]

    def _ask(self, name: str) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._client is None:
                self._client = _client(self._aws_region, self._url)
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ResourceNotFoundException":
                return None
            raise NoCredential(f"the secret {name} can't be read: {code}") from error
        except (BotoCoreError, KeyError) as error:
            raise NoCredential(f"the secret {name} can't be read: {type(error).__name__}") from error


def _client(aws_region: str, url: str) -> Any:
    from botocore.config import Config
    from botocore.session import get_session

    limits = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
    return get_session().create_client(
        "secretsmanager",
        region_name=aws_region,
        endpoint_url=url or None,
        aws_access_key_id=LOCAL_CREDENTIAL if url else None,
        aws_secret_access_key=LOCAL_CREDENTIAL if url else None,
        config=limits,
    )
