"""The other end of a connection, as gRPC tells it."""

from typing import Any

import pytest

from gateway.api.grpc_peer import GrpcPeer


class FakeContext:
    """What gRPC says of a connection."""

    def __init__(self, peer: str, **told: list[bytes]) -> None:
        self._peer, self._told = peer, told

    def peer(self) -> str:
        return self._peer

    def auth_context(self) -> dict[str, list[bytes]]:
        return self._told


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:40000", "192.0.2.1"),
        ("ipv6:%5B2001:db8::1%5D:40000", "2001:db8::1"),
        ("ipv6:[::1]:40000", "::1"),
        ("unix:/run/gateway.sock", "/run/gateway.sock"),
        ("", ""),
    ],
)
def test_the_address_comes_without_its_port(peer: str, address: str) -> None:
    context: Any = FakeContext(peer)
    assert GrpcPeer(context).address() == address


def test_names_are_typed_and_the_surest_come_first() -> None:
    context: Any = FakeContext(
        "",
        x509_common_name=[b"uri:spiffe://x"],
        peer_dns=[b"erp.example"],
        peer_uri=[b"spiffe://a", b"urn:b"],
        peer_email=[b"a@b.example"],
    )
    assert GrpcPeer(context).names() == (
        "uri:spiffe://a",
        "uri:urn:b",
        "dns:erp.example",
        "cn:uri:spiffe://x",
    )
