"""The `redis` section: one line is enough, passwords come from elsewhere, addresses are checked."""

import re
from pathlib import Path

import pytest

from gateway.config import load_text
from gateway.config.summary import summary
from gateway.core.options import BadRedisUrl, RedisAddress, Secret, Topology, redis_address

ROUTES = "\nroutes: [{name: all}]\n"


def test_one_line_is_enough() -> None:
    config = load_text("redis: redis://cache.internal" + ROUTES, "f.yaml", {})
    assert config.redis.url == "redis://cache.internal"
    assert config.redis.timeout_s == 0.05
    assert not config.redis.off


def test_without_the_section_there_is_no_redis() -> None:
    config = load_text(ROUTES, "f.yaml", {})
    assert config.redis.url == ""
    assert config.redis.off == ""


def test_the_password_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n")
    text = "redis: {url: 'redis://a', password_env: PW, password_file: secret}" + ROUTES
    path = str(tmp_path / "f.yaml")
    assert load_text(text, path, {"PW": "from-env"}).redis.password == Secret("from-env")
    config = load_text(text, path, {})
    assert config.redis.password == Secret("from-file")
    assert "from-file" not in repr(config)


def test_a_password_that_is_nowhere_switches_redis_off_and_says_why() -> None:
    config = load_text("redis: {url: 'redis://a', password_env: PW}" + ROUTES, "f.yaml", {})
    assert config.redis.off == "environment variable PW is not set"
    assert "redis:\n  off  environment variable PW is not set\n" in summary(config)


def test_check_tells_where_redis_is() -> None:
    config = load_text("redis: redis+sentinel://a,b:1/main" + ROUTES, "f.yaml", {})
    assert "redis:\n  on   a:26379,b:1/main\n" in summary(config)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "redis://cache.internal",
            RedisAddress(topology=Topology.SINGLE, nodes=(("cache.internal", 6379),)),
        ),
        (
            "rediss://erp@[::1]:7000/3",
            RedisAddress(
                topology=Topology.SINGLE,
                nodes=(("::1", 7000),),
                tls=True,
                username="erp",
                database=3,
            ),
        ),
        (
            "redis+sentinel://a,b:1,c/main/2",
            RedisAddress(
                topology=Topology.SENTINEL,
                nodes=(("a", 26379), ("b", 1), ("c", 26379)),
                master="main",
                database=2,
            ),
        ),
        (
            "rediss+cluster://a:1,b:2",
            RedisAddress(topology=Topology.CLUSTER, nodes=(("a", 1), ("b", 2)), tls=True),
        ),
    ],
)
def test_an_address_is_read(url: str, address: RedisAddress) -> None:
    assert redis_address(url) == address


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("cache.internal:6379", "must be one of redis://"),
        ("http://a", "must be one of redis://"),
        ("redis://user:hunter2@a", "holds a password; take it out"),
        ("redis://:hunter2@a", "password_env: NAME"),
        ("redis://a,b", "names several hosts"),
        ("redis://a:0", "HOST or HOST:PORT"),
        ("redis://a:65536", "HOST or HOST:PORT"),
        ("redis://", "HOST or HOST:PORT"),
        ("redis://a/x", "the number of the database"),
        ("redis://a?db=1", "must not have a '?'"),
        ("redis+sentinel://a,b", "must end with the master's name"),
        ("redis+cluster://a/1", "one database only"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(url: str, told: str) -> None:
    with pytest.raises(BadRedisUrl, match=re.escape(told)) as caught:
        redis_address(url)
    assert "hunter2" not in str(caught.value)
