"""A trained model as bytes and back, without pickle: arrays only, so a foreign file is no danger.

The knowledge itself is not in it: it comes from its own files, whose hash names the model's.
"""

import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from gateway.rules.chat.confidence import Calibration
from gateway.rules.chat.joined import Joined, Piece, pieces_of, row_type
from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.model import ChatModel
from gateway.rules.chat.ranking import Ranking
from gateway.rules.chat.training import ROUTED_WISHES

_DUALS = ("words", "characters")
Arrays = dict[str, np.ndarray]


@cache
def training_version() -> str:
    """A hash of the code that trains: another version of it makes other models."""
    digest = hashlib.sha256(np.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def packed(model: ChatModel) -> bytes:
    """The model's arrays, those of its wishes too."""
    arrays = _index_arrays(model.index) | _arrays("m", model.answers)
    if model.wishes is not None:
        arrays |= _arrays("r", model.wishes)
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type] # numpy's stub takes the names for options
    return out.getvalue()


def unpacked(raw: bytes, knowledge: KnowledgeBase) -> ChatModel:
    """The model of `packed`, on this knowledge. Raises ValueError for anything else."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            found = dict(arrays.items())
        wishes = _ranking("r", found, ROUTED_WISHES) if "r.first" in found else None
        return ChatModel(knowledge, _index(found), _ranking("m", found, knowledge), wishes)
    except (KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("this is no packed model") from error


def _arrays(at: str, ranking: Ranking) -> Arrays:
    calibration = ranking.calibration
    return {
        f"{at}.first": ranking.first,
        f"{at}.calibration": np.array([*calibration.weights, calibration.threshold]),
    } | {f"{at}.{name}": getattr(ranking, name) for name in _DUALS}


def _ranking(at: str, found: Arrays, knowledge: KnowledgeBase) -> Ranking:
    *weights, threshold = found[f"{at}.calibration"].tolist()
    words, characters = (found[f"{at}.{name}"] for name in _DUALS)
    first = found[f"{at}.first"]
    if len(first) != len(knowledge.entries) + 1 or words.shape[1] != len(knowledge.entries):
        raise ValueError("this model was trained on other knowledge")
    calibration = Calibration(tuple(weights), threshold)
    return Ranking(knowledge.entries, words, characters, first, calibration)


def _index_arrays(index: Joined) -> Arrays:
    return (
        {"sizes": np.array(index.sizes)}
        | _view_arrays("words", index.words, index.sizes)
        | _view_arrays("characters", index.characters, index.sizes)
    )


def _view_arrays(name: str, view: dict[int, Piece], sizes: tuple[int, ...]) -> Arrays:
    rows, weights, facts = map(b"".join, zip(*view.values(), strict=True))
    return {
        f"{name}.hashes": np.fromiter(view, np.uint32, len(view)),
        f"{name}.facts": np.frombuffer(facts, np.float32).reshape(len(view), 2, -1),
        f"{name}.rows": np.frombuffer(rows, row_type(sizes)),
        f"{name}.weights": np.frombuffer(weights, np.float32),
    }


def _index(found: Arrays) -> Joined:
    words, characters = (
        pieces_of(*(found[f"{name}.{part}"] for part in ("hashes", "facts", "rows", "weights")))
        for name in _DUALS
    )
    return Joined(words, characters, tuple(found["sizes"].tolist()))
