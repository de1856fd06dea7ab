"""Who may call, and how connections are protected."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.scopes import Scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate(Scopes):
    """What the bearer of a client certificate is and may do. A list left out holds nothing back."""

    tenant: str
    """The tenant that calls with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOptions:
    """TLS of both doors, gRPC and HTTP; plain text when no certificate is named.

    Paths are relative to this file's folder. The files are looked at every second: a new
    certificate serves new connections without a restart, a broken one is refused and logged while
    the old one goes on. A change of these paths takes effect at the next start.
    """

    certificate_file: str = ""
    """Certificate chain in PEM, the server's own first."""
    key_file: str = ""
    """Its private key in PEM, not encrypted."""
    client_ca_file: str = ""
    """Certificates in PEM of who may sign clients' certificates (mTLS). Named: every connection to
    either door must show a certificate of theirs, health checks included."""
    clients: Mapping[str, ClientCertificate] = field(default_factory=dict)
    """Who a client's certificate speaks for, by a name in it: `uri:spiffe://erp.example/eu`,
    `dns:erp-eu.example` (both from the subject alternative names) or `cn:erp-eu`. URIs come before
    DNS names, those before the common name. Certificates without an entry need a key as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityOptions:
    """Keys of tenants, and TLS; explained in docs/security.md."""

    keys_file: str = ""
    """File of the tenants' keys, made by `erp-gateway keys`, relative to this file's folder. Looked
    at every second. Empty: everybody is the tenant `default`, which is allowed on loopback only."""
    open: bool = False
    """True lets everybody call who reaches a port that other machines reach, with no key asked:
    for a network of your own only. Default false: such a start is refused."""
    tls: TlsOptions = field(default_factory=TlsOptions)
    """TLS and mTLS."""
