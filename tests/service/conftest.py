"""Fixtures of all services' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

_STUMBLES = (AttributeError, NameError, TypeError)


@pytest.fixture(autouse=True)
def nothing_stumbles(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What fan-outs, rounds and best efforts bear and log must not be a mistake of our own."""
    yield
    stumbles = [record.exc_info[1] for record in caplog.get_records("call") if record.exc_info]
    assert [error for error in stumbles if isinstance(error, _STUMBLES)] == []
