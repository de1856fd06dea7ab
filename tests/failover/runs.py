"""One scenario's call, from outside: what the caller sees, and what the models saw."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2, status_pb2

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Seen

CALL_S = 30.0
"""The bench's time for one call."""


@dataclass
class Run:
    """What came of one call. `shown`: the text of a reader who follows the events' rules."""

    stream: bool
    response: chat_pb2.ChatResponse | None = None
    shown: str = ""
    restarts: int = 0
    code: grpc.StatusCode = grpc.StatusCode.OK
    reason: str = ""
    error: str = ""
    took_s: float = 0.0
    main: Sequence[Seen] = ()
    spare: Sequence[Seen] = ()

    @property
    def text(self) -> str:
        return self.response.text if self.response else ""

    @property
    def by(self) -> str:
        """Who answered: main, spare, rules; empty for nobody."""
        if self.response is None:
            return ""
        info = self.response.info
        if info.source == common_pb2.SOURCE_RULES:
            return "rules"
        return info.deployment.rpartition("-")[2]

    @property
    def outcomes(self) -> list[str]:
        if self.response is None:
            return []
        names = common_pb2.AttemptOutcome.Name
        prefix = "ATTEMPT_OUTCOME_"
        return [names(a.outcome).removeprefix(prefix) for a in self.response.info.attempts]

    def whole(self, text: str) -> bool:
        """A complete answer, nothing missing, nothing spliced."""
        shown = self.shown.strip() == text if self.stream else True
        return self.response is not None and self.text == text and shown


@dataclass
class Caller:
    """Asks the gateway as an ERP would."""

    stub: GatewayServiceStub
    faults: FaultServer
    spare: FaultServer
    scale: float = 1.0
    texts: list[str] = field(default_factory=list)

    async def call(self, scenario: str, *, stream: bool, within_s: float = CALL_S) -> Run:
        """One call of a scenario, with its own deployments and its own log."""
        run = Run(stream)
        began_s = time.monotonic()
        before = (
            len(self.faults.seen(f"{scenario}-main")),
            len(self.spare.seen(f"{scenario}-spare")),
        )
        try:
            await (self._stream if stream else self._unary)(run, request(scenario), within_s)
        except grpc.aio.AioRpcError as error:
            run.code, run.error = error.code(), error.details() or ""
            run.reason = reason_of(error)
        run.took_s = time.monotonic() - began_s
        run.main = self.faults.seen(f"{scenario}-main")[before[0] :]
        run.spare = self.spare.seen(f"{scenario}-spare")[before[1] :]
        return run

    async def _unary(self, run: Run, asked: chat_pb2.ChatRequest, within_s: float) -> None:
        call: Any = self.stub.Chat(asked, timeout=within_s)
        run.response = await call

    async def _stream(self, run: Run, asked: chat_pb2.ChatRequest, within_s: float) -> None:
        call: Any = self.stub.StreamChat(chat_pb2.StreamChatRequest(chat=asked), timeout=within_s)
        async for event in call:
            kind = event.WhichOneof("event")
            if kind == "delta":
                run.shown += event.delta.text
            elif kind == "restarted":
                run.shown, run.restarts = "", run.restarts + 1
            elif kind == "completed":
                run.response = event.completed


def request(scenario: str) -> chat_pb2.ChatRequest:
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my parcel?")
    options = common_pb2.RequestOptions(labels={"scenario": scenario})
    return chat_pb2.ChatRequest(messages=[message], options=options)


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The ErrorInfo reason of a failed call."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return str(MessageToDict(info)["reason"])
    return ""


async def calls_every(
    caller: Caller, scenario: str, *, stream: bool, every_s: float, for_s: float
) -> list[Run]:
    """Calls at a steady pace, one after the other."""
    runs: list[Run] = []
    ends_s = time.monotonic() + for_s
    while time.monotonic() < ends_s:
        next_s = time.monotonic() + every_s
        runs.append(await caller.call(scenario, stream=stream))
        await asyncio.sleep(max(0.0, next_s - time.monotonic()))
    return runs
