"""The stores in memory, for tests and simulations. DynamoDB's pass the same tests (tests/contracts)."""

from chalicelib.adapters.memory.binding_store import MemoryBindingStore
from chalicelib.adapters.memory.capacity_store import MemoryCapacityStore
from chalicelib.adapters.memory.claim_store import MemoryClaimStore
from chalicelib.adapters.memory.decision_store import MemoryDecisionStore
from chalicelib.adapters.memory.intent_store import MemoryIntentStore
from chalicelib.adapters.memory.job_queue import MemoryJobQueue
from chalicelib.adapters.memory.job_store import MemoryJobStore
from chalicelib.adapters.memory.keypair_store import MemoryKeypairStore
from chalicelib.adapters.memory.lease_store import MemoryLeaseStore
from chalicelib.adapters.memory.location_store import MemoryLocationStore
from chalicelib.adapters.memory.pod_number_store import MemoryPodNumberStore
from chalicelib.adapters.memory.pod_store import MemoryPodStore
from chalicelib.adapters.memory.profile_store import MemoryProfileStore
from chalicelib.adapters.memory.project_store import MemoryProjectStore
from chalicelib.adapters.memory.quota_store import MemoryQuotaStore
from chalicelib.adapters.memory.rate_store import MemoryRateStore
from chalicelib.adapters.memory.snapshot_store import MemorySnapshotStore
from chalicelib.adapters.memory.stray_store import MemoryStrayStore
from chalicelib.adapters.memory.trouble_store import MemoryTroubleStore
from chalicelib.adapters.memory.unfinished_store import MemoryUnfinishedStore
from chalicelib.adapters.memory.usage_store import MemoryUsageStore

__all__ = [
    "MemoryBindingStore",
    "MemoryCapacityStore",
    "MemoryClaimStore",
    "MemoryDecisionStore",
    "MemoryIntentStore",
    "MemoryJobQueue",
    "MemoryJobStore",
    "MemoryKeypairStore",
    "MemoryLeaseStore",
    "MemoryLocationStore",
    "MemoryPodNumberStore",
    "MemoryPodStore",
    "MemoryProfileStore",
    "MemoryProjectStore",
    "MemoryQuotaStore",
    "MemoryRateStore",
    "MemorySnapshotStore",
    "MemoryStrayStore",
    "MemoryTroubleStore",
    "MemoryUnfinishedStore",
    "MemoryUsageStore",
]
