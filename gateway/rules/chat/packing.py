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
from gateway.rules.chat.index import Index
from gateway.rules.chat.knowledge import KnowledgeBase
from gateway.rules.chat.model import ChatModel, View
from gateway.rules.chat.training import ROUTED_WISHES

_INDEX = ("hashes", "rarity", "start", "rows", "weights")
_VIEWS = ("words", "characters")


@cache
def training_version() -> str:
    """A hash of the code that trains: another version of it makes other models."""
    digest = hashlib.sha256(np.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def packed(model: ChatModel) -> bytes:
    """The model's arrays, its router's too."""
    arrays = _arrays("m", model)
    if model.router is not None:
        arrays |= _arrays("r", model.router)
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type] # numpy's stub takes the names for options
    return out.getvalue()


def unpacked(raw: bytes, knowledge: KnowledgeBase) -> ChatModel:
    """The model of `packed`, on this knowledge. Raises ValueError for anything else."""
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            found = dict(arrays.items())
        router = _model("r", found, ROUTED_WISHES, None) if "r.first" in found else None
        return _model("m", found, knowledge, router)
    except (KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("this is no packed model") from error


def _arrays(at: str, model: ChatModel) -> dict[str, np.ndarray]:
    arrays = {
        f"{at}.first": model.first,
        f"{at}.calibration": np.array([*model.calibration.weights, model.calibration.threshold]),
    }
    for name in _VIEWS:
        view: View = getattr(model, name)
        arrays[f"{at}.{name}.dual"] = view.dual
        arrays |= {f"{at}.{name}.{part}": getattr(view.index, part) for part in _INDEX}
    return arrays


def _model(
    at: str, found: dict[str, np.ndarray], knowledge: KnowledgeBase, router: ChatModel | None
) -> ChatModel:
    *weights, threshold = found[f"{at}.calibration"].tolist()
    words, characters = (_view(f"{at}.{name}", found) for name in _VIEWS)
    first = found[f"{at}.first"]
    if len(first) != len(knowledge.entries) + 1 or words.dual.shape[1] != len(knowledge.entries):
        raise ValueError("this model was trained on other knowledge")
    return ChatModel(
        knowledge, words, characters, first, Calibration(tuple(weights), threshold), router
    )


def _view(at: str, found: dict[str, np.ndarray]) -> View:
    dual = found[f"{at}.dual"]
    hashes, rarity, start, rows, weights = (found[f"{at}.{part}"] for part in _INDEX)
    index = Index(hashes, rarity, start, rows, weights, len(dual))
    return View(index, dual)
