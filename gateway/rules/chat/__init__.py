"""Chat without a language model: knowledge, routing, answers. Pure, deterministic, no I/O.

>>> knowledge = parse_knowledge("shop", [("faq.yaml", text)])   # doctest: +SKIP
>>> model = train(knowledge)                                    # seconds: in a child process
>>> decision = route("where is my order", MessageContext(), model)
>>> reply(decision, model.knowledge).text

Method, sources and limits: docs/rules-chat.md.
"""

from typing import TYPE_CHECKING

from gateway.rules.chat.canonical import canonical, known_as, known_digits
from gateway.rules.chat.decision import (
    SLOT_OF_TOOL,
    TOOLS,
    ChatReply,
    Citation,
    Decision,
    Handoff,
    Kind,
    Lookup,
    MessageContext,
    Suggestion,
)
from gateway.rules.chat.ids import FoundId, FoundIds, IdFormat, find_ids
from gateway.rules.chat.knowledge import LANGUAGES, Audience, Entry, KnowledgeBase
from gateway.rules.chat.knowledge_files import (
    KnowledgeError,
    Problem,
    parse_knowledge,
)
from gateway.rules.chat.language import detect_language
from gateway.rules.chat.text import normalise
from gateway.rules.on_demand import on_demand

if TYPE_CHECKING:
    from gateway.rules.chat.followup import heeds_pending
    from gateway.rules.chat.grouping import Group, group_questions
    from gateway.rules.chat.knowledge_check import check_knowledge
    from gateway.rules.chat.knowledge_tests import Case, Failure, parse_tests, run_tests
    from gateway.rules.chat.lexical import untrained
    from gateway.rules.chat.model import ChatModel
    from gateway.rules.chat.packing import packed, training_version, unpacked
    from gateway.rules.chat.ranking import Ranked
    from gateway.rules.chat.replying import reply
    from gateway.rules.chat.routing import route
    from gateway.rules.chat.training import train
    from gateway.rules.chat.warming import warm
else:
    __getattr__ = on_demand(
        __name__,
        {
            "followup": ("heeds_pending",),
            "grouping": ("Group", "group_questions"),
            "knowledge_check": ("check_knowledge",),
            "knowledge_tests": ("Case", "Failure", "parse_tests", "run_tests"),
            "lexical": ("untrained",),
            "model": ("ChatModel",),
            "packing": ("packed", "training_version", "unpacked"),
            "ranking": ("Ranked",),
            "replying": ("reply",),
            "routing": ("route",),
            "training": ("train",),
            "warming": ("warm",),
        },
    )

__all__ = [
    "LANGUAGES",
    "SLOT_OF_TOOL",
    "TOOLS",
    "Audience",
    "Case",
    "ChatModel",
    "ChatReply",
    "Citation",
    "Decision",
    "Entry",
    "Failure",
    "FoundId",
    "FoundIds",
    "Group",
    "Handoff",
    "IdFormat",
    "Kind",
    "KnowledgeBase",
    "KnowledgeError",
    "Lookup",
    "MessageContext",
    "Problem",
    "Ranked",
    "Suggestion",
    "canonical",
    "check_knowledge",
    "detect_language",
    "find_ids",
    "group_questions",
    "heeds_pending",
    "known_as",
    "known_digits",
    "normalise",
    "packed",
    "parse_knowledge",
    "parse_tests",
    "reply",
    "route",
    "run_tests",
    "train",
    "training_version",
    "unpacked",
    "untrained",
    "warm",
]
