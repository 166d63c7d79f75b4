"""Wiring: the one place where services meet their adapters.

``adapters`` lists the outside world, ``shared`` and ``build`` make the services on it, ``process`` holds
those in use.
"""

from chalicelib.wiring.adapters import Adapters, fresh_id, in_deployment, in_memory, now
from chalicelib.wiring.build import Services, build_services
from chalicelib.wiring.process import deadline, services, serving, settings, use

__all__ = [
    "Adapters",
    "Services",
    "build_services",
    "deadline",
    "fresh_id",
    "in_deployment",
    "in_memory",
    "now",
    "services",
    "serving",
    "settings",
    "use",
]
