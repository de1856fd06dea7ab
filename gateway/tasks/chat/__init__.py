"""Chat: a model answers from the knowledge base, the rules answer when none can."""

from gateway.tasks.chat.model import (
    AnswerKind,
    Audience,
    ChatReply,
    ChatRequest,
    Citation,
    Handoff,
    PendingAction,
    Suggestion,
    ToolResult,
)
from gateway.tasks.chat.task import ChatTask

__all__ = [
    "AnswerKind",
    "Audience",
    "ChatReply",
    "ChatRequest",
    "ChatTask",
    "Citation",
    "Handoff",
    "PendingAction",
    "Suggestion",
    "ToolResult",
]
