"""What is asked of each kind of server, as bytes that h2load can send."""

import struct
from collections.abc import Mapping

import orjson

from benchmarks.speed.h2load import Target
from gateway.v1 import chat_pb2, common_pb2

QUESTION = (
    "Do you ship to Canada, please, and how long does it usually take until it arrives there?"
)
"""Anybody's question, which may be answered from the cache."""
FRAME = ">BI"
"""gRPC's five bytes before a message: whether it is compressed, and its length."""
STREAMS = ("stream", "paced", "ticking")


def chat(work: str, model: str = "bench") -> chat_pb2.ChatRequest:
    """The question; labels tell our servers what is measured."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=QUESTION)
    options = common_pb2.RequestOptions(labels={"work": work, "model": model})
    return chat_pb2.ChatRequest(messages=[message], options=options)


def over_grpc(address: str, work: str, model: str = "bench") -> Target:
    """Chat or StreamChat as gRPC frames it."""
    stream = work in STREAMS
    asked = chat(work, model)
    sent = (chat_pb2.StreamChatRequest(chat=asked) if stream else asked).SerializeToString()
    return Target(
        url=f"http://{address}/gateway.v1.GatewayService/{'StreamChat' if stream else 'Chat'}",
        headers={"content-type": "application/grpc", "te": "trailers", "grpc-timeout": "50S"},
        body=struct.pack(FRAME, 0, len(sent)) + sent,
        http1=False,
    )


def over_connect(address: str, work: str) -> Target:
    """Chat through the HTTP door, as JSON."""
    messages = [{"role": "ROLE_USER", "text": QUESTION}]
    body = orjson.dumps({"messages": messages, "options": {"labels": {"work": work}}})
    headers = {"content-type": "application/json", "connect-timeout-ms": "50000"}
    url = f"http://{address}/gateway.v1.GatewayService/Chat"
    return Target(url=url, headers=headers, body=body, http1=True)


def over_openai(
    url: str,
    *,
    model: str = "bench",
    stream: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Target:
    """A chat completion, as the peers and the model itself take it; `url` ends before `/chat`."""
    messages = [{"role": "user", "content": QUESTION}]
    body = {"model": model, "messages": messages, "temperature": 0, "stream": stream}
    sent = {"content-type": "application/json", "authorization": "Bearer bench"}
    return Target(
        url=f"{url}/chat/completions",
        headers=sent | dict(headers or {}),
        body=orjson.dumps(body),
        http1=True,
    )
