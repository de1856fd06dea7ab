import os
import ssl
import subprocess
import sys
from pathlib import Path

import certifi

from gateway.adapters.litellm.tls import trusted

SCRIPT = "from gateway.adapters.litellm.tls import trusted; print(len(trusted().get_ca_certs()))"


def authorities(**environment: str) -> int:
    done = subprocess.run(  # noqa: S603 - a text of ours
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)


def test_certificates_and_host_names_are_always_verified() -> None:
    context = trusted()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_ssl_cert_file_decides_whom_we_trust(tmp_path: Path) -> None:
    one = certifi.contents().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    file = tmp_path / "one.pem"
    file.write_text(one)
    assert authorities(SSL_CERT_FILE=str(file)) == 1
