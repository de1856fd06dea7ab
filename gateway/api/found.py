"""The violations that a check has found so far."""

from collections.abc import Callable, Iterable
from typing import Any

from gateway.api.bounds import MAX_VIOLATIONS
from gateway.core.errors import Violation


class Enough(Exception):
    """As many violations as will be listed."""


class Found:
    """The violations so far."""

    def __init__(self, before: Iterable[Violation] = ()) -> None:
        self.violations = list(before)

    def add(self, path: str, description: str) -> None:
        """One more; raises Enough at the last one that will be listed."""
        self.violations.append(Violation(path, description))
        if len(self.violations) >= MAX_VIOLATIONS:
            raise Enough


Check = Callable[[Any, str, Found], None]
"""Takes a value and its path, and adds what is wrong with it."""
