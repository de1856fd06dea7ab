"""Where the configuration is found, and its bytes as text."""

from collections.abc import Mapping
from pathlib import Path

from gateway.config.errors import ConfigError, Problem, SourceError, Spot
from gateway.config.load import load_text
from gateway.config.schema import Config
from gateway.config.tree import MAX_BYTES

ENV_VARIABLE = "ERP_GATEWAY_CONFIG"

_HERE = Path(__file__).resolve().parent
_SHIPPED = (_HERE / "shipped", _HERE.parents[1] / "config")
"""The copy inside an installed package, or the folder it is made from in a source tree."""


def find_file(asked: str, env: Mapping[str, str], working_folder: Path = Path()) -> Path:
    """The configuration file to use.

    What the command line asks for, else what the environment variable ERP_GATEWAY_CONFIG names,
    else ./config/gateway.yaml, else the shipped one. The first two are taken at their word: a
    typing error there is an error, not another file.
    """
    if named := asked or env.get(ENV_VARIABLE, ""):
        return Path(named)
    local = working_folder / "config" / "gateway.yaml"
    candidates = [local, *(folder / "gateway.yaml" for folder in _SHIPPED)]
    return next((path for path in candidates if path.is_file()), local)


def read_text(path: Path) -> str:
    """The file's text. Raises SourceError or ConfigError when there is none: missing, no UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise SourceError(str(path), f"is larger than the {MAX_BYTES} bytes that are read")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        spot = Spot(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8 text"
        raise ConfigError(str(path), [Problem(spot, message)]) from error


def load_file(path: Path, env: Mapping[str, str]) -> Config:
    """Read and check one file. Raises ConfigError with every fault."""
    return load_text(read_text(path), str(path), env)
