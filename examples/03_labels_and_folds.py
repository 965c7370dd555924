"""What the labels say before any model, where every row goes, and what purging takes away."""

import alphatrade as at


def main() -> None:
    bars = at.sample_bars()
    for labeler in (at.TripleBarrier(profit=2.0, stop=1.0, horizon=20), at.FixedHorizon(horizon=5)):
        report = at.label_report(labeler.label(bars.before("2010-01-01")))
        rates = {k: f"{v:.1%}" for k, v in report.base_rates.items()}
        lo, hi = report.expectancy_interval
        print(f"{type(labeler).__name__}: base rates {rates}, {report.mean_bars:.1f} bars on average")
        print(f"  taking every position: {report.expectancy:.3%} a trade, interval {lo:.3%} to {hi:.3%}")

    features = at.FeatureSet(["rsi_14", "zscore_20", "ret_20"]).batch(bars)
    labels = at.TripleBarrier(profit=2.0, stop=1.0, horizon=20).label(bars)
    data = at.Dataset.join(features, labels)
    print(data)
    print(f"{len(data):,} rows are worth {data.effective_rows:,.0f}: labels overlap")

    dev, holdout = data.hold_out(0.2)
    print(holdout)
    for splitter in (at.PurgedKFold(4, embargo="5d"), at.WalkForward(train="4y", test="2y", embargo="5d")):
        print(splitter)
        for fold in dev.split(splitter):
            gone = {reason: n for reason, n in fold.rows.removed.items() if reason in ("purged", "embargoed")}
            print(f"  fold {fold.number}: train {len(fold.train):,}, test {len(fold.test):,}, {gone}")


if __name__ == "__main__":
    main()
