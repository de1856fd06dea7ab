"""The models of a process: through LiteLLM, and Dify apps."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from gateway.adapters.litellm import LitellmProvider
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment, Plan
from gateway.core.ports import Prices, Provider

if TYPE_CHECKING:
    from gateway.adapters.dify import DifyProvider

DIFY = "dify"


class Providers:
    """The Provider of all deployments, each by its kind."""

    def __init__(self, plan: Plan) -> None:
        self._litellm = LitellmProvider()
        self._dify: DifyProvider | None = None
        self._needs_litellm = _needs_litellm(plan)

    def start_loading(self) -> None:
        """Load LiteLLM in the background, where a deployment needs it."""
        if self._needs_litellm:
            self._litellm.start_loading()

    def take_over(self, plan: Plan) -> None:
        """Be ready for the deployments of a new configuration."""
        self._needs_litellm = self._needs_litellm or _needs_litellm(plan)
        self.start_loading()

    @property
    def prices(self) -> Prices:
        """What models cost; nothing is known of apps but what the file says."""
        return self._litellm.prices

    async def ready(self) -> None:
        """Return once all that is needed has loaded."""
        if self._needs_litellm:
            await self._litellm.ready()

    def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Coroutine[Any, Any, Completion]:
        """Ask once; give up after `timeout_s`."""
        return self._of(deployment).complete(deployment, prompt, timeout_s)

    def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        return self._of(deployment).stream(deployment, prompt, timeout_s)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._dify:
            await self._dify.aclose()
        await self._litellm.aclose()

    def _of(self, deployment: Deployment) -> Provider:
        return self._of_dify() if deployment.provider == DIFY else self._litellm

    def _of_dify(self) -> "DifyProvider":
        # measured: aiohttp takes 0.1 s to load; here it has come for the HTTP door, as a rule
        from gateway.adapters.dify import DifyProvider  # noqa: PLC0415

        self._dify = self._dify or DifyProvider()
        return self._dify


def _needs_litellm(plan: Plan) -> bool:
    return any(d.provider != DIFY for d in plan.deployments.values())
