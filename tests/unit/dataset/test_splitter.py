"""What splitters propose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.dataset import PurgedKFold, WalkForward, splitters


def days(start: str, end: str) -> np.ndarray:
    """16:00 UTC of every weekday in [start, end)."""
    found = np.arange(np.datetime64(start), np.datetime64(end))
    return (found[np.is_busday(found)].astype("M8[ns]") + np.timedelta64(16, "h")).astype(np.int64)


def dates(windows: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [tuple(str(np.datetime64(t, "ns").astype("M8[D]")) for t in w) for w in windows]  # type: ignore[misc]


def proposed(splitter: WalkForward, times: np.ndarray) -> tuple[list[Any], list[Any]]:
    found = list(splitter.propose(times))
    return dates([p.train[0] for p in found]), dates([p.test[0] for p in found])


def test_quarters_follow_the_calendar_and_the_last_runs_to_the_last_bar() -> None:
    train, test = proposed(WalkForward(), days("2020-01-02", "2021-08-14"))
    assert test == [("2021-01-01", "2021-04-01"), ("2021-04-01", "2021-07-01"), ("2021-07-01", "2021-08-13")]
    assert train == [("2020-01-02", t[0]) for t in test]


def test_a_rolling_window_is_at_most_its_length_and_starts_with_what_there_is() -> None:
    train, test = proposed(WalkForward(train="2y", test="1y"), days("2015-01-01", "2020-01-01"))
    assert [t[0] for t in test] == ["2016-01-01", "2017-01-01", "2018-01-01", "2019-01-01"]
    assert [t[0] for t in train] == ["2015-01-01", "2015-01-01", "2016-01-01", "2017-01-01"]


def test_data_that_start_within_a_week_of_the_border_count_as_whole() -> None:
    assert proposed(WalkForward(), days("2020-01-06", "2021-03-01"))[1][0][0] == "2021-01-01"
    assert proposed(WalkForward(), days("2020-01-16", "2021-06-01"))[1][0][0] == "2021-04-01"


def test_windows_counted_in_bars_follow_the_data() -> None:
    times = np.arange(100) * 7
    found = list(WalkForward(train="40 bars", test="25 bars", min_train="30 bars").propose(times))
    assert [p.test[0][0] // 7 for p in found] == [30, 55, 80]
    assert [p.train[0][0] // 7 for p in found] == [0, 15, 40]


def test_a_day_is_a_day_with_data() -> None:
    bars = np.arange("2022-01-03", "2022-03-01", dtype="M8[D]").astype("M8[ns]").astype(np.int64)
    week = np.concatenate(
        [
            b + np.arange(26) * 900_000_000_000
            for b in bars[np.is_busday(bars.astype("M8[ns]").astype("M8[D]"))]
        ]
    )
    found = list(WalkForward(train="all", test="5d", min_train="10d", embargo="1d").propose(week))
    assert found[0].before == 26
    assert int(np.searchsorted(week, found[0].test[0][0])) == 260
    assert int(np.searchsorted(week, found[1].test[0][0])) == 390
    assert next(iter(PurgedKFold(3, embargo="1d").propose(week))).after == 26


def test_the_larger_of_embargo_and_purge_gap_counts() -> None:
    times = np.arange(1_000)
    fold = next(iter(PurgedKFold(5, embargo=0.01, purge_gap=4).propose(times)))
    assert (fold.before, fold.after) == (4, 10)
    fold = next(iter(PurgedKFold(5, embargo=3, purge_gap="12 bars").propose(times)))
    assert (fold.before, fold.after) == (12, 12)
    walk = next(iter(WalkForward(test="50 bars", min_train="100 bars", embargo=0.02).propose(times)))
    assert (walk.before, walk.after) == (20, 0)


def test_too_little_history_says_which_setting_to_change() -> None:
    with pytest.raises(ValueError, match=r"data span 0.50 years. Set splitter.min_train"):
        list(WalkForward().propose(days("2020-01-01", "2020-07-02")))
    with pytest.raises(ValueError, match=r"3 decision times cannot make 5 folds"):
        list(PurgedKFold(5).propose(np.arange(3)))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (PurgedKFold, {"n": 1}),
        (PurgedKFold, {"embargo": "1 fortnight"}),
        (WalkForward, {"test": 0}),
        (WalkForward, {"train": "0 bars"}),
        (WalkForward, {"min_train": "half a year"}),
        (WalkForward, {"embargo": -1}),
        (WalkForward, {"purge_gap": 1.5}),
    ],
)
def test_wrong_settings_are_refused_when_built(kind: type, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        kind(**wrong)


def test_splitters_are_built_by_name() -> None:
    assert splitters.build({"kind": "walk_forward", "train": "2y", "test": "1q"}) == WalkForward(train="2y")
    with pytest.raises(ConfigError, match="did you mean 'purged_kfold'"):
        splitters.build("purged_k_fold")
