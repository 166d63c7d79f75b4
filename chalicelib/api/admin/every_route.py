"""Every route: importing this declares the whole admin API."""

from __future__ import annotations

from chalicelib.api.admin import bindings, decisions, health, jobs, pods, profiles
from chalicelib.api.admin.routes import admin

__all__ = ["admin", "bindings", "decisions", "health", "jobs", "pods", "profiles"]
