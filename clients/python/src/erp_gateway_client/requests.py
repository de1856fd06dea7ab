"""Short ways to write requests."""

from gateway.v1.chat_pb2 import ROLE_USER, ChatMessage, ChatRequest


def question(text: str, locale: str = "") -> ChatRequest:
    """A single question of a customer. `locale`: BCP-47 tag; found from the text when empty."""
    request = ChatRequest(messages=[ChatMessage(role=ROLE_USER, text=text)])
    if locale:
        request.options.locale = locale
    return request
