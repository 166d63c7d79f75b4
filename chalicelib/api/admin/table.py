"""The admin API's routes as data; docs/admin-api.md tells of each."""

from __future__ import annotations

from chalicelib.api.admin import bindings, decisions, health, jobs, locations, pod_projects, pods, profiles
from chalicelib.api.openstack.kinds import OWN
from chalicelib.api.openstack.table import Row
from chalicelib.model.identity import Role

ADMIN = Role.ADMIN

TABLE = (
    Row("POST", "/pods", OWN, ADMIN, view=pods.create_pod),
    Row("GET", "/pods", OWN, ADMIN, view=pods.list_pods),
    Row("GET", "/pods/{pod_id}", OWN, ADMIN, view=pods.show_pod),
    Row("PUT", "/pods/{pod_id}", OWN, ADMIN, view=pods.update_pod),
    Row("DELETE", "/pods/{pod_id}", OWN, ADMIN, view=pods.delete_pod),
    Row("POST", "/pods/{pod_id}/cordon", OWN, ADMIN, view=pods.cordon_pod),
    Row("POST", "/pods/{pod_id}/uncordon", OWN, ADMIN, view=pods.uncordon_pod),
    Row("POST", "/pods/{pod_id}/drain", OWN, ADMIN, view=pods.drain_pod),
    Row("POST", "/pods/{pod_id}/disable", OWN, ADMIN, view=pods.disable_pod),
    Row("POST", "/pods/{pod_id}/enable", OWN, ADMIN, view=pods.enable_pod),
    Row("GET", "/pods/{pod_id}/history", OWN, ADMIN, view=pods.show_pod_history),
    Row("POST", "/pods/{pod_id}/refresh", OWN, ADMIN, view=pods.refresh_pod),
    Row("GET", "/pods/{pod_id}/capacity", OWN, ADMIN, view=pods.show_capacity),
    Row("GET", "/pods/{pod_id}/projects", OWN, ADMIN, view=pod_projects.list_projects),
    Row("GET", "/pods/{pod_id}/projects/{tenant_id}", OWN, ADMIN, view=pod_projects.show_project),
    Row("PUT", "/pods/{pod_id}/projects/{tenant_id}", OWN, ADMIN, view=pod_projects.let_project_in),
    Row("DELETE", "/pods/{pod_id}/projects/{tenant_id}", OWN, ADMIN, view=pod_projects.shut_project_out),
    Row("GET", "/bindings", OWN, ADMIN, view=bindings.list_bindings),
    Row("POST", "/bindings", OWN, ADMIN, view=bindings.create_binding),
    Row("GET", "/bindings/{binding_id}", OWN, ADMIN, view=bindings.show_binding),
    Row("DELETE", "/bindings/{binding_id}", OWN, ADMIN, view=bindings.end_binding),
    Row("POST", "/bindings/{binding_id}/rebind", OWN, ADMIN, view=bindings.rebind),
    Row("GET", "/bindings/{binding_id}/history", OWN, ADMIN, view=bindings.show_history),
    Row("GET", "/locations", OWN, ADMIN, view=locations.list_locations),
    Row("GET", "/locations/{location_id}", OWN, ADMIN, view=locations.show_location),
    Row("DELETE", "/locations/{location_id}", OWN, ADMIN, view=locations.end_location),
    Row("POST", "/locations/{location_id}/move", OWN, ADMIN, view=locations.move_location),
    Row("GET", "/decisions", OWN, ADMIN, view=decisions.list_decisions),
    Row("GET", "/decisions/{decision_id}", OWN, ADMIN, view=decisions.show_decision),
    Row("POST", "/decisions/dry-run", OWN, ADMIN, view=decisions.dry_run),
    Row("GET", "/profiles", OWN, ADMIN, view=profiles.list_profiles),
    Row("GET", "/profiles/{profile_name}", OWN, ADMIN, view=profiles.show_profile),
    Row("PUT", "/profiles/{profile_name}", OWN, ADMIN, view=profiles.write_next_version),
    Row("DELETE", "/profiles/{profile_name}", OWN, ADMIN, view=profiles.end_profile),
    Row("GET", "/profiles/{profile_name}/history", OWN, ADMIN, view=profiles.show_profile_history),
    Row("POST", "/profiles/dry-run", OWN, ADMIN, view=profiles.rehearse_profile),
    Row("POST", "/profiles/{profile_name}/restore", OWN, ADMIN, view=profiles.restore_profile),
    Row("GET", "/pods/{pod_id}/drain-plan", OWN, ADMIN, view=jobs.plan_drain),
    Row("GET", "/jobs", OWN, ADMIN, view=jobs.list_jobs),
    Row("GET", "/jobs/{job_id}", OWN, ADMIN, view=jobs.show_job),
    Row("GET", "/jobs/{job_id}/steps", OWN, ADMIN, view=jobs.list_steps),
    Row("POST", "/jobs/{job_id}/stop", OWN, ADMIN, view=jobs.stop_job),
    Row("POST", "/jobs/{job_id}/resume", OWN, ADMIN, view=jobs.resume_job),
    Row("POST", "/jobs/{job_id}/undo", OWN, ADMIN, view=jobs.undo_job),
    Row("GET", "/health", OWN, ADMIN, view=health.show_health),
)
