"""Settings: every environment variable, read once. A name ends with its unit where it has one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# The prefix begins the names of tables, queues and secrets. SQS is the strictest about them: no dot, and at
# most 80 characters, of which 18 are the ending of our longest name.
PREFIX_PATTERN = "[a-zA-Z0-9_-]{1,62}"
PREFIX_RULE = "must be 1 to 62 letters, digits, - or _, since queues are named by it too"

STRAY_ACTIONS = ("report", "delete")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment may choose. The values here are the defaults."""

    auth_url: str = "http://127.0.0.1:18100/v3"
    public_url: str = ""
    interface: str = "public"
    default_az_name: str = ""
    table_prefix: str = "trio2o"
    aws_region: str = "us-east-1"
    dynamodb_url: str = ""
    allow_http: bool = False
    allow_private: bool = False
    ca_bundle: str = ""
    trusted_origins: str = ""
    log_level: str = "INFO"
    metrics_enabled: bool = True
    errand_function: str = ""
    job_queue_url: str = ""
    token_cache_seconds: int = 60
    token_cache_size: int = 1000
    connect_timeout_seconds: float = 2.0
    list_timeout_seconds: float = 12.0
    search_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 20.0
    request_seconds: float = 24.0
    store_reserve_seconds: float = 2.0
    roster_cache_seconds: float = 5.0
    snapshot_cache_seconds: float = 15.0
    profile_cache_seconds: float = 5.0
    fan_out_workers: int = 32
    refresh_deadline_seconds: float = 20.0
    refresh_workers: int = 32
    breaker_failures: int = 5
    breaker_window_seconds: float = 60.0
    breaker_open_seconds: float = 300.0
    build_failure_half_life_seconds: float = 300.0
    follow_up_seconds: float = 600.0
    stretched_networks: str = ""
    trouble_cache_seconds: float = 5.0
    claim_settle_seconds: float = 180.0
    decision_ttl_days: int = 30
    location_ttl_days: int = 30
    intent_ttl_days: int = 7
    intent_settle_seconds: float = 300.0
    stray_action: str = "report"
    requests_per_minute: int = 12_000
    creates_per_minute: int = 1_200
    refused_creates_per_minute: int = 300
    quota_cache_seconds: float = 5.0
    quota_instances: int = 10
    quota_cores: int = 20
    quota_ram: int = 51200
    quota_key_pairs: int = 100
    quota_metadata_items: int = 128
    quota_server_groups: int = 10
    quota_server_group_members: int = 10
    quota_injected_files: int = 5
    quota_injected_file_content_bytes: int = 10240
    quota_injected_file_path_bytes: int = 255
    environment: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a prefix that AWS would refuse, or an action that nobody carries out."""
        if not re.fullmatch(PREFIX_PATTERN, self.table_prefix):
            raise ValueError(f"TRIO2O_TABLE_PREFIX={self.table_prefix!r} {PREFIX_RULE}")
        if self.stray_action not in STRAY_ACTIONS:
            raise ValueError(f"TRIO2O_STRAY_ACTION={self.stray_action!r} must be report or delete")

    @property
    def default_quotas(self) -> dict[str, int]:
        """The limits of projects for which no admin has written any, by Nova's names."""
        prefix = "quota_"
        names = (
            name for name, kind in self.__annotations__.items() if name.startswith(prefix) and kind == "int"
        )
        return {name.removeprefix(prefix): getattr(self, name) for name in names}

    def credential(self, ref: str, family: str = "") -> str | None:
        """The credential that ``ref`` names, as JSON; None when the environment doesn't hold it."""
        name = f"CREDENTIAL{family}_{ref}".upper().replace("-", "_")
        return (self.environment or {}).get(f"TRIO2O_{name}")


_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: text.lower() in ("1", "true", "yes"),
}


def read(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment, which holds each field as ``TRIO2O_<NAME>``."""
    values: dict[str, object] = {"environment": environ}
    for name, kind in Settings.__annotations__.items():
        text = environ.get(f"TRIO2O_{name.upper()}")
        if text is None or name == "environment":
            continue
        values[name] = _READERS[kind](text)
    return Settings(**values)  # type: ignore[arg-type]


settings = read(os.environ)
