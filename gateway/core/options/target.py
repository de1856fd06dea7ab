"""A deployment as a route names it."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment inside a tier, with its weight."""

    deployment: str
    """Its name, a key of `deployments`."""
    weight: Annotated[float, Gt(0)] = 1.0
    """Its part of the tier's calls, as against the others' weights. Default 1."""
