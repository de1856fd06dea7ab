"""Addresses as a process will use them, whether the file or the command line said them."""

from collections.abc import Iterator

from gateway.config.crosscheck_live import admin_fault
from gateway.config.crosscheck_security import exposed, is_address
from gateway.config.schema import Config


def door_faults(config: Config) -> Iterator[str]:
    """Why the doors may not be opened; the file's own check finds the same in the file."""
    for name, address in (
        ("server.listen", config.server.listen),
        ("server.http_listen", config.server.http_listen),
        ("metrics.listen", config.metrics.listen),
    ):
        if address and not is_address(address):
            yield f"{name} must be ADDRESS:PORT, not {address!r}"
    if fault := admin_fault(config.admin.listen):
        yield fault
    for _, told in exposed(config.server, config.security):
        yield told
