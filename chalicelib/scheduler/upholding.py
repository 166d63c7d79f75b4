"""Upholding: would a rejection that was kept be made again under another profile?"""

from __future__ import annotations

from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.rule import Filter, Rejection

_ROUNDED = 5e-5  # kept fractions have four decimals


def upholds(profile: Profile, before: Profile, rejection: Rejection, bound: bool = False) -> bool:
    """Whether a profile surely rejects the pod too, judging by what was kept alone.

    A filter whose own settings are the same judges the same pod and request alike. Of the others,
    those with numbers are asked by them; where a doubt is left the answer is False. ``bound``: the
    project was bound to the pod, which may then be fuller.
    """
    rule = rule_named(profile, rejection.filter)
    if rule is None:
        return False
    if rule == rule_named(before, rejection.filter):
        return True
    try:
        return _by_numbers(profile, before, rejection, bound)
    except (IndexError, TypeError, ValueError):  # kept by another version of the filter
        return False


def rule_named(profile: Profile, name: str) -> Filter | None:
    """The profile's filter of that name; None when it has none."""
    return next((rule for rule in profile.rules if rule.name == name), None)


def _by_numbers(profile: Profile, before: Profile, rejection: Rejection, bound: bool) -> bool:
    name, _, code, numbers = rejection
    if name == "pod_state":
        return code != "unreachable" or float(numbers[0]) >= profile.rebind_after_seconds
    if name != "capacity":
        return False
    if code == "nothing":
        return True
    if code not in ("full", "too_large"):
        return False
    fraction, limit = float(numbers[1]) - _ROUNDED, float(numbers[2])
    if bound:
        return fraction > profile.keep_watermark
    # Another limit than the profile's is the pod's own, which no profile changes.
    return limit != before.bind_watermark or fraction > profile.bind_watermark
