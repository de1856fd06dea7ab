"""The configuration: one YAML file, strictly read, as frozen typed data."""

from gateway.config.errors import ConfigError, Problem, SourceError, Spot
from gateway.config.files import find_file, load_file, read_text
from gateway.config.load import load_text
from gateway.config.schema import Config

__all__ = [
    "Config",
    "ConfigError",
    "Problem",
    "SourceError",
    "Spot",
    "find_file",
    "load_file",
    "load_text",
    "read_text",
]
