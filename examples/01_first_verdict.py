"""From bars to a verdict in a dozen lines: a synthetic market that has a signal, and one that has none."""

import alphatrade as at

FEATURES = ["close_location_1", "close_location_5", "body_1", "parkinson_5", "natr_5", "volume_ratio_5"]


def main() -> None:
    for market in ("planted", "random"):
        result = at.walk_forward(
            at.synthetic_bars(market, seed=101),
            at.FeatureSet(FEATURES),
            at.TripleBarrier(profit=2.0, stop=1.0, horizon=20),
            at.Logistic(),
            at.WalkForward(train="all", test="1y", min_train="2y"),
            costs=at.Costs.us_equity(),
        )
        print(f"\n{market}: {result.verdict}")
        for gate in result.metrics["verdict"]["gates"]:
            value = "not measured" if gate["value"] is None else f"{gate['value']:.4g}"
            mark = "pass" if gate["passed"] else "FAIL"
            print(f"  {mark}  {gate['label']}: {value}, needs {gate['op']} {gate['threshold']}")
        print("report:", result.report(f"runs/first_verdict_{market}.html"))


if __name__ == "__main__":
    main()
