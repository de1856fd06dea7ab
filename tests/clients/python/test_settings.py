"""Settings: what they refuse, what they hide, what they become."""

import json

import pytest

from erp_gateway_client import CallOptions, Settings, Tls
from erp_gateway_client.calls import LONGEST_S, sending
from erp_gateway_client.settings import shipped_service_config
from gateway.api.grpc_options import GrpcOptions, channel_options
from gateway.v1 import gateway_service_pb2


def test_a_key_is_never_shown() -> None:
    assert "secret" not in repr(Settings(key="secret", tls=Tls(root_pem=b"secret")))


@pytest.mark.parametrize("value", ["a\nb", "schlüssel", "a\x00"])
def test_what_no_header_can_hold_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="key holds characters"):
        Settings(key=value)
    with pytest.raises(ValueError, match="erp_version holds characters"):
        Settings(erp_version=value)


@pytest.mark.parametrize("value", ["a\nb", "订单", "a\x00"])
def test_what_no_header_can_hold_is_refused_of_a_call_too(value: str) -> None:
    with pytest.raises(ValueError, match="x-request-id holds characters"):
        sending(Settings(), CallOptions(request_id=value))
    with pytest.raises(ValueError, match="traceparent holds characters"):
        sending(Settings(), CallOptions(traceparent=value))


@pytest.mark.parametrize("deadline_s", [float("inf"), 1e12, 1e300])
def test_a_deadline_that_means_for_ever_is_one_that_grpc_can_count(deadline_s: float) -> None:
    assert sending(Settings(), CallOptions(deadline_s=deadline_s)).timeout_s == LONGEST_S


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("127.0.0.1:50051", True),
        ("LOCALHOST", True),
        ("[::1]:50051", True),
        ("::1", True),
        ("dns:///localhost:50051", True),
        ("dns:localhost:50051", True),
        ("ipv4:127.0.0.1:1,127.0.0.2:1", True),
        ("ipv6:[::1]:1", True),
        ("ipv4:127.0.0.1:1,10.0.0.2:1", False),
        ("gateway.internal:50051", False),
        ("localhost.example:50051", False),
        ("127.0.0.1.example:50051", False),
    ],
)
def test_no_proxy_stands_before_this_machine(target: str, local: bool) -> None:
    options = dict(Settings().channel_options(target))
    assert (options.get("grpc.enable_http_proxy") == 0) is local


@pytest.mark.parametrize("deadline_s", [0.0, -1.0, float("nan")])
def test_a_deadline_that_is_none_is_refused(deadline_s: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Settings(deadline_s=deadline_s)
    with pytest.raises(ValueError, match="must be above 0"):
        sending(Settings(), CallOptions(deadline_s=deadline_s))


def test_half_a_client_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="give both or neither"):
        Tls(certificate_pem=b"x")


def test_a_call_carries_what_it_was_given() -> None:
    settings = Settings(key="k", erp_version="1.2.7", deadline_s=7)
    sent = sending(settings, CallOptions(request_id="r"))
    assert sent.timeout_s == 7
    assert dict(sent.metadata) == {
        "authorization": "Bearer k",
        "x-erp-version": "1.2.7",
        "x-request-id": "r",
    }
    assert sending(settings, {}).request_id != sending(settings, {}).request_id


def test_the_service_config_speaks_of_the_service_that_exists() -> None:
    service = gateway_service_pb2.DESCRIPTOR.services_by_name["GatewayService"].full_name
    config = json.loads(shipped_service_config())
    assert config["healthCheckConfig"]["serviceName"] == service
    (methods,) = config["methodConfig"]
    assert methods["name"] == [{"service": service}]
    assert methods["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE", "CANCELLED"]


def test_pings_are_no_more_frequent_than_the_gateway_allows() -> None:
    ours = dict(Settings().channel_options())["grpc.keepalive_time_ms"]
    allowed = dict(channel_options(GrpcOptions()))
    assert int(ours) >= allowed["grpc.http2.min_recv_ping_interval_without_data_ms"]


def test_requests_as_large_as_the_gateway_takes_can_be_retried() -> None:
    ours = dict(Settings().channel_options())["grpc.per_rpc_retry_buffer_size"]
    assert int(ours) >= GrpcOptions().max_request_bytes
