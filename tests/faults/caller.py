"""A client that reads whatever the fault server sends, and keeps what came before an error."""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.faults.server import FaultServer


@dataclass
class Got:
    """What one call brought: everything, or what came before the error."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: Exception | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> list[str]:
        """The data of the events; comment lines and other fields left out."""
        lines = self.body.decode().replace("\r\n", "\n").split("\n")
        return [line[5:].removeprefix(" ") for line in lines if line.startswith("data:")]

    @property
    def chunks(self) -> list[Any]:
        return [json.loads(data) for data in self.data if data != "[DONE]"]

    @property
    def deltas(self) -> list[Any]:
        return [choice["delta"] for chunk in self.chunks for choice in chunk["choices"]]

    @property
    def text(self) -> str:
        return "".join(delta.get("content") or "" for delta in self.deltas)


@dataclass
class Caller:
    """A model client without any intelligence."""

    session: aiohttp.ClientSession
    faults: FaultServer
    timeout_s: float = 5.0

    async def call(self, model: str, *, stream: bool = False, **fields: Any) -> Got:
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}]} | fields
        if stream:
            body["stream"] = True
        got = Got()
        limit = aiohttp.ClientTimeout(total=self.timeout_s)
        try:
            async with self.session.post(
                f"{self.faults.url}/chat/completions",
                json=body,
                timeout=limit,
                allow_redirects=False,
                headers={"authorization": "Bearer sk-secret"},
            ) as reply:
                got.status = reply.status
                got.headers = {name.lower(): value for name, value in reply.headers.items()}
                async for piece in reply.content.iter_any():
                    got.body += piece
        except (aiohttp.ClientError, TimeoutError) as error:
            got.error = error
        return got

    async def control(self, path: str, body: Any = None) -> Any:
        url = f"{self.faults.root}{path}"
        async with self.session.request("POST" if body is not None else "GET", url, json=body) as r:
            return await r.json()
