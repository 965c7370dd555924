"""The engine's journal in a database: one transaction a slice, hash-chained, SQLite by default.

In: records. Out: the same records, vouched for. Never here: what they mean (``engine.journal``).

SQLite runs with a write-ahead log and ``synchronous=FULL``: when ``append`` returns, the entry is on disk.
Entry 0 is the session's header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alphatrade.core.errors import DataError
from alphatrade.engine.journal import EMPTY, Record, chained, require_header

__all__ = ["SqlJournal"]

_META = sa.MetaData()
_TABLE = sa.Table(
    "journal",
    _META,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time_ns", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)


def _durable(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class SqlJournal:
    """The journal behind ``url`` (``sqlite:///path`` or any SQLAlchemy URL). One session, one writer.

    Examples
    --------
    >>> journal = SqlJournal("sqlite://")
    >>> journal.begin({"cash": 1000.0})
    >>> list(journal.records())
    []
    """

    def __init__(self, url: str) -> None:
        database = sa.make_url(url).database
        if url.startswith("sqlite") and database:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _durable)
        _META.create_all(self._engine)
        self._next, self._head = self._end()

    def _end(self) -> tuple[int, str]:
        last = sa.select(_TABLE.c.n, _TABLE.c.hash).order_by(_TABLE.c.n.desc()).limit(1)
        with self._engine.connect() as c:
            row = c.execute(last).first()
        return (0, EMPTY) if row is None else (int(row[0]) + 1, str(row[1]))

    def _write(self, time: int, text: str) -> None:
        head = chained(self._head, text)
        row = {"n": self._next, "time_ns": time, "text": text, "hash": head}
        try:
            with self._engine.begin() as c:
                c.execute(_TABLE.insert().values(row))
        except sa.exc.IntegrityError as e:
            raise DataError(
                f"journal entry {self._next} is already there: another session writes to this journal. "
                "Stop one of them, or give each its own"
            ) from e
        self._next, self._head = self._next + 1, head

    def begin(self, header: dict[str, Any]) -> None:
        text = json.dumps(header, sort_keys=True, separators=(",", ":"))
        if self._next == 0:
            self._write(0, text)
            return
        with self._engine.connect() as c:
            written = c.execute(sa.select(_TABLE.c.text).where(_TABLE.c.n == 0)).scalar_one()
        require_header(json.loads(written), json.loads(text))

    def append(self, record: Record) -> None:
        if self._next == 0:
            raise ValueError("begin the journal with a header before the first slice")
        self._write(record.time, record.text())

    def records(self) -> Iterator[Record]:
        before = EMPTY
        with self._engine.connect() as c:
            rows = c.execution_options(yield_per=1000).execute(sa.select(_TABLE).order_by(_TABLE.c.n))
            for i, (n, time, text, digest) in enumerate(rows):
                before = chained(before, text)
                if n != i or digest != before or (n > 0 and json.loads(text)["time"] != time):
                    raise DataError(
                        f"the journal is broken at entry {i}: it was edited, or entries were removed. "
                        "Restore it from a copy"
                    )
                if n > 0:
                    yield Record.parse(text)

    def head(self) -> str:
        return self._head

    def close(self) -> None:
        """Release the database's files."""
        self._engine.dispose()
