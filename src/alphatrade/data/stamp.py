"""Time stamps as sources write them, turned into nanoseconds UTC.

In: a column of dates, times, text or whole numbers, and the settings that say what they mean. Out: a
``Datetime("ns", "UTC")`` column, null where a cell could not be read. Never here: a guess. A time without
zone needs ``timezone``, a whole number ``time_unit``, a date such as 03/04/2021 ``time_format``.

A column of dates (also: midnights only) needs no zone: it comes out as midnights UTC, and the calendar later
says which session each date is.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from alphatrade.core.bar import TIME
from alphatrade.core.errors import ConfigError

__all__ = ["Stamps", "parse_stamps"]

_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
_TIMES = ("%H:%M:%S%.f", "%H:%M", "%H%M%S")
_ZONE = r"(Z|UTC|[+-]\d{2}:?\d{2})$"
_UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


@dataclass(frozen=True)
class Stamps:
    """Parsed stamps: ``values`` in nanoseconds UTC, whether they are ``dates``, the ``zone`` they were in."""

    values: pl.Series
    dates: bool
    zone: str


def parse_stamps(
    column: pl.Series,
    *,
    timezone: str | None = None,
    time_format: str | None = None,
    time_unit: str | None = None,
) -> Stamps:
    """Read a column of stamps.

    Parameters
    ----------
    column : polars.Series
        ``Date``, ``Datetime``, ``String`` or whole numbers.
    timezone : str, optional
        Zone of times that carry none, such as ``"America/New_York"``. Without it they raise ``ConfigError``.
    time_format : str, optional
        strftime format of text that is not ISO 8601, such as ``"%d/%m/%Y %H:%M"``.
    time_unit : str, optional
        ``s``, ``ms``, ``us`` or ``ns``: what whole numbers count since 1970 UTC.

    Examples
    --------
    >>> parse_stamps(pl.Series(["2021-03-01"])).dates
    True
    >>> parse_stamps(pl.Series(["2021-03-01 09:30"]), timezone="America/New_York").values.dt.hour().to_list()
    [14]
    """
    _check_zone(timezone)
    if column.dtype == pl.String:
        blank = column.str.strip_chars()
        column, zone = _from_text(blank.set(blank == "", None), time_format)
        if zone:
            return Stamps(column, False, zone)
    if column.dtype.is_integer():
        return _from_numbers(column, time_unit)
    if column.dtype == pl.Date:
        return Stamps(_named(column.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")), True, "dates")
    if not isinstance(column.dtype, pl.Datetime):
        raise ConfigError(
            f"expected dates or times in column {column.name!r}, found {column.dtype}: set columns"
        )
    return _from_datetimes(column, timezone)


def _check_zone(timezone: str | None) -> None:
    if timezone is None:
        return
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"unknown timezone {timezone!r}: use a name such as 'America/New_York' or 'UTC'"
        ) from None


def _named(column: pl.Series) -> pl.Series:
    return column.cast(TIME).alias("stamp")


def _from_numbers(column: pl.Series, time_unit: str | None) -> Stamps:
    if time_unit not in _UNITS:
        raise ConfigError(
            f"column {column.name!r} holds whole numbers (first: {column.drop_nulls()[:1].to_list()}): "
            f"set time_unit to one of {', '.join(_UNITS)}, found {time_unit!r}; dates must be text"
        )
    return Stamps(_named(column.cast(pl.Int64) * _UNITS[time_unit]), False, "UTC")


def _from_datetimes(column: pl.Series, timezone: str | None) -> Stamps:
    zone = column.dtype.time_zone  # type: ignore[attr-defined]
    known = column.drop_nulls()
    if not len(known):
        return Stamps(_named(column.dt.replace_time_zone("UTC")), False, "UTC")
    wall = known.dt.replace_time_zone(None).dt.time()
    if bool((wall == pl.Series([0]).cast(pl.Time)[0]).all()):
        midnights = column.dt.replace_time_zone(None).dt.replace_time_zone("UTC")
        return Stamps(_named(midnights), True, "dates")
    if zone is None and timezone is None:
        raise ConfigError(
            f"times in column {column.name!r} carry no time zone (first: {known[0]}): "
            "set timezone, such as timezone='America/New_York' or timezone='UTC'"
        )
    if zone is None:
        column = column.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return Stamps(_named(column.dt.convert_time_zone("UTC")), False, str(zone or timezone))


def _from_text(column: pl.Series, time_format: str | None) -> tuple[pl.Series, str]:
    """Parse text: a zoned column comes back in UTC with its zone named, another one naive with ``""``."""
    if time_format is not None:
        parsed = column.str.to_datetime(time_format, strict=False, time_unit="ns")
        zone = parsed.dtype.time_zone  # type: ignore[attr-defined]
        return (_named(parsed), "UTC offset in the text") if zone else (parsed, "")
    known = column.drop_nulls()
    if not len(known):
        return column.cast(pl.Datetime("ns")), ""
    zoned = bool(known[:1].str.contains(r":.*" + _ZONE)[0])
    text = column.str.replace(r"(\d)T(\d)", "${1} ${2}")
    for date in _DATES:
        # A format is right when it reads the first cell; what it cannot read below goes to quarantine.
        if _parse_as(text.drop_nulls()[:1], date, zoned)[0] is not None:
            parsed = _parse_as(text, date, zoned)
            return (_named(parsed), "UTC offset in the text") if zoned else (parsed, "")
    raise ConfigError(
        f"expected ISO dates or times in column {column.name!r}, found {known[0]!r}: "
        "set time_format, such as time_format='%d/%m/%Y %H:%M'"
    )


def _parse_as(text: pl.Series, date: str, zoned: bool) -> pl.Series:
    if zoned:
        offset = text.str.replace(r" *(Z|UTC)$", "+00:00").str.replace(r" +([+-]\d{2}:?\d{2})$", "${1}")
        formats = [f"{date} {time}%z" for time in _TIMES]
        tries = [offset.str.to_datetime(f, strict=False, time_unit="ns", time_zone="UTC") for f in formats]
    else:
        formats = [*(f"{date} {time}" for time in _TIMES)]
        tries = [text.str.to_datetime(f, strict=False, time_unit="ns") for f in formats]
        tries.append(text.str.to_date(date, strict=False).cast(pl.Datetime("ns")))
    return pl.select(pl.coalesce(tries)).to_series().alias(text.name)
