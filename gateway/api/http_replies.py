"""Responses of the HTTP door: their headers, and the bodies of failures."""

from math import ceil

from aiohttp.web import Response
from google.rpc.error_details_pb2 import RetryInfo

from gateway.api.connect_protocol import HTTP_STATUS, error_body
from gateway.api.metadata import REQUEST_ID
from gateway.api.status import Status

SERVER = "erp-gateway"
"""The `server` header; no versions."""

_UNAUTHENTICATED = 401


def headers(content_type: str, request_id: str = "") -> dict[str, str]:
    """What every response carries."""
    told = {"Content-Type": content_type, "Server": SERVER}
    if request_id:
        told[REQUEST_ID] = request_id
    return told


def failure(
    status: Status, http_status: int | None = None, extra: tuple[tuple[str, str], ...] = ()
) -> Response:
    """The response of a call that failed. `http_status`: in place of the code's own."""
    number = http_status or HTTP_STATUS[status.code]
    told = headers("application/json", status.request_id) | dict(extra)
    if number == _UNAUTHENTICATED:
        told["WWW-Authenticate"] = "Bearer"  # HTTP asks for it
    if (wait_s := retry_after_s(status)) is not None:
        told["Retry-After"] = str(wait_s)
    return Response(status=number, body=error_body(status), headers=told)


def retry_after_s(status: Status) -> int | None:
    """Whole seconds to wait before another try; None when the status names no wait."""
    for detail in status.details:
        if isinstance(detail, RetryInfo):
            wait_s: float = detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9
            return ceil(wait_s)
    return None


def page(text: str, http_status: int = 200) -> Response:
    """A line of text for a probe."""
    return Response(status=http_status, text=f"{text}\n", headers={"Server": SERVER})
