"""TLS of both doors: files read and proved, and certificates changed under open ports.

What serves is proved first, by a handshake in memory: certificate and key belong together, and the
certificate is valid today. So a broken renewal is found here, not by the first caller.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc

MAX_BYTES = 1024 * 1024
"""Larger files are no certificates."""


class TlsFault(ValueError):
    """Certificate, key or client CA cannot be used; the text names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where certificate chain, key and, for mTLS, the client CA stand, all in PEM."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the files held: bytes for gRPC, a server context for the HTTP door.

    Equal when the files' bytes are.
    """

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)
    client_ca_pem: bytes | None
    context: ssl.SSLContext = field(repr=False, compare=False)
    expires_s: float = field(compare=False)

    def __str__(self) -> str:
        day = datetime.fromtimestamp(self.expires_s, UTC).date().isoformat()
        return f"certificate valid until {day}"


Pem = tuple[bytes, bytes, bytes | None]
"""What the files hold: certificate chain, key, client CA."""


def read_pem(files: TlsFiles) -> Pem:
    """The files' bytes. Raises TlsFault."""
    client_ca = _read(files.client_ca) if files.client_ca else None
    return _read(files.certificate), _read(files.key), client_ca


def proved(files: TlsFiles, pem: Pem) -> Certificates:
    """Certificates that serve, of files that held `pem` just now. Raises TlsFault."""
    context = _server_context(files)
    expires_s = _end_of(context, files)
    if read_pem(files) != pem:
        raise TlsFault(f"{str(files.certificate)!r} or its key is being written; trying again")
    return Certificates(*pem, context=context, expires_s=expires_s)


class Tls:
    """The certificates in force; each new connection gets the present ones."""

    def __init__(self, certificates: Certificates) -> None:
        self._present = certificates

    @property
    def present(self) -> Certificates:
        """What new connections get."""
        return self._present

    def replace(self, certificates: Certificates) -> None:
        """Use these for connections from now on; open ones go on as they are."""
        self._present = certificates

    def grpc_credentials(self) -> grpc.ServerCredentials:
        """For the gRPC door. gRPC asks for the certificates at each new connection."""
        shown = self._present

        def fetch() -> grpc.ServerCertificateConfiguration | None:
            # called on gRPC's thread; None keeps what is there
            nonlocal shown
            if self._present is shown:
                return None
            shown = self._present
            return _configuration(shown)

        return grpc.dynamic_ssl_server_credentials(
            _configuration(shown),
            fetch,  # type: ignore[arg-type] # None is its "no change"; the stub does not know
            require_client_authentication=shown.client_ca_pem is not None,
        )

    def http_context(self) -> ssl.SSLContext:
        """For the HTTP door. OpenSSL asks at each handshake, whether or not a name was sent."""
        context = self._present.context
        context.sni_callback = self._change
        return context

    def _change(
        self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        connection.context = self._present.context


def _configuration(certificates: Certificates) -> grpc.ServerCertificateConfiguration:
    pair = (certificates.key_pem, certificates.certificate_pem)
    return grpc.ssl_server_certificate_configuration([pair], certificates.client_ca_pem)


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # reading a pipe would wait for its writer
        raise TlsFault(f"{str(path)!r} is no regular file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TlsFault(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if b"-----BEGIN " not in raw or len(raw) > MAX_BYTES:
        raise TlsFault(f"{str(path)!r} holds no PEM text (-----BEGIN ...)")
    return raw


def _server_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # a resumed session would go on with a client certificate whose authority was taken away
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise TlsFault(
            f"certificate {str(files.certificate)!r} and key {str(files.key)!r} cannot be used: "
            f"{_why(error)}"
        ) from error
    if files.client_ca:
        try:
            context.load_verify_locations(files.client_ca)
        except ssl.SSLError as error:
            told = f"client CA {str(files.client_ca)!r} cannot be used: {_why(error)}"
            raise TlsFault(told) from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _no_password() -> str:
    raise ValueError("the key is encrypted; store it without a passphrase, readable by us alone")


def _end_of(server: ssl.SSLContext, files: TlsFiles) -> float:
    """When the certificate ends, in epoch seconds, learnt in a handshake with ourselves."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # trust the chain itself, not its root
    named = str(files.certificate)
    wanted = server.verify_mode
    server.verify_mode = ssl.CERT_NONE  # only our own side is tried
    try:
        asking.load_verify_locations(files.certificate)
        shown = _handshake(server, asking)
    except ssl.SSLError as error:
        raise TlsFault(f"certificate {named!r} cannot be used: {_why(error)}") from error
    finally:
        server.verify_mode = wanted
    return float(ssl.cert_time_to_seconds(str(shown["notAfter"])))


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext) -> dict[str, Any]:
    """The server's certificate as a verifying client sees it; raises SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(up, down, server_side=True)
    theirs = client.wrap_bio(down, up)
    for _ in range(10):  # a handshake takes 3
        if _stepped(theirs.do_handshake) and _stepped(ours.do_handshake):
            return theirs.getpeercert() or {}
        _stepped(ours.do_handshake)
    raise ssl.SSLError("the handshake does not end")


def _stepped(step: Callable[[], None]) -> bool:
    try:
        step()
    except ssl.SSLWantReadError:
        return False
    return True


def _why(error: Exception) -> str:
    """OpenSSL's reason in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        if error.reason is None:  # "PEM lib": OpenSSL found no whole object
            return "its PEM text is broken or cut off"
        return error.reason.lower().replace("_", " ")
    return str(error)
