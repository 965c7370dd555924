"""Every registered splitter keeps the contract; splitters that break it are caught."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from alphatrade.dataset import Proposal, PurgedKFold, WalkForward, splitters
from alphatrade.testing.splitter import check_splitter, span_sample

VARIANTS = [
    PurgedKFold(2, embargo="5d"),
    PurgedKFold(10, embargo=0, purge_gap="10 bars"),
    WalkForward(train="1y", test="1q", embargo="1d"),
    WalkForward(train="252 bars", test="63 bars", embargo=0.01),
    WalkForward(train="6mo", test="21d", min_train="3mo"),
    WalkForward(test="1y"),
]


@pytest.mark.parametrize("kind", splitters.names())
def test_every_registered_splitter_keeps_its_contract(kind: str) -> None:
    check_splitter(splitters.build(kind))


@pytest.mark.parametrize("splitter", VARIANTS, ids=repr)
def test_variants_keep_it_on_other_spans(splitter: PurgedKFold | WalkForward) -> None:
    for seed in (1, 2):
        check_splitter(splitter, span_sample(seed, symbols=2, longest=40))


@dataclass(frozen=True)
class Faulty:
    """Two blocks, with one fault."""

    fault: str
    min_train_rows: int = 1
    min_test_rows: int = 1
    past_only: ClassVar[bool] = False
    tests_each: ClassVar[int | None] = 1

    def propose(self, times: np.ndarray) -> Iterator[Proposal]:
        start, end = int(times[0]), int(times[-1]) + 1
        middle = int(times[len(times) // 2])
        whole = ((start, end),)
        match self.fault:
            case "tests one block only":
                yield Proposal(((start, middle),), whole)
            case "tests a block twice":
                for lo, hi in ((start, middle), (middle, end), (middle, end)):
                    yield Proposal(((lo, hi),), whole)
            case "empty interval":
                yield Proposal(((middle, middle),), whole)
            case "random":
                cut = int(np.random.default_rng().integers(start + 1, end))
                yield Proposal(((start, cut),), whole)
                yield Proposal(((cut, end),), whole)
            case _:
                return


@pytest.mark.parametrize(
    "fault", ["tests one block only", "tests a block twice", "empty interval", "random", "no folds"]
)
def test_the_check_catches(fault: str) -> None:
    with pytest.raises(AssertionError):
        check_splitter(Faulty(fault))


def test_training_on_the_future_is_caught_where_the_past_is_promised() -> None:
    class Oracle(PurgedKFold):
        past_only: ClassVar[bool] = True

    with pytest.raises(AssertionError, match="trains on its future"):
        check_splitter(Oracle(3))
