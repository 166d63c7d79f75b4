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
    """The site of Keystone. Orders to the cloud come here too, since it answers while pods are killed."""

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
        return self._api.answer(request)

    def control(self, request: Request) -> Reply:
        return self._control(request)
