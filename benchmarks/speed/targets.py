"""What is asked of each kind of server, as bytes that h2load can send."""

import struct
from collections.abc import Mapping

import orjson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from benchmarks.speed.h2load import Target
from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2

QUESTION = (
    "Do you ship to Canada, please, and how long does it usually take until it arrives there?"
)
"""Anybody's question, which may be answered from the cache."""
FRAME = ">BI"
"""gRPC's five bytes before a message: whether it is compressed, and its length."""
BY_RULES = common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_RULES_ONLY)
DAYS, DAY_S, FIRST_DAY_S = 100, 86_400, 1_700_006_400
STREAMS = ("stream", "paced", "ticking")


def chat(work: str, model: str = "bench") -> chat_pb2.ChatRequest:
    """The question; labels tell our servers what is measured."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=QUESTION)
    options = common_pb2.RequestOptions(labels={"work": work, "model": model})
    return chat_pb2.ChatRequest(messages=[message], options=options)


def keywords() -> keywords_pb2.ExtractKeywordsRequest:
    """A listing as sellers write them, for the rules alone."""
    listing = keywords_pb2.Listing(
        title="Stainless Steel Water Bottle 1L, Insulated Sports Flask with Straw Lid, Leakproof",
        bullet_points=[
            "KEEPS COLD 24 HOURS: double-wall vacuum insulation for hiking, gym and office",
            "LEAKPROOF LID: straw cap and carry handle, fits most car cup holders",
            "SAFE: 18/8 food-grade stainless steel, BPA free, easy to clean",
        ],
        description="A reusable insulated bottle for school, travel and sport. " * 6,
        attributes={"color": "matte black", "capacity": "1 litre", "material": "stainless steel"},
        marketplace="amazon.com",
        language="en",
    )
    return keywords_pb2.ExtractKeywordsRequest(listing=listing, max_keywords=10, options=BY_RULES)


def anomaly() -> anomaly_pb2.DetectAnomalyRequest:
    """A hundred days of sales with a week's rhythm and one bad day, for the rules alone."""
    points = [
        anomaly_pb2.Point(
            time=Timestamp(seconds=FIRST_DAY_S + day * DAY_S),
            value=100 + 30 * (day % 7 in (5, 6)) + day * 37 % 11 - 90 * (day == DAYS - 2),
        )
        for day in range(DAYS)
    ]
    series = anomaly_pb2.Series(
        points=points,
        interval=anomaly_pb2.INTERVAL_DAY,
        measure=anomaly_pb2.MEASURE_COUNT,
    )
    return anomaly_pb2.DetectAnomalyRequest(series=series, options=BY_RULES)


def _asked(work: str, model: str) -> tuple[str, Message]:
    """The method, and its request."""
    if work == "keywords":
        return "ExtractKeywords", keywords()
    if work == "anomaly":
        return "DetectAnomaly", anomaly()
    asked = chat(work, model)
    if work in STREAMS:
        return "StreamChat", chat_pb2.StreamChatRequest(chat=asked)
    return "Chat", asked


def over_grpc(address: str, work: str, model: str = "bench") -> Target:
    """A call as gRPC frames it."""
    method, asked = _asked(work, model)
    sent = asked.SerializeToString()
    return Target(
        url=f"http://{address}/gateway.v1.GatewayService/{method}",
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
