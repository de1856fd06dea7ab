"""The question log in an SQLite file: a store, the thread that writes to it, and its readers."""

from gateway.adapters.sqlite.reading import LogUnreadableError, read_questions
from gateway.adapters.sqlite.writer import Masks, QuestionLog

__all__ = ["LogUnreadableError", "Masks", "QuestionLog", "read_questions"]
