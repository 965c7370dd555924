"""Model files: native formats only, and no loader sees a byte before its hash was checked.

In: a fitted model, or a folder. Out: the folder, or the model. Never here: pickle, joblib, or any format
that can run code when it is opened.

A folder holds ``card.json`` (what the model is), the learner's own files (LightGBM text, arrays as JSON), and
``hashes.json`` (format and SHA-256 of every other file). Whoever may change all three can forge a model, so
a run's manifest pins ``model_hash(folder)``, and ``load_model`` compares it when told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alphatrade.core.errors import ConfigError, ModelError
from alphatrade.models.base import FittedModel, models
from alphatrade.models.card import Card

if TYPE_CHECKING:
    from alphatrade.models.regime import FittedRegimes

__all__ = ["load_model", "load_regimes", "model_hash", "read_files", "save_model", "write_files"]

FORMAT = "alphatrade-model/1"
HASHES = "hashes.json"
CARD = "card.json"


def dump(value: Any) -> bytes:
    """JSON bytes; floats keep every bit, and NaN or infinity is refused."""
    return (json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def parse(data: bytes, what: str) -> Any:
    """Plain values of JSON bytes; ``ModelError`` when they are not JSON."""
    try:
        return json.loads(data)
    except ValueError as e:
        raise ModelError(f"{what} is not JSON ({e}): the artifact is damaged; retrain or roll back") from e


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` into ``folder`` and, last, their hashes: a half-written artifact has none and is
    refused.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HASHES).unlink(missing_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (folder / HASHES).write_bytes(dump({"format": FORMAT, "files": digests}))
    return folder


def read_files(folder: Path, expected: str | None = None) -> dict[str, bytes]:
    """The files named in ``hashes.json``, each read once and returned only if its hash is right.

    Raises
    ------
    ModelError
        No artifact, another format, a missing or changed file, or another artifact than ``expected``.
    """
    folder = Path(folder)
    if not (folder / HASHES).is_file():
        raise ModelError(
            f"{folder} holds no finished model ({HASHES} is missing): retrain, or name another folder"
        )
    listing = (folder / HASHES).read_bytes()
    if expected is not None and hashlib.sha256(listing).hexdigest() != expected:
        raise ModelError(
            f"{folder} is not the model that was asked for: expected hash {expected}, found another"
        )
    files = _listed(parse(listing, f"{folder / HASHES}"), folder)
    return {name: _checked(folder / name, digest) for name, digest in files.items()}


def _listed(listing: Any, folder: Path) -> dict[str, str]:
    if not isinstance(listing, dict) or listing.get("format") != FORMAT:
        found = listing.get("format") if isinstance(listing, dict) else type(listing).__name__
        raise ModelError(f"{folder}: expected format {FORMAT!r}, found {found!r}: retrain with this version")
    files = listing.get("files")
    if not isinstance(files, dict) or CARD not in files:
        raise ModelError(f"{folder / HASHES} lists no {CARD}: the artifact is damaged; retrain or roll back")
    for name in files:
        if Path(name).name != name or name in ("", ".", ".."):
            raise ModelError(
                f"{folder / HASHES} lists {name!r}, not a plain file name: do not trust this artifact"
            )
    return files


def _checked(path: Path, digest: str) -> bytes:
    if not path.is_file():
        raise ModelError(f"{path} is listed in {HASHES} but missing: retrain or roll back")
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise ModelError(
            f"{path}: expected SHA-256 {digest}, found {found}: the file changed after it was saved; "
            "retrain or roll back"
        )
    return data


def model_hash(folder: Path) -> str:
    """Digest that identifies a saved model: of its ``hashes.json``, and so of every file."""
    return hashlib.sha256((Path(folder) / HASHES).read_bytes()).hexdigest()


def save_model(model: FittedModel, folder: Path) -> Path:
    """Write a fitted model's card, parts and hashes."""
    return write_files(folder, {CARD: dump({"what": "model", **model.card.plain()}), **model.parts()})


def _opened(folder: Path, what: str, expected: str | None) -> tuple[dict[str, Any], dict[str, bytes]]:
    files = read_files(folder, expected)
    card = parse(files.pop(CARD), f"{folder}/{CARD}")
    if not isinstance(card, dict) or card.pop("what", None) != what:
        raise ModelError(f"{folder} holds no {what}: name another folder")
    return card, files


def load_model(folder: Path, expected: str | None = None) -> FittedModel:
    """Read a saved model back; it predicts the same bits.

    Parameters
    ----------
    folder : Path
    expected : str, optional
        What ``model_hash`` said when the model was saved.

    Raises
    ------
    ModelError
        Anything about the artifact is not as it was saved, or its kind is unknown here.
    """
    plain, parts = _opened(folder, "model", expected)
    card = Card.from_plain(plain)
    try:
        recipe = models.build(card.recipe)
    except (ConfigError, ValueError) as e:
        raise ModelError(f"{folder}: {e}: the model was made by a recipe this version does not know") from e
    return recipe.restore(card, parts)


def load_regimes(folder: Path, expected: str | None = None) -> FittedRegimes:
    """Read saved regimes back."""
    from alphatrade.models.regime import regime_models

    plain, _ = _opened(folder, "regimes", expected)
    try:
        recipe = regime_models.build(plain["recipe"])
        return recipe.restore(plain)
    except (ConfigError, ValueError, KeyError, TypeError) as e:
        raise ModelError(
            f"{folder}: {e!r}: the regimes were made by a recipe this version does not know"
        ) from e
