"""Secrets: reads secrets from AWS Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

from chalicelib.model.errors import NoCredential

CACHE_SECONDS = 300.0


class AwsSecrets:
    """Reads secrets by name, and keeps what it read for five minutes."""

    def __init__(self, aws_region: str, clock: Callable[[], float] = monotonic, client: Any = None) -> None:
        """``clock`` counts seconds. ``client`` is botocore's; when None, it is made for the first secret."""
        self._aws_region = aws_region
        self._clock = clock
        self._client = client
        self._lock = Lock()
        self._kept: dict[str, tuple[float, str]] = {}

    def read(self, name: str) -> str | None:
        """The secret; None when there is none of that name. Raises NoCredential when it can't be read."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and self._clock() - kept[0] < CACHE_SECONDS:
                return kept[1]
            text = self._ask(name)
            if text is not None:
                self._kept[name] = (self._clock(), text)
            return text

    def _ask(self, name: str) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._client is None:
                self._client = _client(self._aws_region)
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ResourceNotFoundException":
                return None
            raise NoCredential(f"the secret {name} can't be read: {code}") from error
        except (BotoCoreError, KeyError) as error:
            raise NoCredential(f"the secret {name} can't be read: {type(error).__name__}") from error


def _client(aws_region: str) -> Any:
    from botocore.config import Config
    from botocore.session import get_session

    limits = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
    return get_session().create_client("secretsmanager", region_name=aws_region, config=limits)
