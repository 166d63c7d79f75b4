"""Keypairs' clock: each minute, clean the pods of the keys that don't belong there any more."""

from __future__ import annotations

from typing import Any

from chalicelib import wiring


def clean(event: Any) -> dict[str, int]:
    """Clean what is due. The result is for an operator who runs it by hand."""
    done = wiring.services().keypair_clean_up.run()
    return {"cleaned": done.cleaned, "postponed": done.postponed}
