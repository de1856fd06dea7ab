"""The `Provider` port over Dify's `/chat-messages`."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from gateway.adapters.dify.conversations import Conversations
from gateway.adapters.dify.errors import kind_of
from gateway.adapters.dify.events import Events
from gateway.adapters.dify.request import body_of, key_of, user_of
from gateway.adapters.litellm.http import MAX_STREAM_BYTES, Client, Unpacker, drained
from gateway.adapters.litellm.pricing import NO_TARIFF, tariff_of
from gateway.adapters.litellm.sse import EventReader
from gateway.adapters.litellm.tls import trusted
from gateway.core.errors import ModelNotFound, OutputInvalid, ProviderError
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment
from gateway.core.reply import Reply

PROVIDER = "dify"
CHAT = "/chat-messages"
STOP_S = 2.0
"""Longest time that is spent on telling Dify to stop a reply."""
MAX_STOPPING = 100
"""More at once are not told; their connections are closed all the same."""
DRAIN_S = 0.02
"""How long the end of the HTTP body is waited for after `message_end`."""
EVENT_STREAM = "text/event-stream"


class DifyProvider:
    """Speaks to Dify apps; each deployment is one app under one key. `aclose()` at the end."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._apps: dict[str, _App] = {}
        self._talks = Conversations()
        self._stopping: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"DifyProvider(apps={sorted(self._apps)}, talks={len(self._talks)})"

    async def ready(self) -> None:
        """There is nothing to load."""

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        """Ask once, by a stream that is read to its end: agents have no other mode."""
        reply = Reply([])
        async with self.stream(deployment, prompt, timeout_s) as chunks:
            async for chunk in chunks:
                reply.take(chunk)
        return reply.completion()

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream of at most `timeout_s`. Leaving closes the connection at once."""
        app = await self._app(deployment)
        events = Events(deployment.name, deployment.model or PROVIDER, app.tariff)
        async with self._in_use(app), AsyncExitStack() as stack:
            stack.callback(self._stop, app, prompt, events)
            response = await stack.enter_async_context(self._asked(app, prompt, timeout_s))
            key = key_of(deployment, prompt.origin)
            chunks = self._chunks(app, response, events, key)
            yield await stack.enter_async_context(aclosing(chunks))

    @asynccontextmanager
    async def _asked(
        self, app: "_App", prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The reply's head; a talk that Dify does not know any more begins anew, once."""
        key = key_of(app.deployment, prompt.origin)
        known = self._talks.get(key)
        async with AsyncExitStack() as stack:
            try:
                sent = app.post(CHAT, body_of(app.deployment, prompt, known), timeout_s)
                response = await stack.enter_async_context(sent)
            except ModelNotFound:
                if not known:
                    raise
                self._talks.drop(key)
                sent = app.post(CHAT, body_of(app.deployment, prompt, ""), timeout_s)
                response = await stack.enter_async_context(sent)
            yield response

    def _stop(self, app: "_App", prompt: Prompt, events: Events) -> None:
        """Tell Dify that nobody waits any more: it would go on and be paid for."""
        if not events.task_id or events.ended or len(self._stopping) >= MAX_STOPPING:
            return
        task = asyncio.create_task(app.stop(events.task_id, user_of(prompt.origin)))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._stopping:
            task.cancel()
        await asyncio.gather(*self._stopping, return_exceptions=True)
        apps = list(self._apps.values())
        self._apps.clear()
        for app in apps:
            await app.aclose()

    async def _chunks(
        self, app: "_App", response: aiohttp.ClientResponse, events: Events, key: str
    ) -> AsyncGenerator[Chunk, None]:
        if response.content_type != EVENT_STREAM:
            raise OutputInvalid(f"deployment {app.deployment.name!r} sent no stream of events")
        async for event in app.events(response):
            chunk = events.take(event) if event else None
            if chunk is not None:
                yield chunk
            elif events.heard:
                yield Chunk()  # a sign of life: refreshes the idle clock, not the first token's
            if events.ended:
                self._talks.put(key, events.conversation_id)
                await drained(response, DRAIN_S)
                return
        events.check_end()

    async def _app(self, deployment: Deployment) -> "_App":
        """The connections of just this configuration; those of an older one go when idle."""
        app = self._apps.get(deployment.name)
        if app is not None and app.deployment == deployment:
            return app
        if self._tls is None:
            self._tls = await asyncio.to_thread(trusted)
        fresh = self._apps[deployment.name] = _App(deployment, self._tls)
        if app is not None and not app.in_flight:
            await app.aclose()
        return fresh

    @asynccontextmanager
    async def _in_use(self, app: "_App") -> AsyncIterator[None]:
        """While a call runs; the last call of an older configuration closes its connections."""
        app.in_flight += 1
        try:
            yield
        finally:
            app.in_flight -= 1
            if not app.in_flight and self._apps.get(app.deployment.name) is not app:
                await app.aclose()


class _App:
    """One app: its address, its connections, its price."""

    def __init__(self, deployment: Deployment, tls: ssl.SSLContext) -> None:
        self.deployment = deployment
        self.tariff = tariff_of(deployment, {}) if deployment.price else NO_TARIFF
        self._client = Client(deployment, tls, kind_of)
        self._base = deployment.base_url.rstrip("/")
        self.in_flight = 0
        self._headers = {
            "Authorization": f"Bearer {deployment.api_key.reveal()}",
            "Content-Type": "application/json",
            "Accept": EVENT_STREAM,
        }

    @asynccontextmanager
    async def post(
        self, path: str, body: dict[str, object], timeout_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send; raises what a refusal means."""
        payload = orjson.dumps(body)
        url = URL(f"{self._base}{path}")
        async with self._client.post(url, payload, self._headers, timeout_s) as response:
            yield response

    async def stop(self, task_id: str, user: str) -> None:
        """End a reply that nobody waits for; whether that works changes nothing."""
        path = f"{CHAT}/{quote(task_id, safe='')}/stop"
        with contextlib.suppress(ProviderError):
            async with self.post(path, {"user": user}, STOP_S):
                pass

    async def events(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        """The data of each event; empty bytes for a block that completes none, such as a ping."""
        name = self.deployment.name
        reader = EventReader()
        unpacker = Unpacker(response.headers.get("Content-Encoding", ""), MAX_STREAM_BYTES, name)
        while block := await self._block(response):
            events = reader.feed(unpacker.feed(block))
            for event in events or [b""]:
                yield event
        for event in reader.end():
            yield event

    async def _block(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._client.translated(error) from error

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()
