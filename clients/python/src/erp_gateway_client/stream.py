"""What the events of a chat stream mean for who shows the text. Pure."""

from dataclasses import dataclass

from erp_gateway_client.errors import truncated
from gateway.v1.chat_pb2 import ChatResponse, StreamChatResponse


@dataclass(frozen=True, slots=True)
class Piece:
    """More text to show. `starts_over`: throw away all that was shown before it."""

    text: str
    starts_over: bool = False


class Reading:
    """Follows the events of one stream."""

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._answer: ChatResponse | None = None

    def __repr__(self) -> str:
        return f"Reading({self._request_id!r}, {'completed' if self._answer else 'open'})"

    @property
    def answer(self) -> ChatResponse:
        """The whole, authoritative answer; raises RuntimeError before the stream has ended."""
        if self._answer is None:
            raise RuntimeError("the answer is there once the stream was read to its end")
        return self._answer

    def take(self, event: StreamChatResponse) -> Piece | None:
        """Note an event; the piece of text it means, if any."""
        match event.WhichOneof("event"):
            case "delta":
                return Piece(event.delta.text)
            case "restarted":
                return Piece("", starts_over=True)
            case "completed":
                self._answer = event.completed
        return None

    def end(self) -> None:
        """The stream ended with OK; raises StreamTruncated if that came without `completed`."""
        if self._answer is None:
            raise truncated(self._request_id)
