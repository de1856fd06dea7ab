"""Does what routing else does at its first message."""

from gateway.rules.chat.decision import MessageContext
from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.lexical import untrained
from gateway.rules.chat.replying import reply
from gateway.rules.chat.routing import route

MESSAGES = ("Where is my order?", "Wo ist mein Paket?", "我的订单到哪里了？")


def warm() -> None:
    """Load numpy, the patterns and the stemmers, and answer a message in some languages."""
    model = untrained(KnowledgeBase("none", ()))
    for message in MESSAGES:
        reply(route(message, MessageContext(), model), model.knowledge)
