"""How a command reaches a gateway that asks for TLS or a key."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

import grpc

ENV = "ERP_GATEWAY_"
KEY_ENV = f"{ENV}KEY"
"""Environment variable of the tenant's key. On a command line every user would see it."""

_FILES = (
    ("ca", "FILE", "TLS, trusting this certificate (PEM)"),
    ("server-name", "NAME", "name in the server's certificate"),
    ("client-certificate", "FILE", "mTLS: own certificate (PEM)"),
    ("client-key", "FILE", "mTLS: its key (PEM)"),
)


class ConnectingError(ValueError):
    """A file that is named cannot be read, or options do not fit together."""


def add_connecting(parser: argparse.ArgumentParser, env: Mapping[str, str] = os.environ) -> None:
    """Add the options to a command's parser; what they leave out comes from `env`."""
    group = parser.add_argument_group(
        "TLS and key", f"each also by the environment, as {ENV}CA or {ENV}CLIENT_KEY"
    )
    group.add_argument("--tls", action="store_true", help="TLS, trusting the usual authorities")
    for name, value, told in _FILES:
        default = env.get(ENV + name.upper().replace("-", "_"), "")
        group.add_argument(f"--{name}", metavar=value, default=default, help=told)
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
