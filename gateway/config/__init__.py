"""The configuration: one YAML file, strictly read, as frozen typed data."""

from gateway.config.errors import ConfigError, Problem, SourceError, Spot
from gateway.config.load import load_text
from gateway.config.schema import Config

__all__ = ["Config", "ConfigError", "Problem", "SourceError", "Spot", "load_text"]
