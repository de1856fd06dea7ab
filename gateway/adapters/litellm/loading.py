"""Loads LiteLLM in a background thread: it takes seconds of CPU, and the server starts without it.

Nothing else in the gateway imports it. Whatever it would do on its own (fetching a price map,
reading .env files, retries, caches, callbacks, logging prompts, counting tokens) is off.
"""

import asyncio
import gc
import logging
import os
import ssl
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gateway.adapters.litellm.tls import trusted
from gateway.core.errors import ConnectFailed, DeadlineCut

OFFLINE = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no price map from the internet
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",  # the same for a list of headers
    "LITELLM_MODE": "PRODUCTION",  # no .env file read into the environment
    "LITELLM_LOG": "CRITICAL",
}
LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
BELOW = ("openai", "httpx", "httpcore")


@dataclass(frozen=True, slots=True)
class Vendor:
    """What the adapter uses of LiteLLM.

    `config_of(model, provider)` gives the provider's configuration object or None, `params`
    is LiteLLM's mapping of OpenAI parameters, `price_map` holds one entry per model name, and
    `openai_like` is the class whose children speak the chat-completion protocol. `http_timeout` is
    the class of its clocks. `tls` is not LiteLLM's: reading the authorities takes long enough to
    belong into the same thread.
    """

    acompletion: Callable[..., Any]
    config_of: Callable[[str, str], Any]
    params: Callable[..., dict[str, Any]]
    default_base_url: Callable[[str, str], str]
    price_map: Mapping[str, Mapping[str, Any]]
    providers: frozenset[str]
    openai_like: type
    close: Callable[[], Awaitable[None]]
    http_timeout: Callable[..., Any]
    tls: ssl.SSLContext


class Loader:
    """Loads the vendor once. `start()` returns at once; `ready()` waits for the end of it."""

    def __init__(self, load: Callable[[], Vendor] | None = None) -> None:
        self._load = load or load_vendor
        self._loaded: Future[Vendor] = Future()
        self._lock = threading.Lock()
        self._started = False

    def __repr__(self) -> str:
        state = "loaded" if self._loaded.done() else "loading" if self._started else "not started"
        return f"Loader({state})"

    @property
    def loaded(self) -> Vendor | None:
        """The vendor if it has come; None while it is loading, or when it cannot be loaded."""
        if not self._loaded.done() or self._loaded.exception() is not None:
            return None
        return self._loaded.result()

    def start(self) -> None:
        """Begin in a daemon thread; a second call does nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._run, name="load-litellm", daemon=True).start()

    def wait(self, timeout_s: float) -> Vendor:
        """The vendor, blocking the calling thread: for scripts, never on an event loop."""
        self.start()
        return self._loaded.result(timeout_s)

    async def ready(self, timeout_s: float) -> Vendor:
        """The vendor, waiting for it at most `timeout_s`.

        Raises DeadlineCut when time is over: a slow start says nothing about a deployment. Raises
        ConnectFailed when LiteLLM cannot be imported.
        """
        if not self._loaded.done():
            await self._wait(timeout_s)
        error = self._loaded.exception()
        if error is not None:
            raise ConnectFailed(
                f"LiteLLM cannot be loaded ({type(error).__name__}): install what is locked"
            ) from error
        return self._loaded.result()

    async def _wait(self, timeout_s: float) -> None:
        self.start()
        waiting = asyncio.wrap_future(self._loaded)
        waiting.add_done_callback(_heard)
        # asyncio.wait neither cancels the shared future nor raises its error here
        done, _ = await asyncio.wait({waiting}, timeout=timeout_s)
        if not done:
            raise DeadlineCut("LiteLLM is still being loaded: the call's time was over before")

    def _run(self) -> None:
        try:
            with _without_collections():
                vendor = self._load()
            self._loaded.set_result(vendor)
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            self._loaded.set_exception(error)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep the garbage collector away from what is loaded, now and later.

    Measured: a full collection walks all that LiteLLM left behind in 0.2 to 0.8 s, the event loop
    standing still; frozen, it takes 0.2 ms. None while loading: stalls are a third less.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _heard(loaded: asyncio.Future[Vendor]) -> None:
    """Nobody need ask this future for its error: `ready` asks the one it stands for."""
    if not loaded.cancelled():
        loaded.exception()


def load_vendor() -> Vendor:
    """Import LiteLLM and switch off everything of its own. Takes seconds: never on the loop."""
    os.environ.update(OFFLINE)
    warnings.filterwarnings("ignore", "Item '.*' on TypedDict class", UserWarning)
    import httpx  # noqa: PLC0415 - LiteLLM's client, loaded with it
    import litellm  # noqa: PLC0415 - measured: 3 to 6 s of CPU
    from litellm.llms.custom_httpx.async_client_cleanup import (  # noqa: PLC0415
        close_litellm_async_clients,
    )
    from litellm.llms.openai.chat.gpt_transformation import OpenAIGPTConfig  # noqa: PLC0415
    from litellm.types.utils import LlmProviders  # noqa: PLC0415
    from litellm.utils import ProviderConfigManager, get_optional_params  # noqa: PLC0415

    import gateway.adapters.litellm.direct  # noqa: F401, PLC0415 - with aiohttp, for `provider`

    _quiet(litellm)
    _warm(litellm)

    def config_of(model: str, provider: str) -> Any:  # noqa: ANN401 - LiteLLM's objects have no useful type
        return ProviderConfigManager.get_provider_chat_config(
            model=model, provider=LlmProviders(provider)
        )

    def default_base_url(model: str, provider: str) -> str:
        # a key is given so that none is looked for in the environment
        return litellm.get_llm_provider(model, provider, None, "none")[3] or ""

    async def close() -> None:
        await close_litellm_async_clients()  # type: ignore[no-untyped-call]
        # or closed ones would be used again
        litellm.in_memory_llm_clients_cache.flush_cache()  # type: ignore[no-untyped-call]

    return Vendor(
        acompletion=litellm.acompletion,
        config_of=config_of,
        params=get_optional_params,
        default_base_url=default_base_url,
        price_map=litellm.model_cost,
        providers=frozenset(provider.value for provider in LlmProviders),
        openai_like=OpenAIGPTConfig,
        close=close,
        http_timeout=httpx.Timeout,
        tls=trusted(),
    )


def _warm(litellm: Any) -> None:  # noqa: ANN401 - a module
    """Do what LiteLLM puts off to its first call here, where it stalls no event loop."""
    litellm.ModelResponse()
    litellm.utils.get_optional_params(model="m", custom_llm_provider="openai", max_tokens=1)
    litellm.utils.get_optional_params(model="m", custom_llm_provider="deepseek", max_tokens=1)


def _quiet(litellm: Any) -> None:  # noqa: ANN401 - a module
    litellm.suppress_debug_info = True
    litellm.set_verbose = False
    litellm.telemetry = False
    litellm.cache = None
    litellm.num_retries = 0
    litellm.disable_token_counter = True  # else tiktoken runs inside the event loop
    litellm.disable_streaming_logging = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = False  # when set, a 422 makes a second call of its own
    litellm.modify_params = False
    litellm.disable_aiohttp_trust_env = True
    for callbacks in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        getattr(litellm, callbacks).clear()
    for name in LOGGERS:  # its log lines hold prompts and provider texts
        logging.getLogger(name).disabled = True
    for name in BELOW:  # so do theirs, at debug level
        logging.getLogger(name).setLevel(logging.WARNING)
