"""Asks a running gateway a listing, a sales series and a customer's question, and prints them."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.demo.text import anomaly_lines, chat_lines, info_lines, keyword_lines
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

Metadata = tuple[tuple[str, str], ...]
SAMPLES = Path(__file__).parent / "samples"
TIMEOUT_S = 20.0


def run(
    target: str, channel: grpc.Channel, metadata: Metadata = (), out: TextIO = sys.stdout
) -> int:
    """Ask the three samples over `channel`; returns the process's exit code.

    `target` (host:port) is for messages, `metadata` goes with every call.
    """
    stub = GatewayServiceStub(channel)
    try:
        for title, lines in _answers(stub, metadata):
            print(f"\n── {title} ".ljust(78, "─"), file=out)
            print("\n".join(lines), file=out)
    except grpc.RpcError as error:
        print(f"{target} did not answer: {_told(error)}", file=out)
        print("Start a gateway with `make run`, or name one: demo --target HOST:PORT", file=out)
        return 1
    return 0


def _answers(stub: GatewayServiceStub, metadata: Metadata) -> Iterator[tuple[str, list[str]]]:
    listing = keywords_pb2.Listing(**json.loads((SAMPLES / "listing.json").read_text()))
    wanted = keywords_pb2.ExtractKeywordsRequest(listing=listing)
    yield _answered(
        "ExtractKeywords: " + listing.title[:50], stub.ExtractKeywords, wanted, metadata
    )
    judged = anomaly_pb2.DetectAnomalyRequest(
        series=_series(SAMPLES / "sales.csv"),
        evaluate=anomaly_pb2.EVALUATE_LAST_N,
        evaluate_count=60,
    )
    yield _answered(
        "DetectAnomaly: the last 60 days of a SKU's sales", stub.DetectAnomaly, judged, metadata
    )
    question = (SAMPLES / "question.txt").read_text().strip()
    asked = chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=question)]
    )
    yield _answered("Chat: " + question, stub.Chat, asked, metadata)


def _answered(
    title: str, call: Callable[..., Message], request: Message, metadata: Metadata
) -> tuple[str, list[str]]:
    response = call(request, timeout=TIMEOUT_S, metadata=metadata)
    if isinstance(response, keywords_pb2.ExtractKeywordsResponse):
        return title, keyword_lines(response) + info_lines(response.info)
    if isinstance(response, anomaly_pb2.DetectAnomalyResponse):
        return title, anomaly_lines(response) + info_lines(response.info)
    assert isinstance(response, chat_pb2.ChatResponse)  # noqa: S101 # the third of three
    return title, chat_lines(response) + info_lines(response.info)


def _series(file: Path) -> anomaly_pb2.Series:
    with file.open(encoding="utf-8", newline="") as rows:
        points = [
            anomaly_pb2.Point(time=_timestamp(row["date"]), value=float(row["value"]))
            for row in csv.DictReader(rows)
        ]
    return anomaly_pb2.Series(
        series_id="85099B",
        points=points,
        interval=anomaly_pb2.INTERVAL_DAY,
        measure=anomaly_pb2.MEASURE_COUNT,
        unit="pcs",
    )


def _timestamp(day: str) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.fromisoformat(day).replace(tzinfo=UTC))
    return stamp


def _told(error: grpc.RpcError) -> str:
    if isinstance(error, grpc.Call):
        return f"{error.code().name}: {error.details()}"
    return repr(error)
