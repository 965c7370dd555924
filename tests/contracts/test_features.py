"""Every registered feature keeps the contract, and the contract catches what it should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from alphatrade.core.kernel import kernel
from alphatrade.features import Feature, features
from alphatrade.testing import check_feature


def one_of_each():
    kinds = [features.get(k) for k in features]
    return [cls(*variant) for cls in kinds for variant in (cls.variants[:1] or ((),))]


@pytest.mark.parametrize("feature", one_of_each(), ids=lambda f: f.name)
def test_feature_keeps_the_contract(feature):
    check_feature(feature)


@pytest.mark.parametrize("name", ["rsi_14@1h", "zscore_20@1d", "xs_rank_ret_20@1h"])
def test_lifted_feature_keeps_the_contract(name):
    check_feature(name)


@kernel
def peek(i0, i1, x, out):
    for i in range(i0, i1):
        out[i] = x[i + 1] if i + 1 < i1 else x[i]


@kernel(state=1)
def total(s, i0, i1, x, out):
    for i in range(i0, i1):
        s[0] += x[i]
        out[i] = s[0]


@kernel(hist=1)
def short_history(i0, i1, x, out):
    for i in range(i0, i1):
        out[i] = x[i - 3]


@dataclass(frozen=True)
class Broken(Feature):
    """Breaks a promise."""

    n: int = 1
    family: ClassVar = "test"


def broken(name, **members):
    """A feature of a broken kind, registered for the length of a test."""
    return dataclass(frozen=True)(type(name, (Broken,), {"__doc__": "Breaks a promise.", **members}))


@pytest.fixture
def registered(monkeypatch):
    def register(cls):
        monkeypatch.setitem(features._classes, "broken", cls)
        monkeypatch.setattr(cls, "kind", "broken", raising=False)
        return cls()

    return register


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"graph": lambda self, b: peek(b.close)}, "other bits"),
        ({"graph": lambda self, b: total(b.close), "memory": "anchored"}, "leave its state alone"),
        ({"graph": lambda self, b: total(b.close)}, "memory is window"),
        ({"graph": lambda self, b: b.ret}, "lookback says 1"),
        ({"graph": lambda self, b: short_history(b.close)}, "other bits|interpreted"),
        ({"graph": lambda self, b: b.close, "family": ""}, "names no family"),
    ],
)
def test_a_broken_promise_is_named(registered, members, message):
    with pytest.raises(AssertionError, match=message):
        check_feature(registered(broken("Broken", **members)))
