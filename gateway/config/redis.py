"""The `redis` section of the file: its short form, its faults, its password."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from gateway.config.node import Loc, Node
from gateway.config.schema import RedisEntry
from gateway.config.secrets import KeyMissing, find_key, looks_secret
from gateway.config.validate import Validated
from gateway.core.options import BadRedisUrl, RedisAccess, RedisOptions, redis_address

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def with_long_redis(tree: Node) -> Node:
    """The file with `redis: URL` in its long form, `redis: {url: URL}`."""
    redis = tree.child("redis")
    if redis is None or not isinstance(redis.value, str) or not isinstance(tree.value, dict):
        return tree
    long = Node({"url": redis}, redis.spot, {"url": redis.spot})
    return Node({**tree.value, "redis": long}, tree.spot, tree.keys)


def redis_faults(checked: Validated) -> Iterator[tuple[Loc, str]]:
    """What is wrong with the section, without ever showing the URL: it may hold a password."""
    entry = checked.file.redis
    if entry.url:
        try:
            redis_address(entry.url)
        except BadRedisUrl as fault:
            yield ("redis", "url"), f"redis.url {fault}"
    elif entry != RedisEntry():
        yield ("redis",), "redis needs the key 'url'; without it no Redis is used"
    if not _PREFIX.fullmatch(entry.key_prefix):
        yield (
            ("redis", "key_prefix"),
            "redis.key_prefix must be 1 to 63 letters, digits, '-', '_', '.' or ':'",
        )
    variable = entry.password_env
    if variable and not looks_secret(variable) and not _VARIABLE.fullmatch(variable):
        yield (
            ("redis", "password_env"),
            "redis.password_env must name an environment variable, such as REDIS_PASSWORD",
        )


def redis_access(entry: RedisEntry, env: Mapping[str, str], folder: Path) -> RedisAccess:
    """The options with the password, or why Redis is not used."""
    options = {f.name: getattr(entry, f.name) for f in fields(RedisOptions)}
    if entry.ca_file:
        options["ca_file"] = str(folder / entry.ca_file)
    source = _PasswordSource(entry.password_env, entry.password_file)
    try:
        return RedisAccess(password=find_key(source, env, folder), **options)
    except KeyMissing as reason:
        return RedisAccess(off=str(reason), **options)


@dataclass(frozen=True, slots=True)
class _PasswordSource:
    """Where the password comes from, as a `KeySource`."""

    api_key_env: str
    api_key_file: str
