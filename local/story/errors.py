"""What can go wrong in a story."""

from __future__ import annotations


class StoryFailed(Exception):
    """A claim of the story doesn't hold, or a call failed; the message says what was seen."""
