"""The port of the stores that count what is used.

`gateway.core.limits.ledger.Ledger` decides exactly as this port says, and is the model that other
stores are tested against.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from gateway.core.limits.checks import Check, Grant, Refusal

AS_RESERVED: Mapping[str, int] = MappingProxyType({})
"""For `settle`: everything was used just as it was reserved."""


class LimitsUnavailable(Exception):
    """The store cannot be reached now. Never gets past `FallingBackLimits`."""


class LimitStore(Protocol):
    """Counts what is used. Each operation is atomic and one round trip."""

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """Reserve what all checks ask for, or nothing.

        1. every check is judged against the state as it is; keys differ within one call
        2. an enforced check fails: Refusal, and no key changes, shadow ones included
        3. otherwise every check that passed is reserved; a shadow check that failed is only
           named in `exceeded`, so that a shadow limit sees what an enforced one would see

        Raises LimitsUnavailable when it cannot be known in time whether it was done. Who is
        cancelled meanwhile holds nothing.
        """
        ...

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """Replace what was reserved by what was really used, and give the places back.

        `actual`: by key, for Rates and Windows; a key that is missing keeps what was reserved. 0
        gives all back; more than was reserved is added, even beyond the limit. What the grant
        named `exceeded` was never reserved and is left alone; so is a Window that has ended. No
        count falls below 0. Keys of Places need not be given.

        Raises LimitsUnavailable.
        """
        ...


class NoLimits:
    """The store of a gateway without limits: grants everything, counts nothing."""

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """Everything passes."""
        return Grant(id="", checks=tuple(checks))

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """Nothing to do."""
