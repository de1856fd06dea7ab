"""Where messages go without a model: look-ups, questions back, people, small talk, answers."""

from pathlib import Path
from typing import Any

from gateway.rules.chat import ChatModel, Kind, MessageContext, parse_knowledge, route, train
from gateway.rules.chat.decision import Decision
from tests.chat_bench.stage import Rows, Score
from tests.processes import ROOT

ROUTED = (Kind.TOOL, Kind.CLARIFICATION, Kind.HANDOFF, Kind.SMALL_TALK)
ROUTED_WANTED, FALSE_MOST, WRONG_MOST = 0.96, 0.02, 0.03


def shop() -> ChatModel:
    """The shipped knowledge, trained."""
    folder = Path(ROOT / "config" / "knowledge" / "shop")
    files = [(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("faq*"))]
    return train(parse_knowledge("shop", files))


def routing(name: str, messages: Rows, model: ChatModel) -> list[Score]:
    """The three figures over a set of messages."""
    decided = [(row, route(row["text"], MessageContext(), model)) for row in messages]
    routed = [(r, d) for r, d in decided if not r["expected"].startswith(("faq", "oos"))]
    others = [(r, d) for r, d in decided if r["expected"].startswith(("faq", "oos"))]
    missed = [r["text"] for r, d in routed if not _right(r, d)]
    false = [r["text"] for r, d in others if d.kind in ROUTED]
    wrong = [r["text"] for r, d in others if d.kind is Kind.FAQ and d.intent != r["expected"]]
    share = 1 - len(missed) / max(1, len(routed))
    fired, misled = len(false) / max(1, len(others)), len(wrong) / len(messages)
    scores = [
        Score(
            f"{name}: routed right",
            f"{share:.1%} of {len(routed)}",
            "96 %",
            share >= ROUTED_WANTED,
            tuple(missed),
        ),
        Score(
            f"{name}: false fires",
            f"{fired:.1%} of {len(others)}",
            "2 %",
            fired <= FALSE_MOST,
            tuple(false),
        ),
        Score(
            f"{name}: wrong direct answers",
            f"{misled:.1%} of {len(messages)}",
            "3 %",
            misled <= WRONG_MOST,
            tuple(wrong),
        ),
    ]
    return scores if routed else scores[1:]


def _right(row: dict[str, Any], decision: Decision) -> bool:
    slots = row.get("slots") or {}
    return decision.intent == row["expected"] and all(
        decision.slots.get(name) == value for name, value in slots.items()
    )
