"""Upholding: would a rejection that was kept be made again under another profile?"""

from __future__ import annotations

from chalicelib.scheduler.profile import Profile
from chalicelib.scheduler.rule import Rejection


def upholds(profile: Profile, before: Profile, rejection: Rejection, bound: bool = False) -> bool:
    """Whether a profile surely rejects the pod too, judging by what was kept alone.

    A filter whose own parameters are the same judges the same pod and request alike; any other says itself
    what the numbers prove. Where a doubt is left the answer is False. ``bound``: the project was bound to
    the pod.
    """
    rule, was = profile.rule(rejection.filter), before.rule(rejection.filter)
    if rule is None or was is None:
        return False
    if rule == was:
        return True
    try:
        return rule.upholds(was, rejection, bound)
    except (IndexError, TypeError, ValueError):  # kept by another version of the filter
        return False
