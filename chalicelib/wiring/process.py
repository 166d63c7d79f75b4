"""Process: the services that this process serves with, built at the first need."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from chalicelib import settings as environment
from chalicelib.adapters import time_left
from chalicelib.adapters.dynamodb.connection import shared_database
from chalicelib.model.deadline import Deadline
from chalicelib.service.ports import Clock
from chalicelib.settings import Settings
from chalicelib.wiring.adapters import in_deployment, now
from chalicelib.wiring.build import Services, build_services


@dataclass(frozen=True, slots=True)
class _Served:
    services: Services
    settings: Settings
    clock: Clock = now


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


def use(chosen: Services | None, under: Settings = environment.settings, clock: Clock = now) -> None:
    """Serve with these from now on, as tests do; None builds a deployment's own at the next need."""
    with _building:
        _served[:] = [] if chosen is None else [_Served(chosen, under, clock)]


def deadline() -> Deadline:
    """Until when a request that arrives now must have its answer from the pods.

    API Gateway gives up after 29 s and Lambda after 28 s. ``request_seconds`` is less, to leave time for a
    process that must start first, for what is written afterwards, and for the answer itself.
    """
    return Deadline.after(settings().request_seconds, _served[0].clock if _served else now)


def serving(request: Deadline) -> AbstractContextManager[None]:
    """Bound the waits for stores, queue and Keystone inside, which serve the request with this deadline.

    They may go on for ``store_reserve_seconds`` after the pods' time is over: what a pod did in its last
    moment must be written yet.
    """
    reserve = timedelta(seconds=settings().store_reserve_seconds)
    return time_left.serving(Deadline(request.at + reserve, request.clock))
