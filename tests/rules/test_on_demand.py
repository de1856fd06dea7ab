"""Packages whose names are found when they are first asked for."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

import gateway.rules

PACKAGES = [
    name
    for name in (f"gateway.rules.{found.name}" for found in iter_modules(gateway.rules.__path__))
    if hasattr(import_module(name), "__getattr__")
]


def test_the_engines_are_such_packages() -> None:
    assert {"gateway.rules.anomaly", "gateway.rules.chat", "gateway.rules.keywords"} <= {*PACKAGES}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_name_that_is_offered_is_found_and_stays(name: str) -> None:
    package = import_module(name)
    for offered in package.__all__:
        assert getattr(package, offered) is vars(sys.modules[name])[offered]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_module_takes_the_place_of_a_name_that_is_found_later(name: str) -> None:
    package = import_module(name)
    modules = {found.name for found in iter_modules(package.__path__)}
    found_later = package.__getattr__.__closure__
    assert found_later is not None
    names = next(cell.cell_contents for cell in found_later if isinstance(cell.cell_contents, dict))
    assert names.keys() <= {*package.__all__}
    assert not names.keys() & modules


@pytest.mark.parametrize("name", PACKAGES)
def test_an_unknown_name_is_refused_as_python_does(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        import_module(name).nothing  # noqa: B018
