"""Who may call and how connections are protected, from the configuration; kept up to date."""

import logging
from collections.abc import Coroutine
from pathlib import Path

from gateway.api.tls import Certificates, Tls, TlsFiles, read_certificates
from gateway.config import Config
from gateway.wiring.watching import Watched

log = logging.getLogger(__name__)


class Security:
    """TLS of a process; watches its files while `watchers` run.

    Raises TlsFault where the files cannot be used.
    """

    def __init__(self, config: Config) -> None:
        self.tls: Tls | None = None
        self._watched: list[Watched[Certificates]] = []
        if files := tls_files(config):
            watched = Watched("TLS certificate", lambda: read_certificates(files), self._renewed)
            self.tls = Tls(watched.value)
            self._watched.append(watched)

    def watchers(self) -> list[Coroutine[None, None, None]]:
        """To be run for as long as the process serves."""
        return [watched.watch() for watched in self._watched]

    def _renewed(self, certificates: Certificates) -> None:
        assert self.tls is not None  # noqa: S101 # only watched with TLS
        self.tls.replace(certificates)
        log.warning("new connections get another certificate now: %s", certificates)


def tls_files(config: Config) -> TlsFiles | None:
    """Where certificates stand; None for plain text."""
    tls, folder = config.security.tls, Path(config.path).parent
    if not tls.certificate_file:
        return None
    client_ca = folder / tls.client_ca_file if tls.client_ca_file else None
    return TlsFiles(folder / tls.certificate_file, folder / tls.key_file, client_ca)
