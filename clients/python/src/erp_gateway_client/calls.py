"""What goes with a call besides its message: deadline, ids, key. Pure."""

import uuid
from dataclasses import dataclass
from typing import TypedDict

from erp_gateway_client.settings import Settings, check_header

REQUEST_ID = "x-request-id"
LONGEST_S = 100 * 86_400.0
"""Longest deadline, 100 days: with infinity and the like gRPC's own arithmetic overflows, and the
call ends at once."""

Metadata = tuple[tuple[str, str], ...]


class CallOptions(TypedDict, total=False):
    """Options of one call, as keyword arguments.

    `deadline_s`: seconds from now, retries included; the settings' own when absent.
    `request_id`: your id of the call, echoed in answers, errors and the gateway's log; made when
    absent. `traceparent`: W3C trace context to be continued.
    """

    deadline_s: float
    request_id: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Sending:
    """How one call is sent."""

    request_id: str
    timeout_s: float
    metadata: Metadata


def sending(settings: Settings, options: CallOptions) -> Sending:
    """The deadline and metadata of one call.

    Raises ValueError for a deadline that is none and for what no header can hold.
    """
    timeout_s = options.get("deadline_s", settings.deadline_s)
    if not timeout_s > 0:
        raise ValueError(f"deadline_s is {timeout_s!r}; it must be above 0")
    request_id = options.get("request_id") or uuid.uuid4().hex
    sent = {
        REQUEST_ID: request_id,
        "x-erp-version": settings.erp_version,
        "traceparent": options.get("traceparent", ""),
        "authorization": f"Bearer {settings.key}" if settings.key else "",
    }
    for name in (REQUEST_ID, "traceparent"):
        check_header(name, sent[name])
    return Sending(
        request_id, min(timeout_s, LONGEST_S), tuple((k, v) for k, v in sent.items() if v)
    )
