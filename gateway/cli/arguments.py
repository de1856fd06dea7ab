"""What several commands share: the option --config and the answer to a bad file."""

import argparse
import os
import sys
from pathlib import Path

from gateway.config import Config, ConfigError, find_file, load_file


def parser(command: str, description: str) -> argparse.ArgumentParser:
    """The parser of a command that reads the configuration."""
    made = argparse.ArgumentParser(prog=f"erp-gateway {command}", description=description)
    made.add_argument(
        "--config",
        default="",
        metavar="FILE",
        help="default: $ERP_GATEWAY_CONFIG, else ./config/gateway.yaml, else the shipped one",
    )
    return made


def add_state_dir(made: argparse.ArgumentParser) -> None:
    """The option --state-dir, of commands that read or keep the history of the configuration."""
    made.add_argument(
        "--state-dir",
        default="",
        metavar="FOLDER",
        help="where applied versions are kept; default: $ERP_GATEWAY_STATE_DIR, else var/",
    )


def config_path(asked: str) -> Path:
    """The file to use, found as `find_file` says."""
    return find_file(asked, os.environ)


def load_or_tell(asked: str) -> Config | None:
    """The configuration; None after every fault was written to standard error."""
    try:
        return load_file(config_path(asked), os.environ)
    except ConfigError as error:
        tell(error)
        return None


def tell(error: ConfigError) -> None:
    """Write every fault to standard error."""
    print(error, file=sys.stderr)
    count = len(error.problems)
    print(f"{count} fault{'s' if count > 1 else ''} in {error.path}", file=sys.stderr)
