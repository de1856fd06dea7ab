"""Packages whose names are found when they are first asked for.

Measured: numpy and the patterns of the engines take 0.2 s of CPU to load, a third of a start, and
what opens the doors needs only the engines' nouns.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def on_demand(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """A package's `__getattr__`: each of its modules with the names that are found there.

    A name must not be a module's, too: importing that module would put it in the name's place.
    """
    where = {name: module for module, names in modules.items() for name in names}

    def found(name: str) -> object:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{where[name]}"), name)
        setattr(sys.modules[package], name, value)  # the next time it is simply there
        return value

    return found
