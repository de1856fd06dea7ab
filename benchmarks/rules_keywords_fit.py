"""Fit the weights of gateway/rules/keywords/data/weights.json on the shared data.

    python -m benchmarks.rules_keywords_fit            # two-fold cross-validation, printed
    python -m benchmarks.rules_keywords_fit --write    # fit on everything, write weights.json

Logistic regression by Newton steps, with an L2 pull toward a prior (zero, or the weights of a
larger set). Every record weighs the same; a candidate counts 1 when a person picked exactly it.
Home Depot: phrases whose words all lie in one query count INSIDE_QUERY. Profiles without data of
their own take the weights of the nearest one (LIKE). No word of any text enters the weights.
"""

import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from benchmarks import rules_keywords_data as data
from gateway.rules.keywords import features, line, pick
from gateway.rules.keywords.reading import Reading, read

Weights = dict[str, float]
Floats = npt.NDArray[np.float64]
WEIGHTS = data.REPOSITORY / "gateway" / "rules" / "keywords" / "data" / "weights.json"
NEWTON_STEPS = 12
INSIDE_QUERY = 0.02
RECORD_WEIGHT = 40.0
LONGEST = 80  # characters, as guard.MOST_CHARACTERS


@dataclass(frozen=True)
class Recipe:
    """What one profile is fitted on: sets, strength of the pull, profile it is pulled to."""

    sets: tuple[str, ...]
    l2: float
    prior: str = ""


RECIPES = {
    "title_en": Recipe(("homedepot_queries",), 4.0),
    "title_zh": Recipe(("taobao_ner_zh",), 3.0),
    "document_en": Recipe(("inspec", "semeval2017"), 3.0),
    "document_fr": Recipe(("wikinews_fr",), 6.0, "document_en"),
    "document_zh": Recipe(("csl_zh",), 3.0),
    "document_ja": Recipe(("abeja_ja",), 1.0),
    "listing_en": Recipe(("etsy_tags",), 3.0, "document_en"),
}


@dataclass(frozen=True)
class Blend:
    """A profile without data of its own: (1 - share) x one + share x another, plus set numbers."""

    one: str
    other: str = ""
    share: float = 0.0
    plus: Mapping[str, float] = field(default_factory=dict)


# Fields and romance connectors do not vary in the title sets: these numbers are set by hand,
# checked on listing_cases.jsonl. A title is worth more than bullets, a category name little.
FIELDS = {"title": 1.5, "in_CATEGORY": -1.0}
NOUNS = {**FIELDS, "head_product": 0.5}
ROMANCE = {**FIELDS, "head_product": 0.7, "gapped": -0.7, "connector": 0.5}
TITLE_PLACES = ("title", "to_head", "from_start", "whole_title", "main_")
SHORT_SHARE = 0.4
BLENDS = {
    "short_en": Blend("title_en", "listing_en", SHORT_SHARE, NOUNS),
    "short_de": Blend("title_en", "listing_en", SHORT_SHARE, NOUNS),
    "short_fr": Blend("title_en", "listing_en", SHORT_SHARE, ROMANCE),
    "short_es": Blend("title_en", "listing_en", SHORT_SHARE, ROMANCE),
    "short_zh": Blend("title_zh", plus=FIELDS),
    "short_ja": Blend("document_ja", "title_zh", plus={"head_product": 1.0}),
    "listing_zh": Blend("title_zh", "document_zh", 0.5, FIELDS),
    "listing_fr": Blend("listing_en", plus={"connector": 0.5}),
    "listing_es": Blend("listing_en", plus={"connector": 0.5}),
}
LIKE = {
    "title_de": "short_de", "title_fr": "short_fr", "title_es": "short_es", "title_ja": "short_ja",
    "document_de": "document_en", "document_es": "document_fr",
    "listing_de": "listing_en", "listing_ja": "short_ja",
}  # fmt: skip


@dataclass
class Sample:
    """One record, read, with a row of features and a label for each candidate."""

    name: str
    record: data.Record
    reading: Reading
    rows: list[Weights]
    labels: list[float]

    @property
    def half(self) -> int:
        """The fold of the record, by its id."""
        return zlib.crc32(str(self.record["id"]).encode()) % 2


def sample_of(name: str, record: data.Record, score: ModuleType) -> Sample:
    reading = read(data.request_of(name, record))
    pool = reading.pool
    most = reading.limits.keyword_characters or LONGEST
    pool.found = {key: one for key, one in pool.found.items() if len(one.text) <= most}
    rows = [features.named(one, pool) for one in pool.found.values()]
    labels = [_label(name, record, one.text, score) for one in pool.found.values()]
    return Sample(name, record, reading, rows, labels)


def _label(name: str, record: data.Record, text: str, score: ModuleType) -> float:
    tongue = record["lang"]
    gold = record.get("gold", [])
    if name == "abeja_ja":
        gold = [variant for group in record["gold_variants"] for variant in group]
    if score.key(text, tongue) in {score.key(one, tongue) for one in gold} - {""}:
        return 1.0
    if name != "homedepot_queries":
        return 0.0
    words = score.toks(text)
    queries = [score.toks(one) for one in gold]
    if words in queries:
        return 1.0
    return INSIDE_QUERY if words and any(words <= query for query in queries) else 0.0


def fit(samples: Sequence[Sample], recipe: Recipe, prior: Mapping[str, float]) -> Weights:
    names = sorted({name for one in samples for row in one.rows for name in row} | {*prior})
    at = {name: number for number, name in enumerate(names)}
    rows = [(row, label, RECORD_WEIGHT / len(one.rows))
            for one in samples for row, label in zip(one.rows, one.labels, strict=True)
    ]  # fmt: skip
    matrix = np.zeros((len(rows), len(names)))
    for number, (row, _, _) in enumerate(rows):
        for name, value in row.items():
            matrix[number, at[name]] = value
    labels = np.array([label for _, label, _ in rows])
    shares = np.array([share for _, _, share in rows])
    center = np.array([prior.get(name, 0.0) for name in names])
    ridge = np.full(len(names), recipe.l2)
    ridge[at["bias"]] = 0.01
    found = _newton((matrix, labels, shares), center, ridge)
    return {name: round(float(v), 4) for name, v in zip(names, found, strict=True) if abs(v) > 5e-4}


def _newton(sample: tuple[Floats, Floats, Floats], center: Floats, ridge: Floats) -> Floats:
    matrix, labels, shares = sample
    at = center.copy()
    for _ in range(NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(matrix @ at, -30, 30)))
        slope = matrix.T @ (shares * (chance - labels)) + ridge * (at - center)
        bend = (matrix * (shares * chance * (1 - chance))[:, None]).T @ matrix + np.diag(ridge)
        at = at - np.linalg.solve(bend, slope)
    return at


def evaluate(
    samples: Sequence[Sample], weights: Weights, score: ModuleType
) -> dict[str, list[float]]:
    """Give each metric's values under the weights."""
    found: dict[str, list[float]] = {}
    for one in samples:
        ranked = [
            pick.Scored(features.squashed(sum(weights.get(n, 0.0) * v for n, v in row.items())), c)
            for row, c in zip(one.rows, one.reading.pool.found.values(), strict=True)
        ]
        ranked.sort(key=lambda it: (-it.score, it.candidate.text))
        texts = [it.candidate.text for it in pick.pick(one.reading, ranked, 20)]
        wants_line = one.name in data.LINE_BYTES
        score.ST[one.record["id"]] = line.fill(one.reading, ranked) if wants_line else None
        score.one(one.name, one.record, texts, _adder(found, one.name), None)
    return found


def _adder(found: dict[str, list[float]], name: str):  # type: ignore[no-untyped-def] # noqa: ANN202 # score.py's own form
    return lambda key, value: found.setdefault(f"{name} {key}", []).append(float(value))


def load(score: ModuleType, folder: Path) -> dict[str, list[Sample]]:
    wanted = {name for recipe in RECIPES.values() for name in recipe.sets}
    found: dict[str, list[Sample]] = {name: [] for name in wanted}
    for name, record in data.records(folder):
        if name in wanted:
            found[name].append(sample_of(name, record, score))
    return found


def cross_validated(score: ModuleType, samples: dict[str, list[Sample]]) -> None:
    """Print each profile's figures: fitted on one half, measured on the other."""
    for profile, recipe in RECIPES.items():
        mine = [one for name in recipe.sets for one in samples[name]]
        prior = (
            [one for name in RECIPES[recipe.prior].sets for one in samples[name]]
            if recipe.prior
            else []
        )
        found: dict[str, list[float]] = {}
        for half in (0, 1):
            base = fit(prior, RECIPES[recipe.prior], {}) if prior else {}
            weights = fit([one for one in mine if one.half == half], recipe, base)
            for key, values in evaluate(
                [s for s in mine if s.half != half], weights, score
            ).items():
                found.setdefault(key, []).extend(values)
        print(
            profile,
            {key: round(100 * float(np.mean(v)), 1) for key, v in found.items()},
            flush=True,
        )


def blended(blend: Blend, table: Mapping[str, Weights]) -> Weights:
    """Build a profile of others; Japanese takes the places in a title from Chinese."""
    one, other = table[blend.one], table.get(blend.other, {})
    if blend.one == "document_ja":
        places = {name: value for name, value in other.items() if name.startswith(TITLE_PLACES)}
        found = {**one, **{name: one.get(name, 0.0) + value for name, value in places.items()}}
    else:
        found = {
            name: (1 - blend.share) * one.get(name, 0.0) + blend.share * other.get(name, 0.0)
            for name in {*one, *other}
        }
    for name, value in blend.plus.items():
        found[name] = found.get(name, 0.0) + value
    return {name: round(value, 4) for name, value in sorted(found.items())}


def write(samples: dict[str, list[Sample]]) -> None:
    """Fit every profile on all its records and write the table."""
    table: dict[str, Weights] = {}
    for profile, recipe in RECIPES.items():
        mine = [one for name in recipe.sets for one in samples[name]]
        table[profile] = fit(mine, recipe, table.get(recipe.prior, {}))
    for profile, blend in BLENDS.items():
        table[profile] = blended(blend, table)
    lines = (f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table))
    likes = json.dumps(LIKE, sort_keys=True)
    WEIGHTS.write_text("{\n" + ",\n".join([*lines, f'"like": {likes}']) + "\n}\n", encoding="utf-8")


def main() -> None:
    folder = data.data_folder()
    score = data.scorer(folder)
    samples = load(score, folder)
    if "--write" in sys.argv:
        write(samples)
    else:
        cross_validated(score, samples)


if __name__ == "__main__":
    main()
