"""Models through LiteLLM: the only place that imports it, aiohttp and orjson for model calls."""

from gateway.adapters.litellm.loading import Loader
from gateway.adapters.litellm.provider import LitellmProvider

__all__ = ["LitellmProvider", "Loader"]
