"""Checks of the section `security`: what belongs together, and doors that would stand open."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from gateway.config.node import Loc
from gateway.config.validate import Validated, nearest
from gateway.core.model import Call
from gateway.core.options import Route, SecurityOptions, ServerOptions, TlsOptions

TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
"""Names of tenants, here and in the keys file."""
CALLS = (*(call.value for call in Call), "submit_feedback")
"""What a scope may name."""

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_CLIENT = re.compile(r"(uri|dns|cn):\S.{0,254}")

Finding = tuple[Loc, str]


def security(checked: Validated) -> Iterator[Finding]:
    """Every fault of the section."""
    options = checked.file.security
    if not checked.faulty & {"server.listen", "server.http_listen", "security.keys_file"}:
        yield from exposed(checked.file.server, options)
    if options.open and (options.keys_file or options.tls.client_ca_file):
        yield (
            ("security", "open"),
            "security.open says that nobody is asked for a key, security.keys_file or"
            " security.tls.client_ca_file that everybody is; remove one",
        )
    yield from _tls(options.tls)
    yield from _clients(options.tls, checked.file.routes)
    yield from _empty_scopes(checked)


def exposed(server: ServerOptions, options: SecurityOptions) -> Iterator[Finding]:
    """Doors that other machines reach while nobody is asked who they are."""
    if options.keys_file or options.tls.client_ca_file or options.open:
        return
    for name in ("listen", "http_listen"):
        address = getattr(server, name)
        if is_address(address) and not is_loopback(address):
            yield (
                ("server", name),
                f"server.{name} {address!r} can be reached from other machines, and nobody is asked"
                " for a key: make one with `erp-gateway keys create --tenant NAME` and name the"
                f" file in security.keys_file, or listen on 127.0.0.1, or, in a network of your"
                " own, write security: {open: true}",
            )


def is_address(text: str) -> bool:
    """Whether it is HOST:PORT."""
    match = _LISTEN.fullmatch(text)
    return match is not None and int(match[2]) <= 65535  # noqa: PLR2004 # the largest port


def is_loopback(address: str) -> bool:
    """Whether HOST:PORT is reached from this machine only. Names but localhost count as not."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(tls: TlsOptions) -> Iterator[Finding]:
    for name, other in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if getattr(tls, name) and not getattr(tls, other):
            at = ("security", "tls", name)
            yield at, f"security.tls.{name} needs security.tls.{other} beside it"
    if tls.client_ca_file and not tls.certificate_file:
        yield (
            ("security", "tls", "client_ca_file"),
            "security.tls.client_ca_file needs security.tls.certificate_file and key_file: clients"
            " show certificates over TLS only",
        )
    if tls.clients and not tls.client_ca_file:
        yield (
            ("security", "tls", "clients"),
            "security.tls.clients needs security.tls.client_ca_file: without it no certificate is"
            " asked for",
        )


def _clients(tls: TlsOptions, routes: tuple[Route, ...]) -> Iterator[Finding]:
    known = [route.name for route in routes]
    for name, client in tls.clients.items():
        loc: Loc = ("security", "tls", "clients", name)
        if not _CLIENT.fullmatch(name):
            yield loc, f"client {name!r} must be uri:..., dns:... or cn:..., as in its certificate"
        if not TENANT.fullmatch(client.tenant):
            told = "must be 1 to 63 letters, digits, '-', '_' or '.'"
            yield (*loc, "tenant"), f"tenant {client.tenant!r} {told}"
        for i, call in enumerate(client.calls):
            if call not in CALLS:
                hint = f"{nearest(call, list(CALLS))} (allowed: {', '.join(CALLS)})"
                yield (*loc, "calls", i), f"unknown call {call!r}{hint}"
        for i, route in enumerate(client.routes):
            if route not in known:
                hint = f"{nearest(route, known)} (there are: {', '.join(known) or 'none'})"
                yield (*loc, "routes", i), f"unknown route {route!r}{hint}"


def _empty_scopes(checked: Validated) -> Iterator[Finding]:
    """Lists that somebody has emptied: left out they allow all, and nobody means that by `[]`."""
    for name in checked.file.security.tls.clients:
        for scope in ("calls", "routes", "knowledge_bases"):
            at: Loc = ("security", "tls", "clients", name, scope)
            found = checked.tree.find(at)
            if found is not None and found.value == []:
                yield at, f"{scope} of client {name!r} is empty; leave it out to allow all"
