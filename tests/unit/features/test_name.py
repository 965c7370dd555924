"""Names of feature columns."""

from __future__ import annotations

import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.features import FeatureSet, features, parse
from alphatrade.features.momentum import Rsi
from alphatrade.features.volatility import Bollinger


def names(text):
    return [c.name for c in parse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rsi_14", ["rsi_14"]),
        ("rsi", ["rsi_14"]),
        ("zscore_20@1h", ["zscore_20@1h"]),
        ("log_ret_5", ["log_ret_5"]),
        ("bollinger_20_2.5", ["bollinger_20_2.5_pctb", "bollinger_20_2.5_width"]),
        ("bollinger_20_2_width@1d", ["bollinger_20_2_width@1d"]),
        ("macd_signal", ["macd_12_26_9_signal"]),
        ("hour", ["hour"]),
        ("xs_rank_ret_20", ["xs_rank_ret_20"]),
        ("xs_rank_rsi_14@1h", ["xs_rank_rsi_14@1h"]),
        ("xs_rank", ["xs_rank_ret_20"]),
    ],
)
def test_a_name_reads_back_as_its_columns(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rsj_14", "did you mean 'rsi'"),
        ("rsi_14_3", "expected rsi_<n>, found 2 parameters"),
        ("rsi_x", "expected rsi_<n>"),
        ("rsi_0", "at least 1"),
        ("rsi_14@7h", "divides a day"),
        ("rsi_14@often", "expected a duration"),
        ("xs_rank_rsj_14", "did you mean 'rsi'"),
        ("xs_rank_bollinger_20_2", "name one of them"),
        ("xs_rank_xs_rank_ret_20", "cross-sectional already"),
    ],
)
def test_a_wrong_name_says_what_was_expected(text, message):
    with pytest.raises(ConfigError, match=message):
        parse(text)


def test_two_and_two_point_zero_are_one_feature():
    assert Bollinger(20, 2) == Bollinger(20, 2.0)
    assert Bollinger(20, 2).name == "bollinger_20_2"


def test_every_name_of_the_catalogue_reads_back():
    catalogue = FeatureSet.catalogue(("1h",))
    assert FeatureSet(catalogue.names) == catalogue


def test_features_are_refused_twice_and_none():
    with pytest.raises(ConfigError, match="named twice: rsi_14"):
        FeatureSet(["rsi_14", Rsi(14)])
    with pytest.raises(ConfigError, match="at least one"):
        FeatureSet([])


def test_every_feature_says_its_family_and_formula():
    for kind in features:
        cls = features.get(kind)
        assert cls.family, kind
        assert cls.__doc__, kind
