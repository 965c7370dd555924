"""The store of bars in a folder of Parquet files.

In: ``Bars`` and corrections. Out: ``Bars`` as of a moment (the port is ``data.store``). Never here: deciding
what a good row is.

::

    manifest.json                  what is visible: per symbol its file, rows, digest; what the numbers mean
    bars/<symbol>-<digest>.parquet all versions of a symbol's bars, sorted by bar and by when known
    quarantine-<digest>.parquet    refused rows

Files are written beside, synced and renamed, and never changed; the new manifest then replaces the old one
in one rename. A write that is killed leaves the old state. Writers exclude each other by a lock on
``.lock``; readers need none, since files of the manifest before are kept until the next write.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import polars as pl

from alphatrade.core.bar import PRICES, SCHEMA, TIME, BarInfo, Bars, Status
from alphatrade.core.clock import Clock, SystemClock, iso, parse_time
from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import CausalityError, ConfigError, DataError
from alphatrade.core.provenance import hash_frame
from alphatrade.data.gap import mark_missing
from alphatrade.data.grid import Grid
from alphatrade.data.quality import QUARANTINE
from alphatrade.data.store import Receipt, Version

__all__ = ["ParquetStore"]

_FORMAT = 1
_KEEP: dict[Version, Literal["first", "last"]] = {"first": "first", "latest": "last"}
_VALUES = (*PRICES, "status", "confidence")


class ParquetStore:
    """Bars in versions, in a folder.

    Parameters
    ----------
    root : Path
        The folder; made on the first write.
    clock : Clock, optional
        Its now is the latest ``as_of`` that can be read; the system's clock where left out.
    """

    def __init__(self, root: str | Path, clock: Clock | None = None) -> None:
        self.root = Path(root)
        self._clock = clock or SystemClock()

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted(self._manifest()["symbols"]))

    @property
    def info(self) -> BarInfo:
        manifest = self._manifest()
        if manifest["info"] is None:
            raise DataError(f"the store {self.root} is empty: write bars first")
        fields = dict(manifest["info"])
        return BarInfo(**{**fields, "warnings": tuple(fields["warnings"])})

    @property
    def content_hash(self) -> str:
        parts = {symbol: entry["hash"] for symbol, entry in self._manifest()["symbols"].items()}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def quarantine(self) -> pl.DataFrame:
        entry = self._manifest()["quarantine"]
        return pl.DataFrame(schema=QUARANTINE) if entry is None else self._read(entry["file"])

    def versions(self, symbol: str) -> pl.DataFrame:
        known = self._manifest()["symbols"]
        if symbol not in known:
            raise ValueError(f"the store has no {symbol!r}{did_you_mean(symbol, list(known))}")
        return self._read(known[symbol]["file"])

    def read(
        self,
        symbols: Sequence[str] | None = None,
        start: str | datetime | int | None = None,
        end: str | datetime | int | None = None,
        as_of: str | datetime | int | None = None,
        version: Version = "first",
    ) -> Bars:
        """Bars as known at ``as_of`` (now where left out); absent ones between are marked MISSING."""
        if version not in _KEEP:
            raise ValueError(f"expected version 'first' or 'latest', found {version!r}")
        moment = self._moment(as_of)
        grid = Grid(self.info.calendar, self.info.frequency)
        known = pl.col("available_at").to_physical() <= moment
        parts = []
        for symbol in self.symbols if symbols is None else sorted(symbols):
            rows = self.versions(symbol).filter(known)
            # Sorted by available_at within a bar, so first and last are the oldest and newest version.
            rows = rows.unique("timestamp", keep=_KEEP[version], maintain_order=True)
            parts.append(_window(mark_missing(rows, grid), start, end))
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)
        return Bars(frame, self.info, self.quarantine())

    def write(self, bars: Bars, known_at: str | datetime | int | None = None) -> Receipt:
        """Add bars; see the port. ``DataError`` where values differ and ``known_at`` is left out."""
        moment = None if known_at is None else self._moment(known_at, "known_at")
        rows = bars.frame.filter(pl.col("status") != Status.MISSING)
        if rows.height and int(rows["available_at"].to_physical().max()) > self._clock.now():  # type: ignore[arg-type]
            raise CausalityError(
                f"bars known at {iso(bars.end)} cannot be written at {iso(self._clock.now())}"
            )
        with self._locked():
            before = self._manifest()
            after = {**before, "info": self._merged_info(before["info"], bars.info)}
            after["symbols"] = dict(before["symbols"])
            added = corrected = unchanged = 0
            for symbol, own in rows.partition_by("symbol", as_dict=True, maintain_order=True).items():
                name = str(symbol[0])
                merged, change = self._merge(before["symbols"].get(name), own, moment, name)
                added, corrected, unchanged = added + change[0], corrected + change[1], unchanged + change[2]
                if change[0] or change[1]:
                    after["symbols"][name] = self._put(f"bars/{quote(name, safe='')}", merged)
            after["quarantine"], refused = self._put_quarantine(before["quarantine"], bars.quarantine)
            if after != before:
                self._publish(before, after)
        return Receipt(added, corrected, unchanged, refused)

    def verify(self) -> list[str]:
        """Names of symbols whose file no longer has the digest of the manifest; empty when all is well."""
        entries = self._manifest()["symbols"].items()
        return [symbol for symbol, entry in entries if hash_frame(self._read(entry["file"])) != entry["hash"]]

    def _moment(self, t: str | datetime | int | None, name: str = "as_of") -> int:
        now = self._clock.now()
        moment = now if t is None else parse_time(t)
        if moment > now:
            raise CausalityError(f"{name} {iso(moment)} is in the future: it is {iso(now)}")
        return moment

    def _merged_info(self, stored: dict[str, Any] | None, info: BarInfo) -> dict[str, Any]:
        if stored is None:
            return {**asdict(info), "warnings": list(info.warnings)}
        for key in ("frequency", "calendar", "feed", "adjustment"):
            if stored[key] != getattr(info, key):
                raise ConfigError(
                    f"the store {self.root} holds bars of {key} {stored[key]!r}, found "
                    f"{getattr(info, key)!r}: use another store folder, or set data.{key}"
                )
        return {**stored, "warnings": list(dict.fromkeys([*stored["warnings"], *info.warnings]))}

    def _merge(
        self, entry: dict[str, Any] | None, new: pl.DataFrame, known_at: int | None, symbol: str
    ) -> tuple[pl.DataFrame, tuple[int, int, int]]:
        """All versions with the new ones, and how many rows were added, corrected, unchanged."""
        if entry is None:
            return new, (new.height, 0, 0)
        old = self._read(entry["file"])
        # A version that is stored already, corrected since or not, is a repeat.
        novel = new.join(old, on=["timestamp", "available_at", *_VALUES], how="anti", maintain_order="left")
        last = old.unique("timestamp", keep="last", maintain_order=True)
        last = last.rename({c: f"old_{c}" for c in ("available_at", *_VALUES)}).drop("symbol")
        joined = novel.join(last, on="timestamp", how="left", maintain_order="left")
        fresh = pl.col("old_close").is_null()
        same = pl.all_horizontal(pl.col(c) == pl.col(f"old_{c}") for c in _VALUES).fill_null(False)
        changed = joined.filter(~fresh & ~same)
        if known_at is not None:
            moment = pl.lit(known_at).cast(TIME)
            changed = changed.with_columns(pl.max_horizontal("available_at", moment).alias("available_at"))
        if changed.filter(pl.col("available_at") <= pl.col("old_available_at")).height:
            raise DataError(
                f"{changed.height} bars of {symbol} differ from stored ones "
                f"(first: {changed['timestamp'][0]}): say with known_at when the correction became known, "
                "later than the stored version"
            )
        added = joined.filter(fresh)
        parts = [old, added.select(list(SCHEMA)), changed.select(list(SCHEMA))]
        merged = pl.concat(parts).sort("timestamp", "available_at")
        return merged, (added.height, changed.height, new.height - added.height - changed.height)

    def _put_quarantine(
        self, entry: dict[str, Any] | None, new: pl.DataFrame
    ) -> tuple[dict[str, Any] | None, int]:
        if not new.height:
            return entry, 0
        old = pl.DataFrame(schema=QUARANTINE) if entry is None else self._read(entry["file"])
        merged = pl.concat([old, new]).unique(maintain_order=True)
        if merged.height == old.height:
            return entry, 0
        return self._put("quarantine", merged), merged.height - old.height

    def _put(self, name: str, frame: pl.DataFrame) -> dict[str, Any]:
        digest = hash_frame(frame)
        file = f"{name}-{digest[:16]}.parquet"
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        frame.write_parquet(part, compression="zstd", compression_level=3)
        _sync(part)
        part.replace(path)
        return {"file": file, "rows": frame.height, "hash": digest}

    def _publish(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        path = self.root / "manifest.json"
        part = path.with_name(".manifest.json.part")
        part.write_text(json.dumps(after, indent=1, sort_keys=True))
        _sync(part)
        part.replace(path)
        _sync(self.root)
        needed = _files(before) | _files(after)
        for file in (*self.root.glob("bars/*.parquet"), *self.root.glob("quarantine-*.parquet")):
            if str(file.relative_to(self.root)) not in needed:
                file.unlink()

    def _manifest(self) -> dict[str, Any]:
        path = self.root / "manifest.json"
        if not path.exists():
            return {"format": _FORMAT, "info": None, "symbols": {}, "quarantine": None}
        try:
            manifest: dict[str, Any] = json.loads(path.read_text())
        except ValueError as e:
            raise DataError(f"{path} is damaged: {e}; restore it, or ingest again into a new folder") from e
        if manifest.get("format") != _FORMAT:
            raise DataError(f"expected store format {_FORMAT} in {path}, found {manifest.get('format')!r}")
        return manifest

    def _read(self, file: str) -> pl.DataFrame:
        try:
            return pl.read_parquet(self.root / file)
        except (pl.exceptions.PolarsError, OSError) as e:
            reason = str(e).splitlines()[0]
            raise DataError(f"{self.root / file} cannot be read: {reason}; ingest it again") from e

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield


def _files(manifest: dict[str, Any]) -> set[str]:
    entries = [*manifest["symbols"].values(), manifest["quarantine"]]
    return {e["file"] for e in entries if e is not None}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _window(
    frame: pl.DataFrame, start: str | datetime | int | None, end: str | datetime | int | None
) -> pl.DataFrame:
    stamp = pl.col("timestamp").to_physical()
    if start is not None:
        frame = frame.filter(stamp >= parse_time(start))
    if end is not None:
        frame = frame.filter(stamp < parse_time(end))
    return frame
