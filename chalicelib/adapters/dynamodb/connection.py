"""Connection: the one DynamoDB client of this process, shared by all tables."""

from __future__ import annotations

from threading import Lock
from types import new_class
from typing import Any, ClassVar, TypeVar

from botocore.config import Config
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.models import Model

from chalicelib.adapters import time_left
from chalicelib.adapters.dynamodb.answer import check_whole
from chalicelib.adapters.dynamodb.retry import Patience
from chalicelib.settings import settings

CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 3.0
USER_AGENT = "trio2o"
# The embedded DynamoDB wants a signature but doesn't check it.
LOCAL_CREDENTIAL = "local"

I = TypeVar("I", bound="Item")  # noqa: E741


class Item(Model):
    """A DynamoDB item. Its table's name is the database's prefix and ``noun``.

    Stores don't use an item class directly: ``database.table(ItemClass)`` binds it to their table.
    """

    noun: ClassVar[str]


class PatientConnection(Connection):
    """A pynamodb connection that repeats calls which DynamoDB refused for the moment or left unanswered.

    botocore's own retries are off: they pause for too long, and don't know why a transaction was cancelled.
    """

    def __init__(
        self,
        region: str,
        url: str = "",
        patience: Patience = Patience(),
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> None:
        """Build the client at once: it takes 0.1 to 0.3 s, which no request should have to wait for.

        ``url`` is that of the embedded DynamoDB; empty means AWS.
        """
        super().__init__(
            region=region,
            host=url or None,
            connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS,
            read_timeout_seconds=read_timeout_seconds,
            retry_configuration={"total_max_attempts": 1, "mode": "standard"},
            max_pool_connections=50,
            aws_access_key_id=LOCAL_CREDENTIAL if url else None,
            aws_secret_access_key=LOCAL_CREDENTIAL if url else None,
        )
        self._patience = patience
        # botocore puts its own name together anew for each call, at a tenth of the call's CPU.
        self.session.set_default_client_config(Config(user_agent=USER_AGENT))
        time_left.bound(self.client)
        self.client.meta.events.register("before-parse", check_whole)

    def add_meta_table(self, meta_table: MetaTable) -> None:
        """Learn a table's keys, also a second time: two databases may share a prefix."""
        self._tables[meta_table.table_name] = meta_table

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        make_api_call = super()._make_api_call
        return self._patience.call(lambda: make_api_call(operation_name, operation_kwargs))


class Database:
    """The tables that share a prefix, and the connection they share.

    pynamodb would build a session and a client for every model. Here each item class gets the shared
    connection before anybody uses it.
    """

    def __init__(self, prefix: str, connection: PatientConnection) -> None:
        """Its tables are named ``<prefix>-<noun>``."""
        self.prefix = prefix
        self.connection = connection
        self._tables: dict[type[Item], type[Item]] = {}
        self._lock = Lock()

    def table(self, item: type[I]) -> type[I]:
        """The item class, bound to its table in this database."""
        with self._lock:
            bound = self._tables.get(item) or self._bind(item)
        return bound  # type: ignore[return-value]

    def table_name(self, noun: str) -> str:
        """The full name of a noun's table."""
        return f"{self.prefix}-{noun}"

    def _bind(self, item: type[Item]) -> type[Item]:
        meta = type("Meta", (), {"table_name": self.table_name(item.noun), "region": self.connection.region})
        bound: type[Any] = new_class(item.__name__, (item,), exec_body=lambda body: body.update(Meta=meta))
        table = bound._get_connection()
        self.connection.add_meta_table(table.get_meta_table())
        table.connection = self.connection
        self._tables[item] = bound
        return bound


_sharing = Lock()
_shared: list[Database] = []


def shared_database() -> Database:
    """The one database of this process, made from the settings at the first call, even if threads race."""
    with _sharing:
        if not _shared:
            connection = PatientConnection(settings.aws_region, settings.dynamodb_url)
            _shared.append(Database(settings.table_prefix, connection))
    return _shared[0]
