"""Where things are kept, and which bars a study names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alphatrade.app import wiring
from alphatrade.app.wiring import load_study_bars, runs_folder
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.core.trials import Trial
from alphatrade.data import synthetic_bars
from alphatrade.research.study import DataSection


def test_runs_are_where_the_argument_says_or_the_variable_or_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALPHATRADE_RUNS", raising=False)
    assert runs_folder() == Path("runs")
    monkeypatch.setenv("ALPHATRADE_RUNS", "/somewhere")
    assert runs_folder() == Path("/somewhere")
    assert runs_folder("mine") == Path("mine")


def test_the_ledger_is_at_home_unless_a_database_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALPHATRADE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ALPHATRADE_LEDGER", raising=False)
    wiring.ledger().record(Trial("c", "d", "trial", 0.1, 10))
    assert (tmp_path / "home" / "trials.sqlite").exists()
    monkeypatch.setenv("ALPHATRADE_LEDGER", f"sqlite:///{tmp_path / 'team.sqlite'}")
    assert wiring.ledger().all() == []
    assert (tmp_path / "team.sqlite").exists()


def test_the_sample_is_read_with_what_the_study_asks_of_it() -> None:
    whole = load_study_bars(DataSection(source="sample"))
    part = load_study_bars(
        DataSection(
            source="sample", symbols=["IBM"], start="2005-01-01", end="2006-01-01", bars_per_year=250.0
        )
    )
    assert part.symbols == ("IBM",)
    assert 240 < len(part) < 260
    assert part.info.periods_per_year == 250.0
    assert part.frame.equals(whole.only(["IBM"]).between("2005-01-01", "2006-01-01").frame)


def test_a_synthetic_market_is_made_from_its_seed() -> None:
    found = load_study_bars(DataSection(source="synthetic", market="random", seed=4))
    assert found.hash == synthetic_bars("random", seed=4).hash


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({}, "data.path is missing: name a CSV or Parquet file, or set data.source = 'sample'"),
        ({"source": "synthetic"}, "data.market is missing: name 'random' or 'planted'"),
        ({"source": "sample", "session": "all"}, "set data.bars_per_year"),
        ({"source": "sample", "start": "2050-01-01"}, "no bars left between 2050-01-01 and None"),
        ({"source": "sample", "symbols": ["AAPLE"]}, "AAPLE"),
        ({"path": "/no/such/bars.csv"}, "/no/such/bars.csv"),
    ],
)
def test_bars_that_cannot_be_had_say_which_key_to_change(section: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, DataError, ValueError, FileNotFoundError), match=message):
        load_study_bars(DataSection.model_validate(section))
