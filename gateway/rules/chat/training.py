"""Trains the model of a knowledge base. Slow (seconds): meant for a child process, once a load.

Method: regularised least squares on sparse n-gram cosines, one column per entry, in its dual
form, where predictions for a question left out of the training follow in closed form (Rifkin
and Lippert 2007, "Notes on regularized least squares"). So every question of the knowledge base
is judged as if it were new, and confidence and threshold are fitted on these judgements alone.
"""

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.index import build_index, gram
from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.model import Calibration, ChatModel

RIDGE = 0.5
"""Weight of the penalty. 0.5 to 1 scored alike on the four shared training files."""
DEFAULT_WEIGHTS = (-6.0, 4.0, 6.0, 2.0, 2.0, 1.0)
MAX_QUESTIONS = 6000
"""Questions used of a base (first ones of each entry first); training grows with its cube."""


def train(knowledge: KnowledgeBase) -> ChatModel:
    """Train on every question of the base, in all languages together. Deterministic."""
    texts, owners = questions_of(knowledge)
    index = build_index(texts)
    first = np.searchsorted(owners, np.arange(len(knowledge.entries) + 1)).astype(np.int64)
    targets = np.zeros((len(texts), len(knowledge.entries)), np.float64)
    targets[np.arange(len(owners)), owners] = 1.0
    kernel = gram(index, texts).astype(np.float64) if texts else np.zeros((0, 0))
    inverse = np.linalg.inv(kernel + RIDGE * np.eye(len(texts)))
    dual = (inverse @ targets).astype(np.float32)
    return ChatModel(knowledge, index, dual, first, Calibration(DEFAULT_WEIGHTS, 0.8))


def questions_of(knowledge: KnowledgeBase) -> tuple[list[str], NDArray[np.int64]]:
    """Return all questions, and for each the number of the entry it belongs to, ascending."""
    pairs = [
        (question, number)
        for number, entry in enumerate(knowledge.entries)
        for wordings in entry.questions.values()
        for question in wordings
    ]
    return [q for q, _ in pairs], np.array([n for _, n in pairs], np.int64)
