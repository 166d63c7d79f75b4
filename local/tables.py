"""Tables: created on this machine by us; on AWS the template does it."""

from __future__ import annotations


def create() -> None:
    """Create the app's tables where they are missing, as its settings say where and how named."""
    # Imported late, since chalicelib.settings reads the environment when it is imported.
    from chalicelib.adapters.dynamodb.connection import shared_database
    from chalicelib.adapters.dynamodb.schema import create_tables

    create_tables(shared_database())
