"""Types of numbers with their bounds."""

from typing import Annotated

from annotated_types import Ge, Gt, Le

Positive = Annotated[float, Gt(0)]
Share = Annotated[float, Ge(0), Le(1)]
