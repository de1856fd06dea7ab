"""Client of the ERP AI Gateway: `GatewayClient`, and `AsyncGatewayClient` for asyncio.

    from erp_gateway_client import GatewayClient, question

    with GatewayClient("localhost:50051") as client:
        print(client.chat(question("How long does international delivery take?")).text)

Requests and responses are the contract's own messages, from `gateway.v1`.
"""

from erp_gateway_client.aio import AsyncGatewayClient
from erp_gateway_client.calls import CallOptions
from erp_gateway_client.client import GatewayClient
from erp_gateway_client.errors import (
    AllModelsFailed,
    Cancelled,
    ContentFiltered,
    ContextTooLong,
    DeadlineExceeded,
    GatewayError,
    InternalError,
    InvalidRequest,
    NotFound,
    NotOffered,
    PermissionDenied,
    QuotaExhausted,
    StreamTruncated,
    Unauthenticated,
    Unavailable,
    Violation,
)
from erp_gateway_client.requests import question
from erp_gateway_client.settings import Settings, Tls
from erp_gateway_client.stream import Piece
from erp_gateway_client.stream_aio import AsyncChatStream
from erp_gateway_client.stream_sync import ChatStream

__all__ = [
    "AllModelsFailed",
    "AsyncChatStream",
    "AsyncGatewayClient",
    "CallOptions",
    "Cancelled",
    "ChatStream",
    "ContentFiltered",
    "ContextTooLong",
    "DeadlineExceeded",
    "GatewayClient",
    "GatewayError",
    "InternalError",
    "InvalidRequest",
    "NotFound",
    "NotOffered",
    "PermissionDenied",
    "Piece",
    "QuotaExhausted",
    "Settings",
    "StreamTruncated",
    "Tls",
    "Unauthenticated",
    "Unavailable",
    "Violation",
    "question",
]
