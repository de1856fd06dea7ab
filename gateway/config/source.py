"""Where a process's configuration comes from, to be read again and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.files import read_text
from gateway.config.load import load_text
from gateway.config.schema import Config


def _as_it_is(config: Config) -> Config:
    return config


def _not_kept(version: str, text: str) -> None:
    """Notes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file, the environment, and what the command line says otherwise (`adjust`).

    `keep` notes the version and the text of what came into force; it may block, and must not raise.
    """

    path: Path
    env: Mapping[str, str]
    adjust: Callable[[Config], Config] = _as_it_is
    keep: Callable[[str, str], None] = _not_kept

    def read(self) -> tuple[Config, str]:
        """The configuration and its text; the same as `erp-gateway check`. Raises ConfigError."""
        text = read_text(self.path)
        return self.of(text), text

    def of(self, text: str) -> Config:
        """The configuration of another text, as if it stood in the file. Raises ConfigError."""
        return self.adjust(load_text(text, str(self.path), self.env))
