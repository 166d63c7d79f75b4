"""Tables: this code creates them on this machine; on AWS the CloudFormation template does."""

from __future__ import annotations


def create() -> None:
    """Create the app's tables that are missing, in the database that its settings name."""
    # Imported late, since chalicelib.settings reads the environment when it is imported.
    from chalicelib.adapters.dynamodb.connection import shared_database
    from chalicelib.adapters.dynamodb.schema import create_tables

    create_tables(shared_database())
