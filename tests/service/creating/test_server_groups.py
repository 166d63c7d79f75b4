"""Server groups: as many as the project may have over all its pods, and the next one in its home pod."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chalicelib.model.errors import OverQuota
from chalicelib.model.list_query import ListQuery
from chalicelib.model.pod_request import PodRequest
from chalicelib.model.resource import SERVER_GROUPS
from chalicelib.service.creating.server_groups import ServerGroups
from tests.service.kinds.scripted_pods import TENANT

REQUEST = PodRequest("POST", "/os-server-groups", body=b'{"server_group": {}}', token="a-token")
MADE = object()


class Trial:
    """A project that may have ``limit`` groups and has some already."""

    def __init__(self, limit, has):
        self.limit, self.rows, self.asked = limit, tuple(range(has)), []

    def limit_of(self, *named):
        self.asked.append(("limit", *named))
        return self.limit

    def page(self, *look):
        self.asked.append(("page", *look))
        return SimpleNamespace(rows=self.rows)

    def create(self, *made):
        self.asked.append(("create", *made))
        return MADE

    def make(self):
        return ServerGroups(self, self, self).create(TENANT, REQUEST)


LIMIT = ("limit", TENANT.identity.project_id, TENANT.identity.user_id, "server_groups")
LOOK = PodRequest("GET", "/os-server-groups", token="a-token")
PAGE = ("page", TENANT, SERVER_GROUPS, ListQuery(), LOOK)


@pytest.mark.parametrize(("limit", "has"), [(1, 0), (10, 9)])
def test_a_group_that_the_quota_allows_is_made_in_the_home_pod_after_all_pods_were_counted(limit, has):
    trial = Trial(limit, has)

    assert trial.make() is MADE
    assert trial.asked == [LIMIT, PAGE, ("create", TENANT, REQUEST)]


@pytest.mark.parametrize(("limit", "has"), [(0, 0), (10, 10), (10, 11)])
def test_one_more_than_the_quota_allows_is_refused_in_novas_words(limit, has):
    trial = Trial(limit, has)

    with pytest.raises(OverQuota, match=r"^Quota exceeded, too many server groups\.$"):
        trial.make()
    assert trial.asked == [LIMIT, PAGE]


def test_without_a_limit_nothing_is_counted():
    trial = Trial(-1, 99)

    assert trial.make() is MADE
    assert trial.asked == [LIMIT, ("create", TENANT, REQUEST)]
