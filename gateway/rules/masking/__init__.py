"""Replaces personal data, secrets and order-like numbers in texts by placeholders, and back.

The same value gets the same placeholder in all texts masked together, so that a question and its
answer still fit, and questions that differ by an order number alone become equal. Check digits
decide where there are any. Names of people are found only where something marks them. Used by the
question log, by the log, and before text leaves for a provider; measured in docs/privacy.md.
"""

from typing import TYPE_CHECKING

from gateway.rules.masking.kinds import ALWAYS, EVERY_KIND, Kind, Span
from gateway.rules.on_demand import on_demand

if TYPE_CHECKING:
    from gateway.rules.masking.find import find_spans
    from gateway.rules.masking.placeholders import (
        MAX_CHARS,
        Placeholders,
        Restorer,
        mask,
        redacted,
    )
else:
    __getattr__ = on_demand(
        __name__,
        {
            "find": ("find_spans",),
            "placeholders": ("MAX_CHARS", "Placeholders", "Restorer", "mask", "redacted"),
        },
    )

__all__ = [
    "ALWAYS",
    "EVERY_KIND",
    "MAX_CHARS",
    "Kind",
    "Placeholders",
    "Restorer",
    "Span",
    "find_spans",
    "mask",
    "redacted",
]
