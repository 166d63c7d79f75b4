"""Flavor differences: what pods have under one flavor id, where it isn't the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.model.flavor import Flavor, written_size
from chalicelib.model.pod import Pod

MISSING, SIZE = "missing", "size"

_COMPARED: Mapping[str, Callable[[Flavor], str]] = {
    SIZE: lambda flavor: written_size(flavor.size),
    "name": lambda flavor: flavor.name,
    "extra_specs": lambda flavor: _listed(f"{key}={value}" for key, value in flavor.extra_specs.items()),
    "access": lambda flavor: "public" if flavor.project_ids is None else _listed(flavor.project_ids),
}


@dataclass(frozen=True, slots=True)
class FlavorDifference:
    """One respect in which pods differ about a flavor; ``pods`` are the names of those that have each value.

    Where some pods miss the flavor, ``values`` has one entry, empty, for those.
    """

    flavor_id: str
    respect: str
    values: Mapping[str, tuple[str, ...]]

    @property
    def harms(self) -> bool:
        """Whether servers are refused for it to those who see the flavor: its size isn't one."""
        return self.respect == SIZE


def flavor_differences(pods: Iterable[Pod]) -> list[FlavorDifference]:
    """How the pods differ, as they last reported their flavors, by flavor id."""
    reported = [(pod.pod_name, pod.catalogue) for pod in pods if pod.catalogue is not None]
    found: list[FlavorDifference] = []
    for flavor_id in sorted({flavor_id for _, catalogue in reported for flavor_id in catalogue}):
        held = [(name, catalogue[flavor_id]) for name, catalogue in reported if flavor_id in catalogue]
        without = tuple(name for name, catalogue in reported if flavor_id not in catalogue)
        if without:
            found.append(FlavorDifference(flavor_id, MISSING, {"": without}))
        found += _in_values(flavor_id, held)
    return found


def _in_values(flavor_id: str, held: Sequence[tuple[str, Flavor]]) -> Iterable[FlavorDifference]:
    for respect, value_of in _COMPARED.items():
        values: dict[str, tuple[str, ...]] = {}
        for name, flavor in held:
            value = value_of(flavor)
            values[value] = (*values.get(value, ()), name)
        if len(values) > 1:
            yield FlavorDifference(flavor_id, respect, values)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts)) or "none"
