"""Answer: whether what came back is DynamoDB's whole answer.

botocore takes half of an answer, or a page that something in front of DynamoDB made, for an answer without
any content: a read would find no item, and a write would count as done.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from botocore.exceptions import BotoCoreError

_CHECKSUM = "x-amz-crc32"  # every answer of DynamoDB's has it, an error too


class Unreadable(BotoCoreError):  # type: ignore[misc]
    """Not DynamoDB's answer, or not all of it, so that a write may have been applied or not."""

    fmt = "an answer of status {status} that isn't DynamoDB's, or is cut short"


def check_whole(response_dict: dict[str, Any], **_: Any) -> None:
    """Check an answer before botocore reads it. Raises Unreadable."""
    if response_dict["headers"].get(_CHECKSUM) != str(crc32(response_dict["body"])):
        raise Unreadable(status=response_dict["status_code"])
