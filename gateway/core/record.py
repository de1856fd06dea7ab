"""Immutable values of which every call makes several.

`@record` is `@dataclass(frozen=True)` for the type checker, which refuses every assignment to a
field. At run time nothing is frozen: a frozen dataclass sets each field through
`object.__setattr__`, which makes it three times as slow to make (13 fields: 1.7 us, else 0.6).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen: bool, slots: bool, kw_only: bool = False) -> object:
        """A dataclass with the hash of a frozen one."""
        assert frozen, "a record is immutable; write frozen=True"  # noqa: S101
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


__all__ = ["record"]
