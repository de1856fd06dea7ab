"""Who may call and how connections are protected, from the configuration; kept up to date."""

import logging
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from gateway.api.authentication import KeyCheck
from gateway.api.ports import Identifies, anyone
from gateway.api.tls import Certificates, Tls, TlsFiles, proved, read_pem
from gateway.config import Config
from gateway.config.crosscheck_security import is_loopback
from gateway.config.keysfile import keys_file_text, keys_path, parse_keys
from gateway.core.keys import KeyRing
from gateway.wiring.watching import Watched

SOON_S = 14 * 86_400.0
"""A key that ends within two weeks is told of, so that it is rotated in time."""

log = logging.getLogger(__name__)


class Security:
    """Keys and TLS of a process; their files are watched while `watchers` run.

    Raises TlsFault or ConfigError where the files cannot be used.
    """

    def __init__(self, config: Config) -> None:
        self._routes = frozenset(route.name for route in config.plan.routes)
        self.tls: Tls | None = None
        self.keys: KeyCheck | None = None
        self.watched: list[Watched[Any, Any]] = []
        self.warnings = warnings(config)
        if files := tls_files(config):
            certificate = Watched(
                "TLS certificate",
                lambda: read_pem(files),
                lambda pem: proved(files, pem),
                self._renew,
            )
            self.tls = Tls(certificate.value)
            self.watched.append(certificate)
        if config.security.keys_file or config.security.tls.clients:
            self.keys = self._key_check(config)

    @property
    def identify(self) -> Identifies:
        """Who calls; everybody is the tenant `default` where nobody is asked."""
        return self.keys or anyone

    def watchers(self) -> list[Coroutine[None, None, None]]:
        """To be run for as long as the process serves."""
        return [watched.watch() for watched in self.watched]

    def _key_check(self, config: Config) -> KeyCheck:
        ring = KeyRing(())
        if path := keys_path(config):
            keys = Watched(
                "keys file",
                lambda: keys_file_text(path),
                lambda text: parse_keys(text, str(path)),
                self._rotate,
            )
            self.watched.append(keys)
            ring = keys.value
            if path.stat().st_mode & 0o022:
                log.warning("others may write the keys file %s: chmod 600 it", path)
        self._note(ring)
        return KeyCheck(ring, time.time, config.security.tls.clients)

    def _renew(self, certificates: Certificates) -> None:
        assert self.tls is not None  # noqa: S101 # only watched with TLS
        self.tls.replace(certificates)
        log.warning("new connections get another certificate now: %s", certificates)

    def _rotate(self, ring: KeyRing) -> None:
        assert self.keys is not None  # noqa: S101 # only watched with keys
        old, self.keys.ring = self.keys.ring.keys, ring
        event = {
            "keys": len(ring.keys),
            "added": sorted(ring.keys.keys() - old.keys()),
            "removed": sorted(old.keys() - ring.keys.keys()),
            "changed": sorted(k for k in ring.keys.keys() & old.keys() if ring.keys[k] != old[k]),
        }
        log.warning("other keys are in force now", extra={"event": event})
        self._note(ring)

    def _note(self, ring: KeyRing) -> None:
        note_ending(ring)
        for key in ring.keys.values():
            for route in sorted(set(key.scopes.routes) - self._routes):
                log.warning("key %s may use the route %r, but there is none", key.id, route)


def note_ending(ring: KeyRing) -> None:
    """Say which live keys end soon."""
    now_s = time.time()
    for key in ring.keys.values():
        if not key.why_dead(now_s) and key.why_dead(now_s + SOON_S):
            log.warning(
                "key %s of tenant %r ends within two weeks: `erp-gateway keys rotate %s`",
                *(key.id, key.tenant, key.id),
            )


def tls_files(config: Config) -> TlsFiles | None:
    """Where certificates stand; None for plain text."""
    tls, folder = config.security.tls, Path(config.path).parent
    if not tls.certificate_file:
        return None
    client_ca = folder / tls.client_ca_file if tls.client_ca_file else None
    return TlsFiles(folder / tls.certificate_file, folder / tls.key_file, client_ca)


def warnings(config: Config) -> list[str]:
    """What about the doors people must know before they rely on them."""
    server, options = config.server, config.security
    told = []
    if not (options.keys_file or options.tls.client_ca_file):
        who = "EVERYBODY WHO REACHES A PORT" if options.open else "everybody on this machine"
        told.append(f"OPEN: no key is asked; {who} is the tenant 'default' (docs/security.md)")
    doors = [address for address in (server.listen, server.http_listen) if address]
    far = [address for address in doors if not is_loopback(address)]
    if far and not options.tls.certificate_file:
        told.append(
            f"PLAIN TEXT on {', '.join(far)}: keys and texts can be read on the way; name a"
            " certificate in security.tls, or end TLS in front"
        )
    return told
