"""A gateway for tests of clients: the real one, plus TLS and keys that are refused on purpose.

`python -m tests.clients.guarded --config FILE --listen HOST:PORT [--tls FOLDER] [--client-ca PEM]`
"""

import argparse
import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import uvloop

from gateway import wiring
from gateway.api.grpc_options import GrpcOptions, tls_credentials
from gateway.api.grpc_server import GrpcServer
from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.api.service import Backing
from gateway.config import Config, load_file
from gateway.core.errors import (
    Draining,
    NotFound,
    PermissionDenied,
    QuotaExhausted,
    Shed,
    Unauthenticated,
)
from gateway.core.scopes import Scopes

KNOWN: Mapping[str, Identity] = MappingProxyType(
    {
        "k-erp": Identity("erp"),
        "k-system": Identity("erp", Scopes(system_messages=True)),
    }
)
"""Keys that may call."""

REFUSED: Mapping[str, Callable[[], Exception]] = MappingProxyType(
    {
        "k-forbidden": lambda: PermissionDenied("the key may not make this call"),
        "k-spent": lambda: QuotaExhausted("calls per day", 30.0),
        "k-nowhere": lambda: NotFound("no such knowledge base"),
        "k-shed": lambda: Shed("too many calls in progress", 0.05),
        "k-draining": lambda: Draining("this server is going away"),
        "k-bug": lambda: RuntimeError("a detail that no caller may see"),
    }
)
"""Keys that always meet one error, for every reason of the error table that identity can give."""

BUSY = "k-busy"
"""A key whose calls are let in at their third try; told apart by their request ids."""


@dataclass
class Identities:
    """Knows the keys above; every other one is unknown."""

    sheds: Counter[str]

    def __call__(self, method: str, metadata: CallMetadata) -> Identity:
        """Who calls; raises what the key stands for."""
        key = metadata.authorization.removeprefix("Bearer ")
        if key == BUSY:
            self.sheds[metadata.request_id] += 1
            if self.sheds[metadata.request_id] <= 2:
                raise Shed("too many calls in progress", 0.05)
            return Identity("erp")
        if key in REFUSED:
            raise REFUSED[key]()  # noqa: RSE102 # makes the error
        if key not in KNOWN:
            raise Unauthenticated("no such key")
        return KNOWN[key]


class GuardedApplication(wiring.Application):
    """The real application with these keys, behind TLS if `options` say so."""

    def __init__(self, config: Config, options: GrpcOptions) -> None:
        super().__init__(config)
        self.server = GrpcServer(self.service, self.gate, options)

    def _backing(self) -> Backing:
        return replace(super()._backing(), identify=Identities(Counter()))


async def _serve(arguments: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    loaded = load_file(arguments.config, os.environ)
    config = replace(loaded, server=replace(loaded.server, listen=arguments.listen))
    application = GuardedApplication(config, _options(arguments))
    await application.start()
    print(f"serving on {application.address}", flush=True)  # noqa: T201 # as `serve`
    await application.load()
    await stopping.wait()
    await application.stop()


def _options(arguments: argparse.Namespace) -> GrpcOptions:
    if arguments.tls is None:
        return GrpcOptions(address=arguments.listen)
    certificate = (arguments.tls / "certificate.pem").read_bytes()
    key = (arguments.tls / "key.pem").read_bytes()
    clients = arguments.client_ca.read_bytes() if arguments.client_ca else None
    return GrpcOptions(
        address=arguments.listen, credentials=tls_credentials(certificate, key, clients)
    )


def main() -> None:
    """Read the arguments and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients.guarded", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--tls", type=Path, help="folder of certificate.pem and key.pem")
    parser.add_argument("--client-ca", type=Path, help="clients must show a certificate of this")
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
