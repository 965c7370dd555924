"""The contract of a model, as a check anyone can run on their own.

In: a recipe. Out: nothing, or an ``AssertionError`` that says what is broken. Never here: how good a
model is.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from alphatrade.core.component import config_of
from alphatrade.core.errors import ModelError
from alphatrade.core.opinion import Forecast
from alphatrade.dataset import Columns, Sample
from alphatrade.models import Model, load_model, models

__all__ = ["check_model", "model_sample"]

_BAR = 900_000_000_000


def model_sample(seed: int = 0, slices: int = 1_000, symbols: int = 4, features: int = 6) -> Sample:
    """A sample to try a model on: labels -1, 0, 1 that depend on the first two features, overlapping
    spans, some NaN.

    A slice is 15 minutes; labels end 1 to 20 slices later; 5 % of the values are unknown, and each 97th
    row wholly.
    """
    rng = np.random.default_rng(seed)
    n = slices * symbols
    x = rng.standard_normal((n, features)).astype(np.float32)
    drift = 0.8 * x[:, 0] - 0.8 * x[:, 1]
    y = np.digitize(drift + rng.logistic(size=n), [-0.5, 0.5]) - 1
    t0 = np.repeat(_BAR * np.arange(slices), symbols)
    x[rng.random((n, features)) < 0.05] = np.nan
    x[::97] = np.nan
    return Sample.of(
        x,
        y,
        ret=0.01 * y + 0.002 * rng.standard_normal(n),
        weight=rng.uniform(0.1, 0.5, n),
        t0=t0,
        t1=t0 + _BAR * rng.integers(1, 21, n),
        symbol=np.tile(np.arange(symbols), slices),
        symbols=tuple(f"S{k}" for k in range(symbols)),
    )


def check_model(model: Model, train: Sample | None = None, test: Sample | None = None) -> None:
    """Check that a recipe keeps the promises every room relies on.

    Parameters
    ----------
    model : Model
    train, test : Sample, optional
        Rows to fit on and rows to predict, with the same features; made up if left out.

    Raises
    ------
    AssertionError
        Naming the promise: the recipe is a frozen dataclass that its configuration rebuilds; two fits are
        equal; the fit reads no row outside its sample; ``known_until`` is the last ``t1``; probabilities
        and expected returns are consistent; unknown features are answered or refused wholly; one row and
        many give the same bits, whatever stands beside; other features are refused; a saved model reads
        back with the same bits and is refused once a byte of it changed.
    """
    train = model_sample(0) if train is None else train
    test = model_sample(1, slices=50) if test is None else test
    check = _Check(model, train, test)
    check.recipe()
    check.card()
    check.answers()
    check.unknown_features()
    check.chunks()
    check.neighbours()
    check.other_features()
    check.same_twice()
    check.rows_outside()
    check.saved()


class _Check:
    def __init__(self, model: Model, train: Sample, test: Sample) -> None:
        self.model = model
        self.train = train
        self.test = test
        self.fitted = model.fit(train)
        self.whole = self.fitted.predict(test)

    def need(self, holds: bool, promise: str) -> None:
        if not holds:
            raise AssertionError(f"{type(self.model).__name__}: {promise}")

    def recipe(self) -> None:
        parameters = getattr(type(self.model), "__dataclass_params__", None)
        self.need(parameters is not None and parameters.frozen, "a recipe is a frozen dataclass")
        config = config_of(self.model)
        self.need(config["kind"] in models, f"the recipe is registered: models.register({config['kind']!r})")
        self.need(models.build(config) == self.model, "its configuration builds the same recipe")

    def card(self) -> None:
        last = int(self.train.t1.max())
        found = self.fitted.known_until
        self.need(
            found == last,
            f"known_until is the last t1 of the training sample: expected {last}, found {found}",
        )
        self.need(self.fitted.features == self.train.features, "features are those of the training sample")
        labels = tuple(int(c) for c in np.unique(self.train.y))
        self.need(self.fitted.classes in ((), labels), f"classes are the training labels {labels}, or none")
        self.need(
            self.fitted.card.data_hash == self.train.hash, "the card pins the hash of the training sample"
        )

    def answers(self) -> None:
        p, k = self.whole.probability, len(self.fitted.classes)
        self.need(
            p.shape == (len(self.test), k), f"probability has shape {(len(self.test), k)}, found {p.shape}"
        )
        self.need(self.whole.classes == self.fitted.classes, "a forecast names the model's classes")
        known = np.isfinite(self.whole.expected_return)
        self.need(bool(known.any()), "some rows are answered")
        if not k:
            return
        self.need(
            bool((np.isnan(p).all(axis=1) | np.isfinite(p).all(axis=1)).all()),
            "a row is answered wholly or not",
        )
        self.need(bool((known == np.isfinite(p[:, 0])).all()), "no expected return without probabilities")
        self.need(bool((p[known] >= 0.0).all()), "probabilities are at least 0")
        self.need(
            bool(np.allclose(p[known].sum(axis=1), 1.0, rtol=0, atol=1e-9)), "probabilities of a row sum to 1"
        )
        means = np.array([self.train.ret[self.train.y == c].mean() for c in self.fitted.classes])
        expected = p[known] @ means
        scale = np.abs(means).max()
        close = np.allclose(self.whole.expected_return[known], expected, rtol=0, atol=1e-9 * scale)
        self.need(close, "expected_return is the sum of probability times mean training return of each class")

    def unknown_features(self) -> None:
        x = np.array(self.test.x)
        x[0], x[1] = np.nan, np.nan
        x[1, 0] = 0.0
        answer = self.fitted.predict(x)
        both = np.column_stack([answer.probability, answer.expected_return])
        rows = np.isnan(both).all(axis=1) | np.isfinite(both).all(axis=1)
        self.need(
            bool(rows.all()), "a row with unknown features is answered wholly or not, and never infinite"
        )
        self.need(bool(np.isnan(both[0]).all()), "a row of which nothing is known gets no answer")

    def chunks(self) -> None:
        x = np.array(self.test.x)
        for size in (1, 7, len(x)):
            pieces = [x[i : i + size] for i in range(0, len(x), size)]
            state = self.fitted.start(None)
            self.need(
                _same(_joined([self.fitted.advance(state, piece) for piece in pieces]), self.whole),
                f"advance in chunks of {size} gives the bits of predict on all rows",
            )
            if len(self.fitted.start(None)) == 0:
                self.need(
                    _same(_joined([self.fitted.predict(piece) for piece in pieces]), self.whole),
                    f"predict in chunks of {size} gives the bits of predict on all rows",
                )
        columns = np.asfortranarray(x)
        self.need(_same(self.fitted.predict(columns), self.whole), "the layout of x in memory changes no bit")

    def neighbours(self) -> None:
        if len(self.fitted.start(None)):
            return
        x = np.array(self.test.x)
        odd = np.arange(len(x)) % 2 == 1
        x[odd] = 1e6
        answer = self.fitted.predict(x)
        same = np.array_equal(answer.probability[~odd], self.whole.probability[~odd], equal_nan=True)
        self.need(same, "a row's answer does not depend on the rows beside it")

    def other_features(self) -> None:
        names = ("another", *self.test.features[1:])
        columns = dataclasses.replace(_columns(self.test), features=names)
        self._refused(
            lambda: self.fitted.predict(_sample(columns)), "other feature names are refused", "another"
        )
        self._refused(
            lambda: self.fitted.predict(np.array(self.test.x[:, 1:])), "a missing column is refused", ""
        )

    def same_twice(self) -> None:
        again = self.model.fit(self.train)
        self.need(again.parts() == self.fitted.parts(), "two fits of one sample give the same bytes")
        self.need(again.card == self.fitted.card, "two fits of one sample give the same card")
        self.need(
            _same(again.predict(self.test), self.whole), "two fits of one sample give the same forecasts"
        )

    def rows_outside(self) -> None:
        """Fit on the same rows with others behind them, whose features and labels shout."""
        n = len(self.train)
        mine = _columns(self.train)
        beyond = {
            "x": np.full_like(mine.x, 1e6),
            "y": mine.y[::-1],
            "ret": np.full(n, 9.0),
            "weight": np.full(n, 1e6),
            "t0": mine.t0 - mine.t0[0] + mine.t1.max() + 1,
            "t1": mine.t1 - mine.t0[0] + mine.t1.max() + 1,
            "symbol": mine.symbol,
        }
        both = {name: np.concatenate([getattr(mine, name), values]) for name, values in beyond.items()}
        within = Sample(Columns(**both, symbols=mine.symbols, features=mine.features), slice(0, n))
        fitted = self.model.fit(within)
        self.need(fitted.parts() == self.fitted.parts(), "the fit reads no row outside its sample")
        self.need(fitted.known_until == self.fitted.known_until, "known_until is of its own sample only")

    def saved(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = self.fitted.save(Path(name) / "model")
            back = load_model(folder)
            self.need(back.card == self.fitted.card, "a saved model reads back with its card")
            self.need(_same(back.predict(self.test), self.whole), "a saved model predicts the same bits")
            for path in sorted(folder.iterdir()):
                good = path.read_bytes()
                path.write_bytes(good[:-2] + bytes([good[-2] ^ 1]) + good[-1:])
                self._refused(lambda: load_model(folder), f"a changed {path.name} is refused", "")
                path.write_bytes(good)

    def _refused(self, call: Callable[[], object], promise: str, word: str) -> None:
        try:
            call()
        except ModelError as e:
            self.need(word in str(e), f"{promise} with a message that names {word!r}, found {str(e)!r}")
        else:
            raise AssertionError(f"{type(self.model).__name__}: {promise} with a ModelError")


def _same(a: Forecast, b: Forecast) -> bool:
    return np.array_equal(a.probability, b.probability, equal_nan=True) and np.array_equal(
        a.expected_return, b.expected_return, equal_nan=True
    )


def _joined(pieces: list[Forecast]) -> Forecast:
    return Forecast(
        pieces[0].classes,
        np.concatenate([p.probability for p in pieces]),
        np.concatenate([p.expected_return for p in pieces]),
    )


def _columns(sample: Sample) -> Columns:
    """The sample's rows alone."""
    arrays = {name: getattr(sample, name) for name in ("x", "y", "ret", "weight", "t0", "t1", "symbol")}
    return Columns(**arrays, symbols=sample.symbols, features=sample.features)


def _sample(columns: Columns) -> Sample:
    return Sample(columns, slice(0, len(columns)))
