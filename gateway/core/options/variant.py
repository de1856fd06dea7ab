"""How a route can be answered otherwise: for some callers or ERP releases, or on the side."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Gt, Le

from gateway.core.options.target import Target


class StickyBy(StrEnum):
    """What keeps a caller on one variant."""

    TENANT = "tenant"
    END_USER = "end_user"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another way to answer a route's calls, for a share of its callers, or of some ERP releases.

    From top to bottom; who is taken by none gets the route as it stands.
    """

    name: str
    """Its name in logs and `explain`."""
    erp_versions: tuple[str, ...] = ()
    """Only callers of these ERP releases: prefixes of x-erp-version, as in `match`. Empty: all."""
    percent: Annotated[float, Ge(0), Le(100)] = 100.0
    """Share of those callers that get it. Raising it keeps whom it had; the shares of the variants
    above come first. Default 100."""
    tiers: tuple[tuple[Target, ...], ...] = ()
    """Deployments in order of choice; the route's when empty."""
    model_version: str = ""
    """The team's label in these answers; the route's when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOptions:
    """Copies of calls that a candidate gets on the side, after the caller has the answer.

    Its answers are counted and logged (never their text), never used, and its failures touch
    neither callers nor its breaker. Only calls that a model was asked for are copied.
    """

    deployment: str
    """The candidate, a key of `deployments`."""
    percent: Annotated[float, Gt(0), Le(100)] = 1.0
    """Share of the calls that are copied. Default 1: copies cost what calls cost."""
    at_once: Annotated[int, Ge(1), Le(256)] = 2
    """Most copies under way; further ones are dropped and counted. Default 2."""
