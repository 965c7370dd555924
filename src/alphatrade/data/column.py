"""What vendors call the columns of a bar.

In: the column names of a source. Out: which of them is the time, the symbol, each price and the volume. Never
here: values. Two columns that could both be the close are not chosen between: ``columns`` must say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError, DataError

__all__ = ["ALIASES", "match_columns"]

# Names as several vendors write them, lower case, letters and digits only, a leading "1." taken off.
# An adjusted close is no alias of close: mixing it with unadjusted open, high and low breaks every bar.
ALIASES: dict[str, tuple[str, ...]] = {
    "time": (
        "timestamp",
        "datetime",
        "dateandtime",
        "opentime",
        "starttime",
        "gmttime",
        "date",
        "time",
        "ts",
        "t",
        "begin",
    ),
    "symbol": ("symbol", "ticker", "sym", "instrument", "asset", "tic", "secid", "s"),
    "open": ("open", "openprice", "o", "priceopen", "first"),
    "high": ("high", "highprice", "h", "pricehigh", "max"),
    "low": ("low", "lowprice", "l", "pricelow", "min"),
    "close": ("close", "closeprice", "c", "priceclose", "last", "closelast"),
    "volume": ("volume", "vol", "v", "totalvolume", "tradedvolume", "qty"),
}


def _plain(name: str) -> str:
    letters = "".join(ch for ch in name.lower() if ch.isalnum())
    return letters.lstrip("0123456789") or letters


def match_columns(
    found: Sequence[str],
    given: Mapping[str, str] | None = None,
    where: str = "the source",
    symbol: bool = True,
) -> dict[str, tuple[str, ...]]:
    """Name the source's columns for ``time``, ``symbol``, the prices and the volume.

    ``time`` may be two columns, a date and a time of day. ``symbol`` is left out when the source has none and
    ``symbol`` is False. A missing or ambiguous column raises, and names the setting ``columns``.

    >>> match_columns(["Date", "Ticker", "Open", "High", "Low", "Close", "Volume", "Adj Close"])["close"]
    ('Close',)
    """
    given = given or {}
    for key, name in given.items():
        if key not in ALIASES:
            raise ConfigError(f"unknown key {key!r} in columns{did_you_mean(key, list(ALIASES))}")
        if name not in found:
            raise ConfigError(f"columns names {name!r} as {key}, but {where} has {list(found)}")
    taken = set(given.values())
    result: dict[str, tuple[str, ...]] = {}
    for key, aliases in ALIASES.items():
        if key in given:
            result[key] = (given[key],)
            continue
        matches = [n for n in found if n not in taken and _plain(n) in aliases]
        chosen = _choose(key, matches, where)
        if chosen:
            result[key] = chosen
        elif key != "symbol" or symbol:
            raise DataError(
                f"expected a column for {key} in {where}, found {list(found)}: "
                f"rename it, or set columns={{'{key}': '<its name>'}}"
            )
    return result


def _choose(key: str, matches: list[str], where: str) -> tuple[str, ...]:
    if key == "time" and len(matches) > 1:
        plain = {_plain(n): n for n in matches}
        if {"date", "time"} == set(plain):
            return plain["date"], plain["time"]
    if len(matches) > 1:
        raise ConfigError(
            f"{where} has several columns for {key}: {matches}; choose one, "
            f"as by columns={{'{key}': '{matches[0]}'}}"
        )
    return tuple(matches)
