"""Instance usage audit log: whether each host of all pods has told its usage of a period."""

from __future__ import annotations

from chalicelib.api.call import Call, Reply
from chalicelib.api.nova.operators import gather, shown
from chalicelib.service.kinds.all_pods import Wanted

_SUMS = (
    "num_hosts",
    "num_hosts_done",
    "num_hosts_running",
    "num_hosts_not_run",
    "total_instances",
    "total_errors",
)


def show_audit_log(call: Call) -> Reply:
    """The logs of all pods as one. They are of one period, unless pods are set up to have different ones."""
    name = "instance_usage_audit_log" + ("" if "before" in call.path else "s")
    found = gather(call, Wanted(name))
    logs = [document[name] for _, document in found.told]
    sums = {key: sum(log[key] for log in logs) for key in _SUMS}
    done, hosts = sums["num_hosts_done"], sums["num_hosts"]
    merged = {
        **logs[0],
        **sums,
        "hosts_not_run": [host for log in logs for host in log["hosts_not_run"]],
        "overall_status": (
            f"{'ALL' if done == hosts else f'{done} of {hosts}'} hosts done. {sums['total_errors']} errors."
        ),
        "log": {host: told for log in logs for host, told in log["log"].items()},
    }
    return shown({name: merged}, found.partial)
