"""Process: the services that this process serves with, built at the first need."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from chalicelib import settings as environment
from chalicelib.adapters.dynamodb.connection import shared_database
from chalicelib.model.deadline import Deadline
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import in_deployment, now
from chalicelib.wiring.build import Services, build_services


@dataclass(frozen=True, slots=True)
class _Served:
    services: Services
    settings: Settings


_building = Lock()
_served: list[_Served] = []


def services() -> Services:
    """The services of this process, built at the first need."""
    with _building:
        if not _served:
            chosen = environment.settings
            _served.append(_Served(build_services(in_deployment(shared_database(), chosen), chosen), chosen))
        return _served[0].services


def settings() -> Settings:
    """The settings in force."""
    return _served[0].settings if _served else environment.settings


def use(chosen: Services | None, under: Settings = environment.settings) -> None:
    """Serve with these from now on, as tests do; None builds a deployment's own at the next need."""
    with _building:
        _served[:] = [] if chosen is None else [_Served(chosen, under)]


def deadline() -> Deadline:
    """Until when a request that arrives now must have its answer from the pods.

    API Gateway gives up after 29 s and Lambda after 28 s. ``request_seconds`` is less, to leave time for a
    process that must start first, for writing the location, and for the answer itself.
    """
    return Deadline.after(settings().request_seconds, now)
