"""Checks of the routes' lexicons."""

from collections.abc import Iterator
from pathlib import PurePath

from gateway.config.node import Loc
from gateway.config.validate import Validated


def lexicons(checked: Validated) -> Iterator[tuple[Loc, str]]:
    """A lexicon is a folder right in `lexicons`: no other is watched."""
    for index, route in enumerate(checked.file.routes):
        if route.lexicon and not is_folder_name(route.lexicon):
            yield (
                ("routes", index, "lexicon"),
                f"lexicon {route.lexicon!r} must be the name of a folder in `lexicons`, not a path",
            )


def is_folder_name(name: str) -> bool:
    """Whether it names a folder inside another, and leads to no other place."""
    return PurePath(name).name == name and name not in ("", "..")
