"""Metrics against reference libraries, on stated definitions.

empyrical-reloaded: equal, except that its alpha compounds (ours times periods_per_year is the intercept of a
straight line) and its information ratio ("excess Sharpe") is not annualised. scikit-learn, statsmodels,
scipy: equal. arch 8.0.0: block lengths, as a table, since the library is heavy. Made by, for each row::

    x = scipy.signal.lfilter([1], [1, -phi], numpy.random.default_rng(int(n + 100 * phi)).normal(size=n))
    arch.bootstrap.optimal_block_length(x)["stationary"]
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter
from sklearn import metrics as sk
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from alphatrade.metrics import (
    auc,
    benjamini_hochberg,
    benjamini_yekutieli,
    block_length,
    classification_scores,
    holm,
    performance,
    relative,
    wilson,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical


@pytest.fixture(params=[0, 1, 2])
def returns(request: pytest.FixtureRequest) -> np.ndarray:
    return np.random.default_rng(request.param).standard_t(4, 1_500) * 0.01 + 0.0003


def test_performance_equals_empyrical(returns: np.ndarray) -> None:
    p = performance(returns, 252)
    expected = {
        "total_return": empyrical.cum_returns_final(returns),
        "annual_return": empyrical.annual_return(returns, annualization=252),
        "annual_volatility": empyrical.annual_volatility(returns, annualization=252),
        "sharpe": empyrical.sharpe_ratio(returns, annualization=252),
        "sortino": empyrical.sortino_ratio(returns, annualization=252),
        "calmar": empyrical.calmar_ratio(returns, annualization=252),
        "max_drawdown": -empyrical.max_drawdown(returns),
        "tail_ratio": empyrical.tail_ratio(returns),
        "skew": stats.skew(returns),
        "kurtosis": stats.kurtosis(returns, fisher=False),
    }
    for name, value in expected.items():
        assert getattr(p, name) == pytest.approx(value, rel=1e-9), name


def test_relative_equals_empyrical(returns: np.ndarray) -> None:
    benchmark = 0.7 * returns + np.random.default_rng(9).normal(0, 0.005, len(returns))
    r = relative(returns, benchmark, 252)
    alpha, beta = empyrical.alpha_beta_aligned(returns, benchmark, annualization=252)
    assert r.beta == pytest.approx(beta, rel=1e-9)
    assert math.expm1(252 * math.log1p(r.alpha / 252)) == pytest.approx(alpha, rel=1e-9)
    excess = empyrical.excess_sharpe(returns, benchmark)
    assert r.information_ratio / math.sqrt(252) == pytest.approx(excess, rel=1e-9)
    assert r.correlation == pytest.approx(np.corrcoef(returns, benchmark)[0, 1], rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_classification_equals_scikit_learn(weighted: bool) -> None:
    rng = np.random.default_rng(0)
    n, classes = 5_000, (-1, 0, 1)
    p = rng.dirichlet([3, 0.5, 2], n)
    y = np.array([rng.choice(classes, p=q) for q in 0.5 * p + 0.5 / 3])
    w = rng.uniform(0.1, 2.0, n) if weighted else None
    base = np.array([0.55, 0.1, 0.35])
    s = classification_scores(p, y, classes, base, weight=w)
    named = np.array(classes)[p.argmax(axis=1)]
    flat = np.tile(base, (n, 1))
    brier, brier_base = (
        sk.brier_score_loss(y, q, sample_weight=w, labels=classes, scale_by_half=False) for q in (p, flat)
    )
    expected = {
        "accuracy": sk.accuracy_score(y, named, sample_weight=w),
        "base_rate": sk.accuracy_score(y, np.full(n, -1), sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, named, sample_weight=w),
        "mcc": sk.matthews_corrcoef(y, named, sample_weight=w),
        "auc": sk.roc_auc_score(y == 1, p[:, 2], sample_weight=w),
        "log_loss": sk.log_loss(y, p, sample_weight=w, labels=classes),
        "log_loss_base": sk.log_loss(y, flat, sample_weight=w, labels=classes),
        "brier": brier,
        "brier_skill": 1 - brier / brier_base,
    }
    for name, value in expected.items():
        assert getattr(s, name) == pytest.approx(value, rel=1e-12, abs=1e-12), name


def test_area_with_ties_equals_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    score, hit, w = rng.integers(0, 20, 4_000), rng.random(4_000) < 0.3, rng.random(4_000)
    assert auc(score, hit) == pytest.approx(sk.roc_auc_score(hit, score), rel=1e-12)
    assert auc(score, hit, w) == pytest.approx(sk.roc_auc_score(hit, score, sample_weight=w), rel=1e-12)


def test_multiple_tests_equal_statsmodels() -> None:
    p = np.random.default_rng(2).random(200) ** 3
    for adjust, method in ((benjamini_hochberg, "fdr_bh"), (benjamini_yekutieli, "fdr_by"), (holm, "holm")):
        np.testing.assert_allclose(adjust(p), multipletests(p, method=method)[1], rtol=1e-12)


def test_wilson_equals_statsmodels() -> None:
    for k, n in ((0, 10), (3, 10), (500, 1_000)):
        expected = proportion_confint(k, n, 0.05, method="wilson")
        np.testing.assert_allclose(wilson(k, n), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "phi", "expected"),
    [
        (200, 0.0, 2.80189326837519),
        (200, 0.3, 6.010506214180094),
        (200, 0.7, 8.379294442334622),
        (1_000, 0.0, 1.0947099306132015),
        (1_000, 0.3, 6.698844565543728),
        (1_000, 0.7, 18.935795324663108),
        (1_000, 0.9, 40.072854610484846),
        (1_000, -0.5, 12.717660134644357),
        (5_000, 0.3, 10.824834679294925),
        (5_000, 0.9, 77.77501241055978),
        (5_000, -0.5, 16.640236167859253),
    ],
)
def test_block_lengths_equal_arch(n: int, phi: float, expected: float) -> None:
    x = lfilter([1], [1, -phi], np.random.default_rng(int(n + 100 * phi)).normal(size=n))
    assert block_length(x) == pytest.approx(expected, rel=1e-9)
