"""Redis: where it is and how long anybody waits for it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import unquote, urlsplit

from annotated_types import Ge, Gt, Le

from gateway.core.options.secret import NO_SECRET, Secret

DEFAULT_PORT = 6379
SENTINEL_PORT = 26379
LARGEST_PORT = 65_535

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_MASTER = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Topology(StrEnum):
    """How Redis is run."""

    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """A Redis URL in parts. `nodes` are of Redis, or of the Sentinels that know where it is."""

    topology: Topology
    nodes: tuple[tuple[str, int], ...]
    tls: bool = False
    username: str = ""
    master: str = ""
    database: int = 0

    def __str__(self) -> str:
        nodes = ",".join(f"{host}:{port}" for host, port in self.nodes)
        return f"{nodes}/{self.master}" if self.master else nodes


_SCHEMES = {
    "redis": (Topology.SINGLE, False),
    "rediss": (Topology.SINGLE, True),
    "redis+sentinel": (Topology.SENTINEL, False),
    "rediss+sentinel": (Topology.SENTINEL, True),
    "redis+cluster": (Topology.CLUSTER, False),
    "rediss+cluster": (Topology.CLUSTER, True),
}
FORMS = (
    "redis://host:6379/0, redis+sentinel://host:26379,host:26379/master,"
    " redis+cluster://host:6379,host:6379; rediss in front means TLS"
)


class BadRedisUrl(ValueError):
    """The URL is of no form we know; the text says why and is shown to ops, without the URL."""


def redis_address(url: str) -> RedisAddress:
    """The parts of a URL. Raises BadRedisUrl, also for one with a password in it."""
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES:
        raise BadRedisUrl(f"must be one of {FORMS}")
    parts = urlsplit(f"//{rest}")
    username, has_password, hosts = _who(parts.netloc)
    if has_password:
        raise BadRedisUrl(
            "holds a password; take it out, put it into an environment variable or a file, and name"
            " that: redis: {url: redis://..., password_env: NAME} (or password_file: /run/secrets/"
            "...); change the password, for others may have read it here"
        )
    if parts.query or parts.fragment:
        raise BadRedisUrl("must not have a '?' or '#'; every option has a key of its own")
    topology, tls = _SCHEMES[scheme]
    default = SENTINEL_PORT if topology is Topology.SENTINEL else DEFAULT_PORT
    nodes = tuple(_node(text, default) for text in hosts.split(","))
    master, database = _path(topology, parts.path)
    if topology is Topology.SINGLE and len(nodes) > 1:
        raise BadRedisUrl("names several hosts; say which kind: redis+sentinel or redis+cluster")
    return RedisAddress(
        topology=topology,
        nodes=nodes,
        tls=tls,
        username=username,
        master=master,
        database=database,
    )


def _who(netloc: str) -> tuple[str, bool, str]:
    """User name, whether a password stands there, and the hosts."""
    who, _, hosts = netloc.rpartition("@")
    username, colon, _ = who.partition(":")
    return unquote(username), bool(colon), hosts


def _node(text: str, default_port: int) -> tuple[str, int]:
    match = re.fullmatch(rf"({_HOST.pattern})(?::(\d{{1,5}}))?", text)
    if match is None or not 0 < int(match[2] or default_port) <= LARGEST_PORT:
        raise BadRedisUrl(f"must name its hosts as HOST or HOST:PORT; it is one of {FORMS}")
    return match[1].strip("[]"), int(match[2] or default_port)


def _path(topology: Topology, path: str) -> tuple[str, int]:
    """The Sentinel's name of the master, and the number of the database."""
    words = [word for word in path.split("/") if word]
    if topology is Topology.SENTINEL:
        if not words or not _MASTER.fullmatch(words[0]):
            raise BadRedisUrl("must end with the master's name: redis+sentinel://host,host/master")
        return words[0], _database(words[1:])
    if topology is Topology.CLUSTER and words:
        raise BadRedisUrl("must end after its hosts: a cluster has one database only")
    return "", _database(words)


def _database(words: list[str]) -> int:
    if not words:
        return 0
    if len(words) > 1 or not re.fullmatch(r"\d{1,4}", words[0]):
        raise BadRedisUrl("must end with the number of the database, such as /0, or with nothing")
    return int(words[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOptions:
    """Redis, which makes several gateways one; explained in docs/redis.md.

    Without it everything works within one process. `redis: URL` alone stands for `{url: URL}`.
    Changes take effect at the next start.
    """

    url: str = ""
    """`redis://host:6379/0`, `redis+sentinel://host,host/master` or `redis+cluster://host,host`;
    `rediss` in front means TLS; a user name may stand before `@`, a password never. Default empty:
    no Redis."""
    ca_file: str = ""
    """Certificates of the authority that signed Redis' own; default the system's. Relative to this
    file's folder."""
    key_prefix: str = "erp-gateway"
    """Begins every key: two gateways that share a Redis but nothing else need two. Default
    `erp-gateway`."""
    timeout_s: Annotated[float, Ge(0.01), Le(1)] = 0.05
    """Longest wait of a call for one answer of Redis; then it goes on without. Default 0.05 s:
    answers take 0.001 s in one data centre."""
    max_connections: Annotated[int, Ge(1), Le(1000)] = 32
    """Most connections of one process, to each node of a cluster. Default 32."""
    local_s: Annotated[float, Gt(0), Le(3600)] = 30.0
    """A cached answer is taken from the process's own memory so long without asking Redis whether
    somebody has rejected it. Default 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAccess(RedisOptions):
    """The options with the password, and why Redis is not used although the file names it."""

    password: Secret = NO_SECRET
    """The password, read from the environment variable or the file that the configuration names."""
    off: str = ""
    """Why it cannot be used, for the log; empty: it can."""
