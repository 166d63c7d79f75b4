"""Job queue: a job's slices as SQS messages, each delayed so that the job keeps its rate."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from chalicelib.adapters import time_left
from chalicelib.model.errors import Unavailable

# The embedded SQS wants a signature but doesn't check it.
LOCAL_CREDENTIAL = "local"


class SqsJobQueue:
    """Sends to one standard queue. It keeps no order and needs none, since a message names its turn."""

    def __init__(self, url: str, aws_region: str, local: bool = False, client: Any = None) -> None:
        """``url`` is the queue's; empty where there is none. ``local`` is True for the embedded SQS.

        ``client`` is botocore's; when None, it is made here for the first message.
        """
        self._url = url
        self._aws_region = aws_region
        self._local = local
        self._client = client

    def send(self, job_id: str, turn: int, delay_seconds: int) -> None:
        """Send a slice, to be run after a delay of at most 900 s. Raises Unavailable."""
        if not self._url:
            raise Unavailable("no job queue is configured: set TRIO2O_JOB_QUEUE_URL")
        from botocore.exceptions import BotoCoreError, ClientError

        body = json.dumps({"job_id": job_id, "turn": turn})
        try:
            sent = self._sqs().send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay_seconds)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the job queue doesn't take messages now") from error
        # botocore takes half of an answer, or a proxy's page, for an answer without content.
        if not sent.get("MessageId"):
            raise Unavailable("the job queue doesn't answer as SQS does")

    def _sqs(self) -> Any:
        if self._client is None:
            from botocore.config import Config
            from botocore.session import get_session

            address = urlsplit(self._url)
            # Sending a message twice does no harm, so it is retried.
            limits = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
            credential = LOCAL_CREDENTIAL if self._local else None
            self._client = get_session().create_client(
                "sqs",
                region_name=self._aws_region,
                endpoint_url=f"{address.scheme}://{address.netloc}",
                aws_access_key_id=credential,
                aws_secret_access_key=credential,
                config=limits,
            )
            time_left.bound(self._client)
        return self._client
