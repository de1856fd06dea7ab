"""A certificate for loopback, made when it is needed with the machine's openssl."""

import shlex
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

OPENSSL = shlex.split(
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate and its key, in a directory of their own."""

    directory: Path

    @classmethod
    def make(cls) -> "Certificate":
        """Make one for `localhost` and 127.0.0.1, good for two days; openssl must be installed."""
        made = cls(Path(tempfile.mkdtemp(prefix="fault-server-")))
        command = [*OPENSSL, "-keyout", str(made.key), "-out", str(made.file)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a fixed command
        return made

    @property
    def file(self) -> Path:
        """The certificate in PEM: what a client has to trust."""
        return self.directory / "certificate.pem"

    @property
    def key(self) -> Path:
        """The private key in PEM."""
        return self.directory / "key.pem"

    def server_context(self) -> ssl.SSLContext:
        """What a server listens with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context

    def discard(self) -> None:
        """Delete the files."""
        shutil.rmtree(self.directory, ignore_errors=True)
