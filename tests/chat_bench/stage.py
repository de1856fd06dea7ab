"""What every part of the bench stands on: data, configurations, a running gateway, questions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.processes import ROOT, GatewayProcess, gateway

OWN = Path(__file__).parent / "data"
"""The sets that are free; `--data DIR` takes others of the same form."""
CALL_S = 60.0

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Score:
    """One line of the report. `missed`: what went wrong, by name."""

    title: str
    measured: str
    target: str
    ok: bool
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What one caller saw: the answer, and every text that was ever on the screen."""

    answer: chat_pb2.ChatResponse
    shown: str

    @property
    def source(self) -> int:
        return int(self.answer.info.source)


@dataclass
class Caller:
    """Asks a running gateway."""

    process: GatewayProcess
    stub: Any
    keys: dict[str, str] = field(default_factory=dict)

    async def ask(self, request: chat_pb2.ChatRequest, **how: Any) -> Seen:
        answer = await self.stub.Chat(request, **self._call(**how))
        return Seen(answer, answer.text)

    async def stream(self, request: chat_pb2.ChatRequest, **how: Any) -> Seen:
        shown, answer = "", chat_pb2.ChatResponse()
        asked = chat_pb2.StreamChatRequest(chat=request)
        async for event in self.stub.StreamChat(asked, **self._call(**how)):
            shown += event.delta.text
            if event.HasField("completed"):
                answer = event.completed
        return Seen(answer, shown + "\n" + answer.text)

    def _call(self, tenant: str = "", name: str = "", timeout: float = CALL_S) -> dict[str, Any]:
        metadata = []
        if tenant:
            metadata.append(("authorization", f"Bearer {self.keys[tenant]}"))
        if name:
            metadata.append(("x-request-id", name))
        return {"timeout": timeout, "metadata": metadata}


def rows(name: str, folder: Path | None) -> Rows:
    """A set of the data folder, or our own copy where it has none."""
    for place in (folder, OWN):
        if place is not None and (place / f"{name}.jsonl").is_file():
            lines = (place / f"{name}.jsonl").read_text("utf-8").splitlines()
            return [json.loads(line) for line in lines if line.strip()]
    raise FileNotFoundError(f"{name}.jsonl is in no data folder; name one with --data")


def config_file(config: dict[str, Any], folder: Path) -> Path:
    """The configuration as a file; what it does not say is as the tests have it."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "server": {"listen": "127.0.0.1:0"},
        "knowledge": str(ROOT / "config" / "knowledge"),
        "state": str(folder / "state"),
    }
    path = folder / "gateway.yaml"
    path.write_text(json.dumps(written | config, ensure_ascii=False), encoding="utf-8")
    return path


@asynccontextmanager
async def running(
    config: dict[str, Any], folder: Path, keys: dict[str, str] | None = None
) -> AsyncIterator[Caller]:
    """A gateway of its own on this configuration."""
    path = config_file(config, folder)
    async with (
        gateway(path, folder / "log") as process,
        grpc.aio.insecure_channel(process.address) as channel,
    ):
        yield Caller(process, GatewayServiceStub(channel), keys or {})


def question(text: str, case: str = "", **fields: Any) -> chat_pb2.ChatRequest:
    """One message of a customer who is logged in, on the case's own route."""
    options = fields.pop("options", {})
    labels = {"case": case} if case else {}
    return chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)],
        customer=fields.pop("customer", chat_pb2.Customer(id="C1", verified=True)),
        options=common_pb2.RequestOptions(labels=labels, **options),
        **fields,
    )


def model(name: str, url: str) -> dict[str, Any]:
    """A deployment whose model has this name at the fault server."""
    return {"provider": "openai", "model": name, "base_url": url}


def lookup(url: str, argument: str, **more: Any) -> dict[str, Any]:
    """A tool with one argument."""
    schema = {"type": "object", "properties": {argument: {"type": "string"}}}
    return {
        "description": "A look-up.",
        "url": url,
        "arguments": schema | {"required": [argument]},
        "fields": {name: name for name in ("order_id", "status", "note", "tracking_no")},
        **more,
    }
