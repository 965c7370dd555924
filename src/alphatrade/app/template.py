"""The commented study that ``alphatrade init`` writes.

In: a name and a data file. Out: TOML text whose every value is the default or must be looked at. Never here:
reading it.
"""

from __future__ import annotations

import json

__all__ = ["study_template"]

_TEMPLATE = """\
# A study says everything a run needs. Start it with: alphatrade run {name}.toml
# Unknown keys are refused, with the nearest known one.
name = {name_text}
seed = 0               # every random draw follows from it
hold_out = 0.2         # the last part of the data, opened once, and only when the development gates pass

[data]
path = {data_text}     # CSV or Parquet, beside this file: symbol, timestamp, open, high, low, close, volume
calendar = "XNYS"      # exchange sessions; "24/7" for crypto, "24/5" for currencies
# frequency = "15m"    # read from the data when left out
# timezone = "UTC"     # needed where stamps carry no zone
# stamp = "open"       # whether a bar is stamped at its "open" or its "close"
session = "regular"    # "all" keeps bars outside the regular session
feed = "unknown"       # whose volume this is: SIP, IEX, ...; a model is refused on another feed
adjustment = "unknown" # raw, splits, or vendor@date

[features]             # the whole catalogue, unless names are given
# names = ["rsi_14", "macd_12_26_9", "zscore_20", "rsi_14@1h"]
# exclude = ["xs_rank_ret_20"]
# timeframes = ["1h"]  # adds rsi_14@1h and others to the catalogue; longer than the bars

[labels]
kind = "triple_barrier"
profit = 2.0           # in Wilder ATR(14) of the decision bar, from the entry price
stop = 1.0
horizon = 20           # bars
entry = "next_open"    # what a fill can get

[split]
kind = "walk_forward"
train = "2y"           # length of the training window, or "all" for an expanding one
test = "1q"            # a refit every calendar quarter
embargo = "1d"

[model]
kind = "lightgbm"      # or "logistic"

[strategy]
kind = "forecast"      # trade the expected return, with a band that keeps turnover down

[allocator]
kind = "volatility_target"

[limits]
max_position = 0.25    # fractions of equity
max_gross = 1.0

[costs]                # costs decide money: look at each, or write preset = "us_equity"
commission_bps = 1.0
commission_per_share = 0.0
commission_min = 1.0   # account currency, an order
spread_bps = 6.0       # the whole spread; half of it is paid on each side
slippage_bps = 1.0
slippage_coefficient = 0.01
participation = 0.1    # largest share of a bar's volume

[gates]                # overriding a gate is recorded and shown in the report
# sharpe = 0.5
"""


def study_template(name: str, data: str) -> str:
    """The text of a new study called ``name`` on the file ``data``."""
    return _TEMPLATE.format(name=name, name_text=json.dumps(name), data_text=json.dumps(data))
