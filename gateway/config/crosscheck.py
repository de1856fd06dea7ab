"""Checks over several values at once: names that must exist, routes that can never match."""

from gateway.config.errors import Problem
from gateway.config.tree import Node
from gateway.config.validate import Validated


def crosscheck(checked: Validated, whole: Node) -> list[Problem]:
    """Every fault between the sections of a file whose types are right."""
    return []
