"""Profile: the filters, weighers and multipliers in force, as one versioned document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from chalicelib.model.pod import Pod
from chalicelib.model.refusals import all_refusals
from chalicelib.model.request_spec import RequestSpec
from chalicelib.scheduler import presets, profile_document
from chalicelib.scheduler.parameter import parameters_of
from chalicelib.scheduler.profile_document import TieBreak
from chalicelib.scheduler.registry import FILTERS, PARAMETERS, WEIGHERS
from chalicelib.scheduler.rule import About, Filter, Rule, Weigher

R = TypeVar("R", bound=Rule)


class Preference(NamedTuple):
    """A weigher and how much the profile cares; below 0.0 the lowest weight wins."""

    weigher: Weigher
    multiplier: float


@dataclass(frozen=True)
class Profile:
    """What ``decide`` goes by; the defaults are those of ``spread``.

    ``filters`` run in their order; the indispensable ones that aren't named run last. ``parameters`` are the
    rules' own numbers: those that aren't given have the rules' defaults. Scores within ``tie_margin`` of the
    best tie. Rules that aren't in the registry may be given as objects; the document doesn't hold those.
    Raises InvalidField when something in it makes no sense, so that nothing is refused when it is used.
    """

    name: str = "spread"
    version: int = 0
    filters: tuple[str, ...] = tuple(FILTERS)
    weighers: Mapping[str, float] = field(default_factory=lambda: dict(presets.SPREAD_WEIGHERS))
    tie_margin: float = 0.05
    tie_break: TieBreak = TieBreak.HASH
    parameters: Mapping[str, float] = field(default_factory=dict)
    custom_filters: tuple[Filter, ...] = ()
    custom_weighers: tuple[Preference, ...] = ()
    rules: tuple[Filter, ...] = field(init=False, compare=False, repr=False)
    preferences: tuple[Preference, ...] = field(init=False, compare=False, repr=False)
    apart_per_second: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check it, as the document it is, and make its rules."""
        given = {name: declared.default for name, declared in PARAMETERS.items()} | dict(self.parameters)
        object.__setattr__(self, "parameters", given)
        object.__setattr__(self, "weighers", dict(self.weighers))
        values = profile_document.read(self.document())
        # Weighers are put in one order, since sums of floats have one.
        ordered = {name: values["weighers"][name] for name in WEIGHERS if name in values["weighers"]}
        object.__setattr__(self, "weighers", ordered)
        needed = (name for name, rule in FILTERS.items() if rule.indispensable)
        unnamed = tuple(name for name in needed if name not in values["filters"])
        object.__setattr__(self, "filters", values["filters"] + unnamed)
        object.__setattr__(self, "tie_break", values["tie_break"])
        # Those that don't run are made too: their parameters may make no sense together.
        rules, weighers = self._made(FILTERS), self._made(WEIGHERS)
        running = tuple(rules[name] for name in self.filters)
        object.__setattr__(self, "rules", running + tuple(self.custom_filters))
        counting = tuple(Preference(weighers[name], by) for name, by in ordered.items())
        object.__setattr__(self, "preferences", counting + tuple(self.custom_weighers))
        apart = sum(abs(by) * weigher.apart_per_second() for weigher, by in self.preferences)
        object.__setattr__(self, "apart_per_second", apart)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Profile:
        """The profile that a document describes.

        With ``based_on`` (a preset), what it doesn't say is the preset's, weigher by weigher; without,
        it is that of ``spread``, and ``weighers`` are exactly those named. ``based_on`` isn't kept.
        Raises InvalidField.
        """
        values = profile_document.read(document)
        base = values.pop("based_on", None)
        preset = PRESETS[base or SPREAD.name]
        if base and "weighers" in values:
            values["weighers"] = {**preset.weighers, **values["weighers"]}
        return preset.having(**{"name": "default", "version": 0, **values})

    def having(self, **values: Any) -> Profile:
        """The same profile but for some fields of its document. Raises InvalidField."""
        numbers = {name: value for name, value in values.items() if name in PARAMETERS}
        others = {name: value for name, value in values.items() if name not in PARAMETERS}
        return replace(self, parameters={**self.parameters, **numbers}, **others)

    def document(self) -> dict[str, Any]:
        """The profile as JSON values; ``from_document`` of it gives an equal profile."""
        return {
            "name": self.name,
            "version": self.version,
            "filters": list(self.filters),
            "weighers": dict(self.weighers),
            "tie_margin": self.tie_margin,
            "tie_break": str(self.tie_break),
            **self.parameters,
        }

    def rule(self, name: str) -> Filter | None:
        """The filter of that name that runs; None when none does."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def about(self, subject: About) -> tuple[Filter, ...]:
        """The filters that run and ask about something."""
        return tuple(rule for rule in self.rules if rule.about is subject)

    def watermark(self, pod: Pod, spec: RequestSpec) -> float | None:
        """How full the filters let a pod be with a request, a fraction of each limit; None: beyond any."""
        told = (rule.watermark(pod, spec) for rule in self.rules)
        return min((watermark for watermark in told if watermark is not None), default=None)

    def _made(self, registered: Mapping[str, type[R]]) -> dict[str, R]:
        made = {
            name: rule(**{parameter: self.parameters[parameter] for parameter in parameters_of(rule)})
            for name, rule in registered.items()
        }
        with all_refusals() as refusals:
            for rule in made.values():
                with refusals.noted():
                    rule.check()
        return made


PRESETS: Mapping[str, Profile] = {name: Profile(name, **said) for name, said in presets.DOCUMENTS.items()}
SPREAD, PACK = PRESETS["spread"], PRESETS["pack"]
