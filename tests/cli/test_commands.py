"""The command as people run it: a process, its exit code, what it prints and where."""

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import gateway

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    return subprocess.run(  # noqa: S603 # our own command
        [sys.executable, "-m", "gateway", *arguments],
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version_is_the_packages_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert gateway.__version__ == project["version"]
    assert run("version").stdout.startswith(f"erp-gateway {project['version']} ")


def test_check_tells_what_is_on_off_and_where_calls_go(tmp_path: Path) -> None:
    done = run("check", cwd=tmp_path, OPENAI_API_KEY="key-of-this-test")
    assert done.returncode == 0
    assert "  on   openai: openai/gpt-5.4-mini\n" in done.stdout
    assert "  off  qwen: environment variable DASHSCOPE_API_KEY is not set\n" in done.stdout
    assert "  chat: chat -> deepseek, then qwen, then openai, then rules\n" in done.stdout
    assert "key-of-this-test" not in done.stdout


def test_check_lists_every_fault_and_fails(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("routes: [{name: all, tires: []}]\nserver: {drain_s: 1h}\n", encoding="utf-8")
    done = run("check", "--config", str(bad))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[0].startswith(f"{bad}:1:22: unknown key 'tires' in routes[0]")
    assert done.stderr.splitlines()[1].startswith(f"{bad}:2:19: server.drain_s must be a number")
    assert done.stderr.splitlines()[2] == f"2 faults in {bad}"


def test_the_variable_names_the_file(tmp_path: Path) -> None:
    done = run("check", ERP_GATEWAY_CONFIG=str(tmp_path / "absent.yaml"))
    assert done.returncode == 1
    assert "absent.yaml:1:1: cannot be read: No such file or directory" in done.stderr


def test_explain_describes_a_call() -> None:
    done = run("explain", "--call", "extract_keywords", "--label", "k=v", DASHSCOPE_API_KEY="key")
    assert done.returncode == 0
    assert "an extract_keywords call of tenant 'default', label k=v\n" in done.stdout
    assert "  tier 1: qwen (dashscope/qwen-plus)\n" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], [], ["explain", "--call", "x"], ["explain", "--label", "k"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["check", "explain", "config", "version"])
def test_commands_that_need_no_server_load_none_of_it(command: str) -> None:
    code = (
        "import sys; from gateway.__main__ import main\n"
        f"try: main([{command!r}, '--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(any(m in sys.modules for m in ('grpc', 'litellm', 'numpy', 'aiohttp')))"
    )
    done = subprocess.run(  # noqa: S603 # our own command
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert b"usage: erp-gateway" in done.stdout


@pytest.mark.parametrize("command", ["version", "check", "config docs"])
def test_a_reader_who_has_seen_enough_is_no_error(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(  # noqa: S603 # our own command
            [sys.executable, "-m", "gateway", *command.split()],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 128 + signal.SIGPIPE


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    done = run("config", "docs", "-o", str(tmp_path / "no" / "such.md"))
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'no' / 'such.md'}: No such file or directory\n"


def test_a_number_that_is_none_is_wrong_usage() -> None:
    for number in ("99999999999", "-1", "many"):
        done = run("recent", "-n", number)
        assert done.returncode == 2
        assert "must be a whole number" in done.stderr


def test_health_tells_in_a_line_that_nobody_answers() -> None:
    done = run("health", "--target", "127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.startswith("127.0.0.1:1: UNAVAILABLE: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "..", "."])
def test_a_lexicon_is_written_nowhere_else(tmp_path: Path, name: str) -> None:
    report = tmp_path / "report.csv"
    report.write_text("Search Query,Search Query Volume\nred shoes,100\n")
    config = tmp_path / "config" / "gateway.yaml"
    config.parent.mkdir()
    config.write_text("routes: [{name: all}]\n")
    import_log = ("keywords", "import-log", str(report), "--config", str(config), "--name")
    done = run(*import_log, name)
    assert done.returncode == 2
    assert "must be the name of a folder" in done.stderr
    assert sorted(tmp_path.iterdir()) == [config.parent, report]
    assert run(*import_log, "shop").returncode == 0
    assert (config.parent / "lexicons" / "shop" / "search.log").is_file()
