"""The trial ledger in a database: append-only, hash-chained, SQLite by default.

In: trials. Out: their count and the chain's head. Never here: what the count does to a verdict
(``research``). Every recording is kept, repeats too; ``trials`` answers with the distinct ones. Each row's
hash covers the row and the hash of the row before it, so that an edited or removed row breaks the chain,
which every opening of the ledger checks.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alphatrade.core.clock import SystemClock
from alphatrade.core.errors import DataError
from alphatrade.core.trials import Trial

__all__ = ["SqlTrials"]

_META = sa.MetaData()
_TABLE = sa.Table(
    "trials",
    _META,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at_ns", sa.BigInteger, nullable=False),
    sa.Column("config_hash", sa.String(64), nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sharpe_hex", sa.String(32), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
_EMPTY = "0" * 64


def _chained(before: str, row: tuple[object, ...]) -> str:
    return hashlib.sha256("|".join([before, *map(str, row)]).encode()).hexdigest()


class SqlTrials:
    """The ledger behind ``url`` (``sqlite:///path`` or any SQLAlchemy URL).

    Examples
    --------
    >>> ledger = SqlTrials("sqlite://")
    >>> t = Trial("c", "d", "trial", 0.1, 250)
    >>> ledger.record(t), ledger.record(t), len(ledger.trials("d"))
    (True, False, 1)
    """

    def __init__(self, url: str) -> None:
        database = sa.make_url(url).database
        if url.startswith("sqlite") and database:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(url)
        _META.create_all(self._engine)
        self.verify()

    def _rows(self, c: sa.Connection) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in c.execute(sa.select(_TABLE).order_by(_TABLE.c.seq))]

    def verify(self) -> int:
        """Walk the chain; the number of rows, or ``DataError`` naming the first broken one."""
        head = _EMPTY
        with self._engine.connect() as c:
            rows = self._rows(c)
        for i, row in enumerate(rows):
            head = _chained(head, tuple(row[:-1]))
            if row[0] != i or row[-1] != head:
                raise DataError(
                    f"the trial ledger is broken at row {i}: it was edited, or rows were removed. "
                    "Restore it from a copy; its counts cannot be trusted as it is"
                )
        return len(rows)

    def record(self, trial: Trial) -> bool:
        with self._engine.begin() as c:
            if c.dialect.name == "sqlite":
                c.exec_driver_sql(
                    "BEGIN IMMEDIATE"
                ) if not c.connection.dbapi_connection.in_transaction else None  # type: ignore[union-attr]
            rows = self._rows(c)
            new = not any(r[2:5] == (trial.config_hash, trial.data_hash, trial.kind) for r in rows)
            head = str(rows[-1][-1]) if rows else _EMPTY
            row = (
                len(rows),
                SystemClock().now(),
                trial.config_hash,
                trial.data_hash,
                trial.kind,
                float(trial.sharpe).hex(),
                trial.n,
            )
            c.execute(_TABLE.insert().values((*row, _chained(head, row))))
        return new

    def trials(self, data_hash: str, kind: str = "trial") -> list[Trial]:
        found: dict[str, Trial] = {}
        with self._engine.connect() as c:
            for row in self._rows(c):
                _, _, config, data, what, sharpe, n, _ = row
                if data == data_hash and what == kind:
                    trial = Trial(str(config), str(data), str(what), float.fromhex(str(sharpe)), int(str(n)))
                    found.setdefault(trial.config_hash, trial)
        return list(found.values())

    def head(self) -> str:
        with self._engine.connect() as c:
            row = c.execute(sa.select(_TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)).first()
        return str(row[0]) if row else _EMPTY

    def all(self) -> list[tuple[int, Trial]]:
        """Every recording with its time (ns), repeats included."""
        with self._engine.connect() as c:
            return [
                (
                    int(str(r[1])),
                    Trial(str(r[2]), str(r[3]), str(r[4]), float.fromhex(str(r[5])), int(str(r[6]))),
                )
                for r in self._rows(c)
            ]
