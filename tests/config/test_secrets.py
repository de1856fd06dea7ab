"""Where keys come from, and what is taken for one."""

import os
from pathlib import Path

import pytest

from gateway.config.schema import DeploymentEntry
from gateway.config.secrets import KeyMissing, find_key, looks_secret


def entry(env: str = "", file: str = "") -> DeploymentEntry:
    return DeploymentEntry(provider="openai", model="m", api_key_env=env, api_key_file=file)


def test_a_key_file_is_read_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("abc123\n", encoding="ascii")
    assert find_key(entry(file="key"), {}, tmp_path).reveal() == "abc123"


def test_the_variable_comes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file", encoding="ascii")
    both = entry("A_KEY", "key")
    assert find_key(both, {"A_KEY": "from-env"}, tmp_path).reveal() == "from-env"
    assert find_key(both, {}, tmp_path).reveal() == "from-file"


def test_no_source_named_means_no_key_is_sent(tmp_path: Path) -> None:
    assert not find_key(entry(), {}, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "key file 'key' is empty"),
        (b"\xff\xfe", "it is not plain ASCII"),
        (b"two words", "holds no key"),
        (b"x" * 5000, "holds no key"),
    ],
)
def test_a_key_file_that_holds_no_key_says_why(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(KeyMissing, match="environment variable A_KEY is not set; .*" + reason):
        find_key(entry("A_KEY", "key"), {}, tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key")
    with pytest.raises(KeyMissing, match="is no regular file"):
        find_key(entry(file="key"), {}, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-abcdefghijkl",
        "erpgw_9484bhvjmn_O4Zjr4uk6vg9VDTKigcSj4peDk6NR2eZ53zkH30vISg0rmCmM",
        "Bearer abcdefgh12",
        "https://user:pass@host/v1",
        "AKIAIOSFODNN7EXAMPLE",
        "hf_abcdefghijkl",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_keys_are_recognised(text: str) -> None:
    assert looks_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI_API_KEY",
        "sk-SK",
        "task-force-one-two",
        "gpt-5.4-mini",
        "http://10.0.0.1:8000/v1",
        "/run/secrets/deepseek_api_key",
        "Qwen/Qwen3-32B-AWQ",
        "hf-internal-testing",
    ],
)
def test_names_and_addresses_are_not_taken_for_keys(text: str) -> None:
    assert not looks_secret(text)
