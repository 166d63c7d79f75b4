"""What can go wrong in a story."""

from __future__ import annotations


class StoryFailed(Exception):
    """Something that the story tells isn't so; the message says what was seen."""
