"""What a task can do beyond the port `Task`, asked of its class.

`isinstance` with a runtime protocol looks every method up again for every call: 6 to 10 us each
time, several times a call. Classes do not change, so the answer is kept.
"""

from typing import Any, TypeGuard

from gateway.core.ports import ChecksAnswers, Pins, Remembers, UsesTools

_ABLE: dict[tuple[type, object], bool] = {}


def _able(task: object, ability: Any) -> bool:  # noqa: ANN401 # a protocol is no `type` to mypy
    asked = (type(task), ability)
    if asked not in _ABLE:
        _ABLE[asked] = isinstance(task, ability)
    return _ABLE[asked]


def pins(task: object) -> TypeGuard[Pins]:
    """Whether it fixes what one call sees of a configuration."""
    return _able(task, Pins)


def remembers(task: object) -> TypeGuard[Remembers[Any, Any, Any]]:
    """Whether it has conversations."""
    return _able(task, Remembers)


def uses_tools(task: object) -> TypeGuard[UsesTools[Any, Any]]:
    """Whether it uses tools."""
    return _able(task, UsesTools)


def checks_answers(task: object) -> TypeGuard[ChecksAnswers[Any, Any]]:
    """Whether it checks what models answer."""
    return _able(task, ChecksAnswers)
