"""How a command reaches a gateway that asks for TLS or a key."""

import argparse
import os
from pathlib import Path

import grpc

KEY_ENV = "ERP_GATEWAY_KEY"
"""Environment variable of the tenant's key. On a command line every user would see it."""


class ConnectingError(ValueError):
    """A file that is named cannot be read, or options do not fit together."""


def add_connecting(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command's parser."""
    group = parser.add_argument_group("TLS and key")
    group.add_argument("--tls", action="store_true", help="TLS, trusting the usual authorities")
    group.add_argument("--ca", metavar="FILE", help="TLS, trusting this certificate (PEM)")
    group.add_argument("--server-name", metavar="NAME", help="name in the server's certificate")
    group.add_argument("--client-certificate", metavar="FILE", help="mTLS: own certificate (PEM)")
    group.add_argument("--client-key", metavar="FILE", help="mTLS: its key (PEM)")
    group.add_argument(
        "--key-file", metavar="FILE", help=f"file with the tenant's key; default: ${KEY_ENV}"
    )


def channel_to(target: str, asked: argparse.Namespace) -> grpc.Channel:
    """A channel as the options ask for; raises ConnectingError."""
    certificate, key = asked.client_certificate, asked.client_key
    if bool(certificate) != bool(key):
        raise ConnectingError("--client-certificate and --client-key belong together: give both")
    if not (asked.tls or asked.ca or certificate):
        return grpc.insecure_channel(target)
    credentials = grpc.ssl_channel_credentials(_read(asked.ca), _read(key), _read(certificate))
    name = asked.server_name
    options = [("grpc.ssl_target_name_override", name)] if name else []
    return grpc.secure_channel(target, credentials, options)


def key_metadata(asked: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """The metadata that carries the key; empty without one. Raises ConnectingError."""
    raw = _read(asked.key_file)
    key = os.environ.get(KEY_ENV, "") if raw is None else raw.decode("ascii", "replace")
    return (("authorization", f"Bearer {key.strip()}"),) if key.strip() else ()


def _read(file: str | None) -> bytes | None:
    if not file:
        return None
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ConnectingError(f"{file}: {error.strerror}") from error
