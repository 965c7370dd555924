"""Programs stay inside their memory, whatever the lengths of symbols and chunks, on any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.properties import kernel_memory

from alphatrade.core.bar import INPUTS, Bars, SymbolBars
from alphatrade.core.kernel import Graph, kernel
from alphatrade.core.kernel.program import Program
from alphatrade.features import FeatureSet
from alphatrade.testing import rough_bars

MIXED = [
    "sma_20",
    "rsi_14",
    "macd_12_26_9",
    "volatility_20",
    "aroon_25",
    "psar",
    "sma_ratio_20@1h",
    "xs_rank_ret_5",
]


def test_programs_stay_inside_their_memory():
    """In a process of its own, with every freed byte overwritten: one access outside ends it."""
    environment = {**os.environ, "MALLOC_PERTURB_": "165", "MALLOC_CHECK_": "3"}
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.properties.kernel_memory", "700"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "45 runs\n"


@kernel(hist=1)
def reads_too_far(i0, i1, x, out):
    for i in range(i0, i1):
        out[i] = x[i - 3]


def test_poison_shows_a_read_beyond_the_declared_history():
    graph = Graph()
    program = Program(graph, [reads_too_far(graph.input("close"))])
    inputs, ok = rough_bars(300, ("A",)).arrays("A").inputs, np.ones(295, bool)
    inputs = np.ascontiguousarray(inputs[:, :295])
    plain = kernel_memory.run(program, inputs, ok, 64, "plain", 1)
    poisoned = kernel_memory.run(program, inputs, ok, 64, "poison", 1)
    assert not np.array_equal(plain, poisoned, equal_nan=True)


def uneven(symbols: int = 30) -> Bars:
    """Symbols of 1 to some hundred rows."""
    whole = rough_bars(500, [f"S{k:02d}" for k in range(symbols)])
    length = {f"S{k:02d}": [1, 2, 3, 31, 32, 33, 65, 200, 450][k % 9] for k in range(symbols)}
    row = pl.int_range(pl.len()).over("symbol")
    keep = row < pl.col("symbol").replace_strict(length, return_dtype=pl.Int64)
    return Bars(whole.frame.filter(keep), whole.info)


def test_threads_side_by_side_give_the_bits_of_one():
    bars, features = uneven(), FeatureSet(MIXED)
    expected = features.block(bars, threads=1)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda threads: FeatureSet(MIXED).block(bars, threads), [1, 2, 3, 2, 1, 4]))
    for blocks in found:
        for symbol, block in expected.items():
            assert np.array_equal(block.view(np.uint32), blocks[symbol].view(np.uint32))


def test_symbols_without_rows_are_nothing():
    bars, features = uneven(3), FeatureSet(MIXED)
    run = features.start(["S00", "S01", "S02", "S03"], bars.info)
    empty = SymbolBars(
        "S01", np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((len(INPUTS), 0)), np.zeros(0, bool)
    )
    found = run.advance_arrays({"S00": bars.arrays("S00"), "S01": empty})
    assert found["S01"].shape == (len(features), 0)
    assert found["S00"].shape == (len(features), 1)
    assert features.block(bars.before("2000-01-01")) == {}


@pytest.mark.parametrize("wrong", ["rows", "type"])
def test_arrays_that_compiled_code_would_misread_are_refused(wrong):
    features = FeatureSet(["sma_20"])
    run = features.start(["A"], rough_bars(5, ("A",)).info)
    inputs = np.zeros((len(INPUTS), 4), np.float32 if wrong == "type" else np.float64)
    part = SymbolBars("A", np.arange(4), np.arange(4) + 1, inputs, np.ones(4 if wrong == "type" else 3, bool))
    with pytest.raises(ValueError, match=r"expected (inputs|ok) of shape"):
        run.advance_arrays({"A": part})
