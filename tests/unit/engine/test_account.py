"""The account: fills folded up, marked, and shown as the view."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.core.order import Fill, Order
from alphatrade.engine import Account, StoredFeed, trailing_volatility
from alphatrade.engine.port import Slice


def slow_volatility(closes, span, warm_up):
    """The definition, spelled out."""
    decay = 1.0 - 2.0 / (span + 1.0)
    out, returns, last = [], [], math.nan
    for close in closes:
        if not math.isnan(close):
            if not math.isnan(last):
                returns.append(close / last - 1.0)
            last = close
        weights = [decay**k for k in range(len(returns))][::-1]
        squares = sum(w * r * r for w, r in zip(weights, returns))
        out.append(math.sqrt(squares / sum(weights)) if len(returns) >= warm_up else math.nan)
    return np.array(out)


def slice_of(n, closes, session=0):
    closes = np.array(closes, float)
    bars = np.repeat(closes[:, None], 5, axis=1)
    return Slice((n + 1) * 10**9, bars, np.full(len(closes), n, np.int32), session)


def fill(qty, price, symbol=0, commission=1.0):
    return Fill(1, symbol, 0, qty, price, commission, 0.5, 0.25)


def test_trailing_volatility_is_the_weighted_mean_square_of_one_bar_returns(bars_of):
    blocks = bars_of(2, 120).slices.bars
    found = trailing_volatility(blocks, span=30, warm_up=7)
    for s in range(2):
        np.testing.assert_allclose(found[:, s], slow_volatility(blocks[:, s, 3], 30, 7), rtol=1e-12)


def test_every_view_shows_the_trailing_volatility_of_the_chunk(bars_of):
    feed = StoredFeed(bars_of())
    account = Account(feed.symbols, 1000.0, span=40, warm_up=5)
    whole = trailing_volatility(feed.blocks, span=40, warm_up=5)
    for t, slice in enumerate(feed):
        account.observe(slice)
        np.testing.assert_array_equal(account.view.volatility, whole[t])


def test_cash_equity_and_weights_follow_fills_and_closes():
    account = Account(("A", "B"), 1000.0)
    account.record(fill(10.0, 20.0))
    account.record(fill(-5.0, 40.0, symbol=1))
    account.observe(slice_of(0, [22.0, 40.0]))
    view = account.view
    assert view.cash == 1000.0 - 200.0 + 200.0 - 2.0
    assert view.equity == 998.0 + 220.0 - 200.0
    np.testing.assert_allclose(view.weight, [220.0 / 1018.0, -200.0 / 1018.0])
    assert view.gross == pytest.approx(420.0 / 1018.0)
    assert account.total[-2:].tolist() == [400.0, 3.5]


def test_an_absent_symbol_is_valued_at_its_last_close():
    account = Account(("A", "B"), 1000.0)
    account.observe(slice_of(0, [20.0, 40.0]))
    account.record(fill(10.0, 20.0, commission=0.0))
    account.observe(slice_of(1, [math.nan, 41.0]))
    assert account.view.equity == 1000.0
    np.testing.assert_array_equal(account.view.close, [20.0, 41.0])
    np.testing.assert_array_equal(account.view.present, [False, True])


def test_drawdown_and_the_sessions_loss_are_positive_fractions():
    account = Account(("A",), 1000.0)
    account.record(fill(10.0, 100.0, commission=0.0))
    seen = []
    for n, (close, session) in enumerate(
        [(100, 0), (120, 0), (90, 0), (108, 1), (81, 1), (100, 1), (100, 2)]
    ):
        account.observe(slice_of(n, [close], session))
        seen.append((account.view.drawdown, account.view.day_loss))
    expected = [(0, 0), (0, 0), (0.25, 0.1), (0.1, 0.0), (0.325, 0.1), (1 / 6, 0.1), (1 / 6, 0)]
    np.testing.assert_allclose(seen, expected, atol=1e-12)


def test_orders_count_as_planned_until_they_fill_or_the_broker_drops_them():
    account = Account(("A",), 1000.0)
    account.observe(slice_of(0, [10.0]))
    account.commit(Order(1, 0, 50.0))
    assert account.view.pending[0] == 50.0
    assert account.view.planned_gross == 500.0
    account.record(Fill(1, 0, 0, 20.0, 10.0, 0.0, 0.0, 0.0))
    assert account.view.pending[0] == 30.0
    account.set_pending([])
    account.observe(slice_of(1, [10.0]))
    assert (account.view.pending[0], account.view.planned_gross, account.on_order) == (0.0, 200.0, False)


def test_an_account_goes_on_from_a_saved_one(bars_of):
    feed = StoredFeed(bars_of())
    slices = list(feed)
    first, second = Account(feed.symbols, 1000.0), Account(feed.symbols, 1000.0)
    for slice in slices[:60]:
        first.observe(slice)
    first.record(fill(3.0, 100.0))
    second.restore(first.save())
    for slice in slices[60:]:
        first.observe(slice)
        second.observe(slice)
        np.testing.assert_array_equal(first.total, second.total)
        np.testing.assert_array_equal(first.block, second.block)


def test_cash_must_be_above_zero():
    with pytest.raises(ValueError, match="cash must be above 0"):
        Account(("A",), 0.0)
