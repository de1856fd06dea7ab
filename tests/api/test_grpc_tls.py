"""TLS and mTLS with real certificates."""

import subprocess
from pathlib import Path

import grpc
import pytest

from gateway.api.grpc_options import GrpcOptions, tls_credentials
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.api.conftest import edge
from tests.api.test_grpc_server import QUESTION

pytestmark = [pytest.mark.anyio, pytest.mark.needs("openssl")]


def made(folder: Path, name: str) -> tuple[bytes, bytes]:
    """A self-signed certificate for localhost, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -subj /CN={name} -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        f" -keyout {key} -out {certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603 # our own
    return certificate.read_bytes(), key.read_bytes()


async def asked(port: int, credentials: grpc.ChannelCredentials) -> str:
    async with grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel:
        answer = await GatewayServiceStub(channel).Chat(QUESTION, timeout=10)
        return str(answer.text)


async def test_tls_answers_who_trusts_it(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, "server")
    options = GrpcOptions(address="127.0.0.1:0", credentials=tls_credentials(certificate, key))
    async with edge(options) as running:
        assert await asked(running.server.port, grpc.ssl_channel_credentials(certificate))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await running.stub.Chat(QUESTION, timeout=10)  # in plain text
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_mtls_answers_only_who_shows_a_certificate(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, "server")
    known, known_key = made(tmp_path, "client")
    foreign, foreign_key = made(tmp_path, "foreign")
    credentials = tls_credentials(certificate, key, client_ca_pem=known)
    async with edge(GrpcOptions(address="127.0.0.1:0", credentials=credentials)) as running:
        port = running.server.port
        shown = grpc.ssl_channel_credentials(certificate, known_key, known)
        assert await asked(port, shown)
        for refused in (
            grpc.ssl_channel_credentials(certificate),
            grpc.ssl_channel_credentials(certificate, foreign_key, foreign),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await asked(port, refused)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
