"""Observability: what operators see of us. Logs are JSON lines without secrets, metrics are EMF."""

from chalicelib.observability.invocations import attach as attach
from chalicelib.observability.invocations import invocation as invocation
from chalicelib.observability.invocations import no_answer as no_answer
from chalicelib.observability.invocations import pod_call as pod_call
from chalicelib.observability.invocations import request as request
from chalicelib.observability.logs import correlated as correlated
from chalicelib.observability.logs import correlation_id as correlation_id
from chalicelib.observability.logs import identified as identified
from chalicelib.observability.logs import logger as logger
from chalicelib.observability.logs import withheld as withheld
from chalicelib.observability.measures import count_claim_refused as count_claim_refused
from chalicelib.observability.measures import count_create as count_create
from chalicelib.observability.measures import count_lost_found as count_lost_found
from chalicelib.observability.measures import count_reconciled as count_reconciled
from chalicelib.observability.measures import count_refresh as count_refresh
from chalicelib.observability.measures import count_rejections as count_rejections
from chalicelib.observability.measures import time_decision as time_decision
from chalicelib.observability.measures import time_pod as time_pod
