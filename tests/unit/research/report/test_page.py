"""The report page: self-contained, complete, honest about what is missing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alphatrade.core.errors import DataError
from alphatrade.research.report import compare_report, write_report

Metrics = Callable[..., dict[str, Any]]
WriteRun = Callable[..., Path]

VOID = {"meta", "br", "line", "rect", "circle", "path"}


class Page(HTMLParser):
    """Tags with their attributes, text by tag, and whether every tag was closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag]


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, write_run: WriteRun) -> Write:
    """The page of a run folder made of the given metrics."""

    def made(found: dict[str, Any] | None = None, **more: Any) -> str:
        return write_report(write_run(tmp_path / "run-1a2b3c4d", found, **more)).read_text(encoding="utf-8")

    return made


def test_the_page_needs_nothing_from_outside_itself(write: Write) -> None:
    text = write()
    assert not re.search(r"https?://", text)
    assert not re.search(r"@import|url\(|<link|<img|<iframe|\bsrc=|//cdn", text)
    assert all(str(a.get("href", "")).startswith("#") for a in Page(text).all("a"))


def test_the_content_policy_admits_exactly_the_style_and_script_of_the_page(write: Write) -> None:
    text = write()
    policy = str(next(a["content"] for a in Page(text).all("meta") if "http-equiv" in a))
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    # the policy would silently drop these
    assert not re.search(r'\sstyle="|\son[a-z]+="', text)


def test_tags_are_balanced_and_links_lead_somewhere(write: Write) -> None:
    page = Page(write())
    assert page.faults == []
    assert page.open == []
    ids = {a.get("id") for _, a in page.tags}
    assert {str(a["href"])[1:] for a in page.all("a")} <= ids


def test_the_page_stays_small_for_a_long_intraday_run(write: Write) -> None:
    assert len(write(n=72_261).encode()) < 1_000_000


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path, write_run: WriteRun) -> None:
    folder = write_run(tmp_path / "run")
    assert write_report(folder).read_bytes() == write_report(folder).read_bytes()


def test_the_verdict_comes_first_then_why(write: Write, metrics: Metrics) -> None:
    text = Page(write()).text
    found = metrics()
    order = [
        "NOT DEPLOYABLE",
        found["verdict"]["sentence"],
        "A study is deployable when",
        "Trials counted",
        "Growth of 1",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "6 of 12 gates passed" in text


def test_each_gate_shows_its_value_interval_threshold_and_result_in_words(write: Write) -> None:
    text = Page(write()).text
    assert (
        "fail Log-loss skill over the base rate the interval reaches below zero 0.0011 [−0.0018, 0.0041] > 0"
        in text
    )
    assert "pass Max drawdown 21.3 % [15.0, 34.0 %] ≤ 25 %" in text


def test_a_gate_whose_threshold_the_study_changed_says_so(write: Write, metrics: Metrics) -> None:
    found = metrics()
    found["verdict"]["gates"][0]["overridden"] = True
    assert Page(write(found)).text.count("set by the study") == 1


def test_every_picture_is_named_and_has_its_sentence(write: Write) -> None:
    text = write()
    pictures = [a for a in Page(text).all("svg") if "chart" in str(a.get("class"))]
    assert all(a.get("role") == "img" and len(str(a.get("aria-label"))) > 10 for a in pictures)
    figures = re.findall(r"<figure>.*?</figure>", text, re.DOTALL)
    assert len(figures) == 13
    for figure in figures:
        (caption,) = re.findall(r"<figcaption>(.*?)</figcaption>", figure, re.DOTALL)
        assert caption.endswith(".")
        assert re.search(r"\d", caption) or "“" in caption


def test_accuracy_never_stands_alone(write: Write) -> None:
    page = Page(write())
    assert "Accuracy out of sample 64.1 % [63.1, 65.1 %] base rate 63.8 %" in page.text
    assert "Out of sample Base rate alone" in page.text
    assert "Accuracy 64.1 % [63.1, 65.1 %] 63.8 %" in page.text
    assert "Accuracy Base rate Balanced acc." in page.text


def test_what_is_missing_is_said_with_its_reason(write: Write, metrics: Metrics) -> None:
    text = Page(write()).text
    assert "Hold-out not available: the hold-out is closed" in text
    found = metrics() | {"unavailable": {"calibration": "a rule has no probabilities"}}
    for part in ("calibration", "costs", "regimes", "labels", "trials", "scores"):
        found[part] = None
    found["performance"]["blind"] = None
    text = Page(write(found)).text
    assert "not available: a rule has no probabilities" in text
    assert "not available: the run recorded no costs" in text
    assert "Same exposure, blind not available: the run recorded no blind-exposure curve" in text
    assert "Accuracy out of sample not available: the run has no forecasts to score" in text


def test_a_null_number_is_never_shown_as_zero(write: Write, metrics: Metrics) -> None:
    found = metrics()
    found["performance"]["oos"]["sortino"] = None
    found["costs"] |= {"commission": None, "total": None}
    found["labels"]["tie_share"] = None
    found["verdict"]["gates"][4] |= {"value": None, "why": "the out-of-sample Sharpe is not positive"}
    text = Page(write(found)).text
    assert re.search(r"Sortino n/a 1 3\.61", text)
    assert "1 not available: not defined for this series" in text
    assert "Commission not available: not defined for this series" in text
    assert "Ties (both barriers in one bar) not available" in text
    assert (
        "Sharpe in sample over out of sample the out-of-sample Sharpe is not positive not available ≤ 2.00"
        in text
    )


def test_a_run_with_a_verdict_only_still_makes_a_whole_page(write: Write) -> None:
    verdict = {
        "deployable": False,
        "sentence": "No walk-forward, no verdict.",
        "gates": [],
        "holdout_opened": False,
    }
    page = Page(write({"name": "bare", "verdict": verdict}, tables=False))
    assert page.faults == []
    assert "NOT DEPLOYABLE No walk-forward, no verdict." in page.text
    assert page.text.count("not available") >= 15
    assert page.all("figure") == []


def test_text_of_the_study_cannot_become_markup(write: Write, metrics: Metrics) -> None:
    evil = '<script>alert("x")</script>&\'"'
    found = metrics()
    found["name"] = evil
    found["verdict"]["sentence"] = evil
    found["verdict"]["gates"][0] |= {"label": evil, "why": evil, "op": evil}
    found["data"] |= {"warnings": [evil], "symbols": [evil], "feed": evil}
    found["rows"][1]["reason"] = evil
    found["regimes"][0]["regime"] = evil
    found["stages"][0]["name"] = evil
    found["labels"]["name"] = evil
    found["config"] = {evil: {evil: evil}}
    text = write(found)
    page = Page(text)
    assert page.faults == []
    assert page.open == []
    assert len(page.all("script")) == 1
    assert evil in page.text


def test_in_sample_is_stamped_on_screen_and_on_every_printed_page(write: Write, metrics: Metrics) -> None:
    text = write(metrics() | {"in_sample": True})
    page = Page(text)
    stamps = [a for a in page.all("div") if a.get("class") in ("stamp", "watermark")]
    assert len(stamps) == 2
    assert page.all("body")[0]["class"] == "in-sample"
    assert re.search(r"\.stamp \{ position: sticky", text)
    assert re.search(r"\.watermark \{ display: block; position: fixed", text)
    assert "Sharpe in sample (measured)" in page.text
    assert not any("IN SAMPLE" in w for w in Page(write()).words)


def test_a_row_account_that_does_not_close_says_so(write: Write, metrics: Metrics) -> None:
    assert "The account closes" in Page(write()).text
    found = metrics()
    found["rows"][0]["rows"] += 5
    assert "The account does not close: 5 rows have no reason." in Page(write(found)).text


def test_warnings_about_the_data_are_shown(write: Write, metrics: Metrics) -> None:
    text = Page(write()).text
    for warning in metrics()["data"]["warnings"]:
        assert warning in text
    assert "3: 2 high below low and 1 price is not finite" in text


def test_only_a_recorded_run_says_how_to_reproduce_it(write: Write, tmp_path: Path) -> None:
    assert "alphatrade reproduce run-1a2b3c4d" in Page(write()).text
    (tmp_path / "run-1a2b3c4d" / "manifest.json").unlink()
    text = Page(write_report(tmp_path / "run-1a2b3c4d").read_text(encoding="utf-8")).text
    assert "alphatrade reproduce" not in text
    assert "only a recorded run, one with a manifest, can be reproduced" in text
    page = write_report(tmp_path / "run-1a2b3c4d", manifest={"seed": 11})
    assert "alphatrade reproduce run-1a2b3c4d" in Page(page.read_text(encoding="utf-8")).text


def test_a_study_without_its_file_is_shown_as_toml(write: Write, tmp_path: Path) -> None:
    write()
    (tmp_path / "run-1a2b3c4d" / "study.toml").unlink()
    text = write_report(tmp_path / "run-1a2b3c4d").read_text(encoding="utf-8")
    assert "[labels]\nkind = &#34;triple_barrier&#34;\nprofit = 2.0" in text


def test_a_long_manifest_is_counted_not_listed(write: Write, tmp_path: Path) -> None:
    write()
    path = tmp_path / "run-1a2b3c4d" / "manifest.json"
    models = {f"fold_{k:02d}/model.txt": "0" * 64 for k in range(40)}
    path.write_text(json.dumps({"seed": 0, "models": models}), encoding="utf-8")
    text = Page(write_report(path.parent).read_text(encoding="utf-8")).text
    assert "seed 0 models 40 entries, in manifest.json" in text
    assert "fold_07/model.txt" not in text


def test_a_folder_without_metrics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected metrics\.json in the run folder"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"), [("{", "expected JSON"), ("[]", "JSON object"), ("{}", "found no")]
)
def test_metrics_that_cannot_be_read_are_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "metrics.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_a_truncated_table_is_refused(tmp_path: Path, write_run: WriteRun) -> None:
    folder = write_run(tmp_path / "run")
    path = folder / "tables" / "equity.parquet"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="expected a Parquet file"):
        write_report(folder)


def test_a_comparison_names_runs_gates_and_unequal_data(
    tmp_path: Path, metrics: Metrics, write_run: WriteRun
) -> None:
    other = metrics()
    other["data"]["hash"] = "0" * 32
    other["verdict"]["gates"] = other["verdict"]["gates"][:3]
    folders = [write_run(tmp_path / "first"), write_run(tmp_path / "second", other)]
    page = Page(compare_report(folders, tmp_path / "compare.html").read_text(encoding="utf-8"))
    assert page.faults == []
    assert "2 runs compared" in page.text
    assert "These runs saw different data" in page.text
    assert "Walk-forward folds 40 · pass needs ≥ 1 n/a 1" in page.text
    assert "1 not available: this run did not judge this gate" in page.text


def test_a_comparison_takes_two_to_four_runs(tmp_path: Path, write_run: WriteRun) -> None:
    folder = write_run(tmp_path / "only")
    with pytest.raises(ValueError, match="two to 4 run folders; found 1"):
        compare_report([folder], tmp_path / "compare.html")


def test_integer_times_and_null_baselines_are_read(tmp_path: Path, write_run: WriteRun) -> None:
    folder = write_run(tmp_path / "run")
    path = folder / "tables" / "equity.parquet"
    table = pl.read_parquet(path).with_columns(pl.col("time").to_physical(), pl.lit(None).alias("hold"))
    table.write_parquet(path)
    text = Page(write_report(folder).read_text(encoding="utf-8")).text
    assert "The strategy turns 1 into" in text
    assert "holding the same symbols" not in text


def test_metrics_survive_a_round_trip_of_the_fixture(metrics: Metrics) -> None:
    assert json.loads(json.dumps(metrics())) == metrics()
