"""Names in metrics and traces: providers as OpenTelemetry calls them, tenants in bounded number."""

from collections.abc import Mapping

from gateway.core.options import MetricsOptions

OTHER_TENANTS = "other"
"""All tenants beyond those with figures of their own."""
NO_TENANT = "unknown"
"""Calls that were refused before their key was known."""

_PROVIDERS: Mapping[str, str] = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""LiteLLM's names that differ from the well-known values of gen_ai.provider.name."""


def provider_name(provider: str) -> str:
    """`gen_ai.provider.name` of a provider; what the convention does not list keeps its name."""
    return _PROVIDERS.get(provider, provider)


class TenantNames:
    """Labels for tenants: the configured ones, then the first so many that call."""

    def __init__(self, options: MetricsOptions) -> None:
        self._known = set(options.tenants)
        self._most = len(self._known) + options.max_tenants

    def label(self, tenant: str) -> str:
        """The tenant's own name, or `other`."""
        if not tenant:
            return NO_TENANT
        if tenant in self._known:
            return tenant
        if len(self._known) >= self._most:
            return OTHER_TENANTS
        self._known.add(tenant)
        return tenant
