"""From gRPC's status to typed errors."""

import pickle
from pathlib import Path

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata

import erp_gateway_client
from erp_gateway_client import (
    GatewayError,
    InternalError,
    QuotaExhausted,
    Unavailable,
    Violation,
    errors,
)
from gateway.api.error_table import TABLE


def failed(code: StatusCode, *details: Message, domain: str = errors.DOMAIN) -> GatewayError:
    packed = []
    for detail in details:
        if isinstance(detail, ErrorInfo):
            detail.domain = domain
        one = AnyMessage()
        one.Pack(detail)
        packed.append(one)
    raw = Status(code=code.value[0], details=packed).SerializeToString()
    trailers = Metadata((errors.DETAILS, raw), ("x-request-id", "echoed"))
    return errors.error_of(AioRpcError(code, Metadata(), trailers, "what happened"), "sent")


@pytest.mark.parametrize("row", TABLE.values(), ids=[row.reason for row in TABLE.values()])
def test_every_reason_of_the_gateway_has_its_class(row: object) -> None:
    code, reason = row.code, row.reason  # type: ignore[attr-defined] # the gateway's own table
    error = failed(code, ErrorInfo(reason=reason, metadata={"request_id": "r"}))
    assert type(error) not in (GatewayError, InternalError)
    assert (error.code, error.reason, error.metadata["request_id"]) == (code, reason, "r")
    assert reason in str(error)


def test_details_are_read() -> None:
    wait = RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000))
    rules = BadRequest(
        field_violations=[BadRequest.FieldViolation(field="messages", description="none")]
    )
    error = failed(StatusCode.UNAVAILABLE, ErrorInfo(reason="DRAINING"), wait, rules)
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == 1.5
    assert error.violations == (Violation("messages", "none"),)
    assert error.request_id == "echoed"


def test_a_reason_of_another_domain_is_not_ours() -> None:
    error = failed(StatusCode.UNAVAILABLE, ErrorInfo(reason="ALL_MODELS_FAILED"), domain="proxy")
    assert (type(error), error.reason, dict(error.metadata)) == (Unavailable, "", {})


@pytest.mark.parametrize("raw", [b"\xff\xff", b""])
def test_details_that_cannot_be_read_are_left_out(raw: bytes) -> None:
    trailers = Metadata((errors.DETAILS, raw))
    error = errors.error_of(AioRpcError(StatusCode.NOT_FOUND, Metadata(), trailers, "gone"), "sent")
    assert (type(error), error.reason, error.request_id) == (errors.NotFound, "", "sent")


def test_codes_of_no_class_are_internal() -> None:
    assert type(failed(StatusCode.UNKNOWN)) is InternalError


def test_only_a_used_up_quota_is_one() -> None:
    spent = failed(StatusCode.RESOURCE_EXHAUSTED, ErrorInfo(reason="QUOTA_EXHAUSTED"))
    assert type(spent) is QuotaExhausted
    assert type(failed(StatusCode.RESOURCE_EXHAUSTED)) is GatewayError  # a message too large


def test_an_error_survives_pickling() -> None:
    error = failed(StatusCode.NOT_FOUND, ErrorInfo(reason="NOT_FOUND"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 # our own bytes
    assert (type(again), again.reason, str(again)) == (type(error), error.reason, str(error))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    told = (errors.__doc__ or "").replace("│", " ")
    for name in dir(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, GatewayError):
            assert f"{name} " in told
            assert name in erp_gateway_client.__all__


def test_the_readmes_name_every_error() -> None:
    folder = Path(__file__).resolve().parents[3] / "clients" / "python"
    names = {kind.__name__ for kind in (*errors.BY_CODE.values(), *errors.BY_REASON.values())}
    for readme in ("README.md", "README.zh-CN.md"):
        text = (folder / readme).read_text()
        assert [name for name in names if f"`{name}`" not in text] == []
