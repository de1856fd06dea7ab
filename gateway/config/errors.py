"""What is wrong with a configuration, all at once and each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 200
"""Longer lists are cut in the text, not in `problems`: no one mends more in one go."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place in the file; both count from 1, as editors do."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of the file: where, and what to do about it."""

    spot: Spot
    message: str


class ConfigError(ValueError):
    """The configuration is refused; `problems` lists every fault, in the order of the file.

    Its text is one `path:line:column: message` a line, which terminals and editors can open.
    """

    def __init__(self, path: str, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = tuple(sorted(set(problems)))
        lines = [f"{path}:{p.spot.line}:{p.spot.column}: {p.message}" for p in self.problems]
        if len(lines) > MAX_LINES:
            lines[MAX_LINES:] = [f"{path}: and {len(lines) - MAX_LINES} more faults"]
        super().__init__("\n".join(lines))


class SourceError(ConfigError):
    """The file is missing, unreadable or no text at all."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(path, [Problem(Spot(1, 1), message)])
