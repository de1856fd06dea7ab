"""A model that was never trained: it ranks by shared words and is sure of nothing.

It stands in while training takes its seconds: a question known word for word is answered, a
look-up is made, everything else gets the nearest questions as suggestions.
"""

import numpy as np

from gateway.rules.chat.confidence import Calibration
from gateway.rules.chat.features import count_features
from gateway.rules.chat.index import build_index
from gateway.rules.chat.joined import joined
from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.model import ChatModel
from gateway.rules.chat.ranking import Ranking
from gateway.rules.chat.training import MAX_QUESTIONS, questions_of

NEVER = 2.0
"""A threshold that no confidence reaches."""
_NO_WEIGHTS = (0.0,) * 6


def untrained(knowledge: KnowledgeBase) -> ChatModel:
    """Index the base's questions; about 0.2 ms for each of them."""
    questions, owners = questions_of(knowledge, MAX_QUESTIONS)
    entries = len(knowledge.entries)
    share = np.zeros((len(questions), entries), np.float32)
    share[np.arange(len(owners)), owners] = 1.0
    # an entry with many wordings is no nearer for it
    share /= np.sqrt(np.maximum(share.sum(axis=0, keepdims=True), 1.0))
    counted = [count_features(question) for question in questions]
    first = np.searchsorted(owners, np.arange(entries + 1)).astype(np.int64)
    words, characters = (build_index([counts[view] for counts in counted]) for view in (0, 1))
    ranking = Ranking(knowledge.entries, share, share, first, Calibration(_NO_WEIGHTS, NEVER))
    return ChatModel(knowledge, joined([(words, characters)]), ranking)
