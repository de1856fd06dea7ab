"""One version of the configuration, as the engine sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.options.deployment import Deployment
from gateway.core.options.limits import TenantLimits
from gateway.core.options.route import Route
from gateway.core.options.tool import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of the configuration, as the engine sees it. A call keeps the one it began with.

    `deployments` holds those that are switched on; `off` says of the others why they are not;
    `tools` and `tools_off` likewise. `limits` are the tenants'.
    """

    version: str
    deployments: Mapping[str, Deployment]
    routes: tuple[Route, ...]
    off: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)
    tools_off: Mapping[str, str] = field(default_factory=dict)
    limits: TenantLimits = field(default_factory=TenantLimits)
