"""TLS in front of the gateway, as a load balancer would do it: ends TLS and copies bytes."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Pair:
    """A self-signed certificate and its key, as PEM files."""

    certificate: Path
    key: Path


def made(folder: Path, name: str) -> Pair:
    """A new pair for localhost; raises CalledProcessError without openssl."""
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -subj /CN={name} -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        f" -keyout {pair.key} -out {pair.certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603 # our own
    return pair


@asynccontextmanager
async def tls_door(own: Pair, client: Pair | None, behind: Callable[[], str]) -> AsyncIterator[str]:
    """Serve TLS (mTLS with the client's certificate) before the address `behind()` names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    if client is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client.certificate)

    open_now: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        try:
            await relay(reader, writer)
        finally:
            open_now.discard(writer)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = behind().rpartition(":")
        try:
            back_reader, back_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"localhost:{server.sockets[0].getsockname()[1]}"
        for writer in list(open_now):
            writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
