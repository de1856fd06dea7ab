"""Real certificates, made by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

EC = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    @property
    def pem(self) -> bytes:
        return self.certificate.read_bytes()

    @property
    def key_pem(self) -> bytes:
        return self.key.read_bytes()


def openssl(command: str) -> None:
    subprocess.run(["openssl", *command.split()], check=True, capture_output=True)  # noqa: S603, S607 # our own words


def authority(folder: Path, name: str) -> Pair:
    """A certificate authority of our own."""
    made = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    openssl(f"req -x509 {EC} -days 2 -subj /CN={name} -keyout {made.key} -out {made.certificate}")
    return made


def signed(folder: Path, name: str, by: Pair, names: str, dates: str = "-days 2") -> Pair:
    """A certificate for the alternative `names`, such as `DNS:localhost,IP:127.0.0.1`."""
    made = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={names}\n")
    openssl(f"req {EC} -subj /CN={name} -keyout {made.key} -out {request}")
    openssl(
        f"x509 -req -in {request} -CA {by.certificate} -CAkey {by.key} -extfile {extensions}"
        f" {dates} -set_serial {abs(hash(name)) % 10**9 + 1} -out {made.certificate}"
    )
    return made


SERVER = "DNS:localhost,IP:127.0.0.1"
