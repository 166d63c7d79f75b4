"""Mount: one API with its prefix, and the paths by which API Gateway sends its requests to us.

API Gateway has room for 300 resources, fewer than the rows of Nova and Cinder. So it gets a few core paths
as they are and, below them and below the prefix, a variable for each level: our router does the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.api.answering import Dialect
from chalicelib.api.openstack.router import Router


@dataclass(frozen=True, slots=True)
class Mount:
    """An API below a prefix.

    ``levels`` is how many segments below the prefix still reach us; deeper paths are API Gateway's own
    404. ``core`` paths get resources of their own, so that API Gateway counts and limits them apart.
    Where the router takes project ids, everything is there a second time, a level deeper.
    ``slash_matters`` is set where ``/servers/`` is another path than ``/servers``.
    """

    prefix: str
    router: Router
    dialect: Dialect
    levels: int
    core: tuple[str, ...] = ()
    slash_matters: bool = False

    def paths(self) -> Iterator[str]:
        """The paths as Chalice takes them.

        A variable is named by its level, since all siblings of a level must share a name. Below each
        literal path there are variables again, so that it doesn't matter whether API Gateway goes back
        from a literal segment to a variable.
        """
        yield from self._below("", self.levels + self.router.project_ids)
        for core in self.core:
            yield from self._below(core, self.levels)
            if self.router.project_ids:
                yield from self._below(f"/{{{_variable(1)}}}{core}", self.levels + 1)

    def _below(self, base: str, levels: int) -> Iterator[str]:
        path = self.prefix + base
        if base:
            yield path
        for level in range(base.count("/") + 1, levels + 1):
            path += f"/{{{_variable(level)}}}"
            yield path


def _variable(level: int) -> str:
    return f"segment_{level}"
