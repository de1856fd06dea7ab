"""The READMEs' commands and programs, run in an empty folder against a live gateway."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.golden.serve import Addresses
from tests.processes import ROOT

CLIENT = ROOT / "clients" / "python"
READMES = (CLIENT / "README.md", CLIENT / "README.zh-CN.md")
SHOWN = "127.0.0.1:50051"
ALLOWED = {"erp-gateway-client", "grpcio", "protobuf", "googleapis-common-protos"} | {
    "typing_extensions",  # grpcio's own
    "pip",
    "setuptools",
}

pytestmark = [pytest.mark.e2e, pytest.mark.needs("openssl")]


def blocks(readme: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", readme.read_text(), re.DOTALL)


def run(folder: Path, *command: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(  # noqa: S603 # the README's own commands
        command,
        cwd=folder,
        env=env | {"GATEWAY": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the README's commands were run: the wheel built and installed."""
    folder = tmp_path_factory.mktemp("empty")
    (commands,) = blocks(READMES[0], "sh")
    assert len(commands.strip().splitlines()) <= 5
    out = run(folder, "bash", "-euc", commands.replace(SHOWN, addresses.gateway))
    assert out.strip()
    return folder


@pytest.mark.parametrize("number", range(len(blocks(READMES[0], "python"))))
def test_the_programs_of_the_readme_run(number: int, installed: Path, addresses: Addresses) -> None:
    program = installed / f"program_{number}.py"
    program.write_text(blocks(READMES[0], "python")[number].replace(SHOWN, addresses.gateway))
    assert run(installed, "venv/bin/python", program.name).strip()


def test_the_wheel_brings_typed_stubs_and_nothing_of_the_gateway(installed: Path) -> None:
    listed = run(installed, "venv/bin/pip", "list", "--format=freeze").split()
    assert {line.partition("==")[0] for line in listed} <= ALLOWED
    (site,) = (installed / "venv" / "lib").glob("python*/site-packages")
    assert [path.name for path in (site / "gateway").iterdir() if path.name != "__pycache__"] == [
        "v1"
    ]
    assert (site / "gateway" / "v1" / "chat_pb2.pyi").is_file()
    assert (site / "erp_gateway_client" / "py.typed").is_file()
    shared = (ROOT / "clients" / "service_config.json").read_bytes()
    assert (site / "erp_gateway_client" / "service_config.json").read_bytes() == shared


@pytest.mark.parametrize("language", ["sh", "python"])
def test_both_readmes_show_the_same(language: str) -> None:
    assert blocks(READMES[0], language) == blocks(READMES[1], language)
