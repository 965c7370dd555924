"""The journal in a database: whole entries, one writer, every change found."""

from __future__ import annotations

import sqlite3

import pytest

from alphatrade.adapters.journal import SqlJournal
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.engine import MemoryJournal, Record

HEADER = {"symbols": ["A"], "cash": 1000.0, "plan": "{}"}


def record(n):
    return Record(n, "1", "b", [], [], 0.1 * n, "f", "p", None, [1 / 3], [])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "journal.sqlite"


def filled(path, n=5):
    journal = SqlJournal(f"sqlite:///{path}")
    journal.begin(HEADER)
    for i in range(1, n + 1):
        journal.append(record(i))
    return journal


def test_what_was_written_is_read_back_after_reopening(path):
    filled(path).close()
    again = SqlJournal(f"sqlite:///{path}")
    again.begin(HEADER)
    assert list(again.records()) == [record(i) for i in range(1, 6)]
    again.append(record(6))
    assert len(list(again.records())) == 6
    again.close()


def test_it_is_durable_before_append_returns(path):
    journal = filled(path)
    with journal._engine.connect() as c:
        assert c.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert c.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    journal.close()


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE journal SET text = replace(text, '\"time\":3', '\"time\":9') WHERE n = 3",
        "UPDATE journal SET time_ns = 9 WHERE n = 3",
        "UPDATE journal SET hash = (SELECT hash FROM journal WHERE n = 2) WHERE n = 3",
        "DELETE FROM journal WHERE n = 3",
        "UPDATE journal SET n = CASE n WHEN 3 THEN 99 ELSE n END WHERE n >= 3",
    ],
)
def test_an_edited_or_removed_entry_is_found(path, edit):
    filled(path).close()
    database = sqlite3.connect(path)
    database.execute(edit)
    database.commit()
    database.close()
    journal = SqlJournal(f"sqlite:///{path}")
    with pytest.raises(DataError, match="broken at entry 3"):
        list(journal.records())
    journal.close()


def test_two_writers_are_refused(path):
    first, second = filled(path), SqlJournal(f"sqlite:///{path}")
    first.append(record(6))
    with pytest.raises(DataError, match="another session writes"):
        second.append(record(6))
    first.close()
    second.close()


def test_a_journal_of_another_session_is_refused(path):
    journal = filled(path)
    with pytest.raises(ConfigError, match=r"cash was 1000\.0, now 5\.0"):
        journal.begin({**HEADER, "cash": 5.0})
    journal.close()


def test_a_header_comes_first():
    with pytest.raises(ValueError, match="begin the journal"):
        SqlJournal("sqlite://").append(record(1))


def test_a_journal_in_memory_holds_the_same_records(path):
    journal, memory = filled(path), MemoryJournal()
    memory.begin(HEADER)
    for i in range(1, 6):
        memory.append(record(i))
    assert list(memory.records()) == list(journal.records())
    assert memory.head() != memory.__class__().head()
    journal.close()
