"""Rules that no single field can tell; each takes the message and the prefix of its path."""

from collections.abc import Mapping

from gateway.api.found import Check, Found
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2


def _chat(message: chat_pb2.ChatRequest, prefix: str, found: Found) -> None:
    if message.messages and message.messages[-1].role != chat_pb2.ROLE_USER:
        found.add(
            f"{prefix}messages[{len(message.messages) - 1}].role",
            "the last message must be the user's (ROLE_USER)",
        )


def _listing(message: keywords_pb2.Listing, prefix: str, found: Found) -> None:
    texts = (message.title, message.description, *message.bullet_points)
    if not any(map(str.strip, texts)) and not message.attributes:
        found.add(
            prefix.rstrip("."),
            "holds nothing to read; send a title, bullet points, a description or attributes",
        )


def _event(message: anomaly_pb2.Event, prefix: str, found: Found) -> None:
    start, end = message.start, message.end
    if (end.seconds, end.nanos) < (start.seconds, start.nanos) and message.HasField("end"):
        found.add(f"{prefix}end", "is before `start`")


def _detect(message: anomaly_pb2.DetectAnomalyRequest, prefix: str, found: Found) -> None:
    if message.evaluate == anomaly_pb2.EVALUATE_LAST_N and message.evaluate_count == 0:
        found.add(f"{prefix}evaluate_count", "is needed with EVALUATE_LAST_N: 1 to 20,000")


ACROSS: Mapping[str, Check] = {
    "ChatRequest": _chat,
    "Listing": _listing,
    "Event": _event,
    "DetectAnomalyRequest": _detect,
}
