"""A walk-forward on real bars, its baselines, and a second look, which counts as a second trial."""

import math

import alphatrade as at

FEATURES = at.FeatureSet(["rsi_14", "zscore_20", "ret_20", "natr_14", "ppo_12_26_9", "distance_high_200"])


def walk(bars: at.Bars, model: object) -> None:
    result = at.walk_forward(
        bars,
        FEATURES,
        at.TripleBarrier(profit=2.0, stop=1.0, horizon=20),
        model,
        at.WalkForward(train="all", test="1y", min_train="3y", embargo="1d"),
        costs=at.Costs.us_equity(),
    )
    print(f"\n{type(model).__name__}: {result.verdict}")
    parts = result.metrics["performance"]
    for name in ("oos", "is", "hold", "blind"):
        p = parts[name]
        shown = "no trades" if math.isnan(p["sharpe"]) else f"Sharpe {p['sharpe']:.2f}"
        print(
            f"  {name:>5}: {shown}, return a year {p['annual_return']:.1%}, drawdown {p['max_drawdown']:.1%}"
        )
    scores = result.metrics["scores"]["oos"]
    print(f"  accuracy {scores['accuracy']:.1%} beside its base rate {scores['base_rate']:.1%}")
    print(f"  skill {scores['skill']:+.4f}, interval {scores['skill_interval']}")
    print(f"  trials on these bars so far: {result.metrics['trials']['count']}")


def main() -> None:
    bars = at.sample_bars().before("2010-01-01")
    print(bars)
    for warning in bars.info.warnings:
        print("warning:", warning)
    walk(bars, at.Logistic())
    walk(bars, at.LightGBM())


if __name__ == "__main__":
    main()
