"""Fixtures of the admin API: an operator with two pods in az1, one in az2 and a top region."""

import pytest

from chalicelib import wiring
from tests.api.admin.conversation import Conversation
from tests.builders import a_pod
from tests.service.desk import Desk


@pytest.fixture
def operator():
    desk = Desk(a_pod("a"), a_pod("b"), a_pod("far", "az2"), a_pod("top", ""))
    wiring.use(desk.services)
    yield Conversation(desk)
    wiring.use(None)
