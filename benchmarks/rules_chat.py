"""Chat without a model: every figure of the target table, beside public baselines.

    python benchmarks/rules_chat.py            # prints Markdown

Data: `../shared/data` beside the repository, or the folder named by ERP_SHARED_DATA. Thresholds
of the engine come from the training files alone; those of the baselines are the best there are
on the test file, which favours them. rapidfuzz is compared when it is installed.
"""

import importlib
import json
import math
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gateway.rules.chat import (
    ChatModel,
    Decision,
    Entry,
    Kind,
    KnowledgeBase,
    MessageContext,
    parse_knowledge,
    route,
    train,
)
from gateway.rules.chat.features import tokens_of
from gateway.rules.chat.routing import SAME_QUESTION

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("ERP_SHARED_DATA", ROOT.parent / "shared" / "data")) / "chat"
SETS = (
    ("HINT3 curekart", "hint3_curekart_train", "hint3_curekart_test", "0.25 / ≤ 1 %"),
    ("HINT3 sofmattress", "hint3_sofmattress_train", "hint3_sofmattress_test", "0.20 / ≤ 1 %"),
    ("BANKING77, 10 per intent", "banking77_10shot_train", "banking77_test_plus_oos", "0.38"),
    ("CLINC150, 10 per intent", "clinc150_10shot_train", "clinc150_test", "0.60"),
)
PRECISION = 0.95
ROUTED_KINDS = (Kind.TOOL, Kind.CLARIFICATION, Kind.HANDOFF, Kind.SMALL_TALK)

Rows = list[dict[str, Any]]
Ranks = Callable[[str], tuple[list[str], float]]  # best ids, and how sure the first is


def rows_of(name: str) -> Rows:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def base_of(name: str, rows: Rows) -> KnowledgeBase:
    asked: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        asked[row["intent"]].append(row["text"])
    entries = (
        Entry(intent, questions={"en": tuple(dict.fromkeys(texts))}, answers={"en": intent})
        for intent, texts in asked.items()
    )
    return KnowledgeBase(name, tuple(entries))


@dataclass(frozen=True)
class Score:
    coverage: float
    precision: float
    foreign: float
    top3: float

    def cells(self) -> str:
        return f"{self.coverage:.3f} | {self.precision:.3f} | {self.foreign:.3f} | {self.top3:.3f}"


def score(rows: Rows, ranked: Sequence[tuple[list[str], float]], threshold: float) -> Score:
    """Coverage: rightly answered share of in-scope questions. Precision: over all answered."""
    answered = right = foreign = top3 = known = 0
    for row, (ids, sure) in zip(rows, ranked, strict=True):
        inside = row["intent"] != "oos"
        direct = bool(ids) and sure >= threshold
        known += inside
        top3 += inside and row["intent"] in ids[:3]
        answered += direct
        right += direct and ids[0] == row["intent"]
        foreign += direct and not inside
    strangers = max(len(rows) - known, 1)
    return Score(right / known, right / max(answered, 1), foreign / strangers, top3 / known)


def best_score(rows: Rows, ranked: Sequence[tuple[list[str], float]]) -> Score:
    """The score at the threshold with the most coverage that keeps the precision."""
    best = score(rows, ranked, math.inf)
    for threshold in sorted({sure for _, sure in ranked}):
        here = score(rows, ranked, threshold)
        if here.precision >= PRECISION and here.coverage > best.coverage:
            best = here
    return best


def bm25(base: KnowledgeBase) -> Ranks:
    """Okapi BM25 (k1 1.2, b 0.75) over single questions, best question of each entry."""
    documents = [(e.id, Counter(tokens_of(q))) for e in base.entries for q in e.questions["en"]]
    often = Counter(token for _, counts in documents for token in counts)
    lengths = [sum(counts.values()) for _, counts in documents]
    mean = sum(lengths) / len(lengths)
    rarity = {t: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for t, n in often.items()}

    def ranks(text: str) -> tuple[list[str], float]:
        best: dict[str, float] = defaultdict(float)
        query = [t for t in tokens_of(text) if t in rarity]
        for (identity, counts), length in zip(documents, lengths, strict=True):
            norm = 1.2 * (0.25 + 0.75 * length / mean)
            total = sum(
                rarity[t] * counts[t] * 2.2 / (counts[t] + norm) for t in query if t in counts
            )
            best[identity] = max(best[identity], total)
        order = sorted(best, key=lambda i: -best[i])
        return order[:3], best[order[0]]

    return ranks


def fuzzy(base: KnowledgeBase) -> Ranks | None:
    """rapidfuzz token_set_ratio, best question of each entry; None if it is not installed."""
    try:
        ratio = importlib.import_module("rapidfuzz.fuzz").token_set_ratio
    except ImportError:
        return None

    def ranks(text: str) -> tuple[list[str], float]:
        best = {
            e.id: max(ratio(text.lower(), q.lower()) for q in e.questions["en"])
            for e in base.entries
        }
        order = sorted(best, key=lambda i: -best[i])
        return order[:3], best[order[0]]

    return ranks


def ours(model: ChatModel) -> Ranks:
    def ranks(text: str) -> tuple[list[str], float]:
        ranked = model.rank(text)
        sure = ranked[0].confidence if ranked else 0.0
        same = bool(ranked) and ranked[0].cosine >= SAME_QUESTION
        return [r.entry.id for r in ranked], 1.0 if same else sure

    return ranks


def head(*columns: str) -> Iterable[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|---" * len(columns) + "|"


def retrieval() -> Iterable[str]:
    yield from head(
        "data", "method", "coverage", "precision", "out of scope answered", "top 3", "target"
    )
    for title, learn, test, target in SETS:
        base, rows = base_of(title, rows_of(learn)), rows_of(test)
        model = train(base)
        mine = [ours(model)(row["text"]) for row in rows]
        own = score(rows, mine, model.answers.calibration.threshold)
        yield f"| {title} | **this engine** | {own.cells()} | {target} |"
        for name, method in (("BM25", bm25(base)), ("rapidfuzz", fuzzy(base))):
            if method is not None:
                best = best_score(rows, [method(row["text"]) for row in rows])
                yield f"| {title} | {name}, best threshold | {best.cells()} | |"


def shop_bases() -> dict[str, KnowledgeBase]:
    entries = tuple(
        Entry(
            row["id"],
            row["category"],
            {code: tuple(texts) for code, texts in row["questions"].items()},
            row["answer"],
        )
        for row in rows_of("ecom_faq_kb")
    )
    folder = ROOT / "config" / "knowledge" / "shop"
    files = [(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("faq*"))]
    return {
        "ecom_faq_kb, 4 wordings an entry": KnowledgeBase("ecom", entries),
        "shipped base, about 23": parse_knowledge("shop", files),
    }


def is_routed(row: dict[str, Any]) -> bool:
    return not row["expected"].startswith(("faq", "oos"))


def is_right(row: dict[str, Any], decision: Decision) -> bool:
    same = decision.intent == row["expected"]
    return same and (decision.kind is not Kind.TOOL or dict(decision.slots) == row["slots"])


def routing() -> Iterable[str]:
    yield from head(
        "messages", "knowledge", "routed right", "false fires", "direct", "wrong", "top 3"
    )
    for knowledge, base in shop_bases().items():
        model = train(base)
        for name in ("ecom_queries", "ecom_multilang"):
            rows = rows_of(name)
            decided = [(row, route(row["text"], MessageContext(), model)) for row in rows]
            wanted = [is_right(r, d) for r, d in decided if is_routed(r)]
            others = [(r, d) for r, d in decided if not is_routed(r)]
            false = sum(d.kind in ROUTED_KINDS for _, d in others)
            direct = [d.intent == r["expected"] for r, d in others if d.kind is Kind.FAQ]
            asked = [r for r in rows if r["expected"].startswith("faq")]
            top3 = sum(r["expected"][4:] in ours(model)(r["text"])[0] for r in asked)
            routed = f"{sum(wanted)} of {len(wanted)}" if wanted else "-"
            yield (
                f"| {name} | {knowledge} | {routed} | {false / len(others):.1%} | "
                f"{sum(direct)} of {len(asked)} | {(len(direct) - sum(direct)) / len(rows):.1%} | "
                f"{top3 / len(asked):.3f} |"
            )


def large_base(entries: int = 500, wordings: int = 5) -> KnowledgeBase:
    """500 entries of 5 real questions each, cut from the training files."""
    cut: list[Entry] = []
    for _, learn, _, _ in reversed(SETS):
        for entry in base_of(learn, rows_of(learn)).entries:
            texts = entry.questions["en"]
            for n in range(0, len(texts) - wordings + 1, wordings):
                asked = {"en": texts[n : n + wordings]}
                cut.append(Entry(f"{learn}.{entry.id}.{n}", questions=asked, answers={"en": "x"}))
    return KnowledgeBase("large", tuple(cut[:entries]))


_RESIDENT = """
import pickle, sys
def resident():
    lines = open("/proc/self/status")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
import numpy
bare = resident()
import gateway.rules.chat as chat
model = pickle.load(open(sys.argv[1], "rb"))
chat.route("where can i find my tracking number", chat.MessageContext(), model)
print(f"{resident() - bare:.0f}")
"""


def speed() -> Iterable[str]:
    began = time.perf_counter()
    model = train(large_base())
    trained_s = time.perf_counter() - began
    wall_ms, cpu_ms = [], []
    for name in ("ecom_queries", "hint3_curekart_test", "clinc150_test"):
        for row in rows_of(name):
            start = (time.perf_counter(), time.thread_time())
            route(row["text"], MessageContext(), model)
            wall_ms.append((time.perf_counter() - start[0]) * 1000)
            cpu_ms.append((time.thread_time() - start[1]) * 1000)
    with tempfile.NamedTemporaryFile(suffix=".model") as file:
        file.write(pickle.dumps(model))
        file.flush()
        command = [sys.executable, "-c", _RESIDENT, file.name]
        scope = {**os.environ, "PYTHONPATH": str(ROOT)}
        memory = subprocess.run(command, check=True, capture_output=True, text=True, env=scope)
    yield from head("500 entries, 5 questions each", "measured", "target")
    for clock, took_ms in (("wall clock", wall_ms), ("CPU", cpu_ms)):
        middle, high = np.median(took_ms), np.quantile(took_ms, 0.99)
        yield f"| a decision, {clock}, p50 / p99 | {middle:.2f} / {high:.2f} ms | p99 < 10 ms |"
    yield f"| memory over numpy's own: code, model, caches | {memory.stdout.strip()} MB | < 60 MB |"
    yield f"| training, in a child process | {trained_s:.0f} s | - |"


def report() -> str:
    """Run everything and return the tables as Markdown."""
    parts = (("Direct answers", retrieval), ("Routing", routing), ("Speed and size", speed))
    return "\n\n".join(f"### {title}\n" + "\n".join(rows()) for title, rows in parts)


if __name__ == "__main__":
    print(report())
