"""What models cost: the deployment's own price, else LiteLLM's map in the locked package."""

from gateway.adapters.litellm.loading import Loader
from gateway.adapters.litellm.pricing import Tariff, cost_usd_micros, tariff_of
from gateway.core.model import Usage
from gateway.core.options import Deployment

KEPT = 1024
"""Most tariffs kept; a process has tens of deployments."""


class LitellmPrices:
    """The `Prices` port. Until LiteLLM has loaded, only deployments' own prices are known."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._kept: dict[str, tuple[Deployment, Tariff]] = {}

    def __repr__(self) -> str:
        return f"LitellmPrices({self._loader!r}, kept={len(self._kept)})"

    def cost_usd_micros(self, deployment: Deployment, usage: Usage) -> int | None:
        """Millionths of a US dollar for so many tokens; None when no price is known."""
        tariff = self._tariff(deployment)
        return cost_usd_micros(usage, tariff) if tariff else None

    def _tariff(self, deployment: Deployment) -> Tariff:
        kept = self._kept.get(deployment.name)
        if kept is not None and kept[0] is deployment:
            return kept[1]
        vendor = self._loader.loaded
        tariff = tariff_of(deployment, {} if vendor is None else vendor.price_map)
        if vendor is not None or deployment.price is not None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[deployment.name] = (deployment, tariff)
        return tariff
