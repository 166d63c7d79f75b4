"""Keystone at its address."""

from __future__ import annotations

from collections.abc import Callable

from local.standin.clock import Clock
from local.standin.keystone.api import KeystoneApi
from local.standin.keystone.catalog import Catalog
from local.standin.keystone.state import KeystoneState
from local.standin.message import Reply, Request
from local.standin.site import Site


class KeystoneSite(Site):
    """Also the place from which the whole cloud is controlled, since it outlives a pod's kill."""

    def __init__(
        self,
        state: KeystoneState,
        catalog: Catalog,
        clock: Clock,
        port: int,
        control: Callable[[Request], Reply],
    ) -> None:
        super().__init__("Keystone", clock, port)
        self._api = KeystoneApi(state, catalog)
        self._control = control

    def serve(self, request: Request) -> Reply:
        """Keystone's reply."""
        return self._api.answer(request)

    def control(self, request: Request) -> Reply:
        """The cloud's reply."""
        return self._control(request)
