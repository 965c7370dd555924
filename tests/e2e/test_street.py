"""From a typed command to a verdict: the whole street, through the command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ALPHATRADE = str(Path(sys.executable).with_name("alphatrade"))


class Street:
    """A person's folder, with a ledger and runs of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {
            "ALPHATRADE_HOME": str(folder / "home"),
            "ALPHATRADE_RUNS": str(folder / "runs"),
        }

    def run(self, *words: str, status: int = 0) -> str:
        done = subprocess.run(
            [ALPHATRADE, *words], cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + (done.stderr if status else "")

    def json(self, *words: str, status: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", status=status))


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """One demo on the bundled sample, which the tests of this file look at."""
    made = Street(tmp_path_factory.mktemp("street"))
    made.text = made.run("demo")  # type: ignore[attr-defined]
    return made


def run_folder(street: Street) -> Path:
    return Path(street.json("demo")["run"])


def test_the_demo_says_plainly_that_it_is_not_deployable_and_why(street: Street) -> None:
    text = street.text  # type: ignore[attr-defined]
    assert "NOT DEPLOYABLE" in text
    assert "report.html" in text
    metrics = street.json("demo")
    for gate in metrics["verdict"]["gates"]:
        assert {"value", "threshold", "passed", "why"} <= gate.keys()
    assert not metrics["verdict"]["deployable"]
    assert not metrics["verdict"]["holdout_opened"]


def test_the_sample_carries_its_survivorship_warning(street: Street) -> None:
    assert any("surviv" in w.lower() for w in street.json("demo")["data"]["warnings"])


def test_the_demo_twice_counts_one_trial(street: Street) -> None:
    first = street.json("demo")
    again = street.json("demo", "--fresh")
    assert again["verdict"] == first["verdict"]
    assert again["trials"]["count"] == 1
    assert len({(t["config"], t["data"]) for t in street.json("trials")}) == 1


def test_the_report_is_one_file_without_network(street: Street) -> None:
    html = (run_folder(street) / "report.html").read_text(encoding="utf-8")
    assert len(html) < 5_000_000
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)
    assert "NOT DEPLOYABLE" in html


def test_accuracy_is_never_shown_alone(street: Street) -> None:
    scores = street.json("demo")["scores"]
    for row in (scores["oos"], *scores["folds"]):
        assert row["accuracy"] is not None
        assert row["base_rate"] is not None


def test_the_row_account_adds_up(street: Street) -> None:
    rows = street.json("demo")["rows"]
    entered, *rest = [r["rows"] for r in rows]
    assert entered == sum(rest)


def test_runs_are_listed_shown_and_compared(street: Street) -> None:
    name = run_folder(street).name
    assert name in street.run("runs", "list")
    assert street.json("runs", "show", name)["verdict"]["deployable"] is False
    shown = street.run("runs", "show", "demo")
    assert "NOT DEPLOYABLE" in shown
    assert street.json("runs", "compare", name, name)["rows"][0]["values"] == ["NOT DEPLOYABLE"] * 2


def test_an_unknown_run_is_told_the_nearest(street: Street) -> None:
    assert "did you mean" in street.run("runs", "show", "dmeo-00000000", status=2)


def test_a_run_is_reproduced_bit_for_bit(street: Street) -> None:
    found = street.json("reproduce", run_folder(street).name)
    assert found["equal"], [p for p in found["parts"] if not p["equal"]]


def test_a_recorded_run_that_was_tampered_with_is_not_reproduced(street: Street, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run_folder(street), copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["tables"]["equity"] = "0" * 64
    (copy / "manifest.json").write_text(json.dumps(manifest))
    found = street.json("reproduce", str(copy), status=1)
    assert [p["what"] for p in found["parts"] if not p["equal"]] == ["tables/equity"]


def test_an_interrupted_run_resumes_to_the_same_figures(street: Street, tmp_path: Path) -> None:
    other = Street(tmp_path)
    whole = street.json("demo")
    process = subprocess.Popen(
        [ALPHATRADE, "demo"],
        cwd=tmp_path,
        env=other.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    models = tmp_path / "runs"
    deadline = time.monotonic() + 120
    while len(list(models.glob("*/models/fold_*/hashes.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder,) = models.iterdir()
    assert not (folder / "manifest.json").exists()
    kept = {p: p.stat().st_mtime_ns for p in folder.glob("models/fold_0[01]/hashes.json")}
    assert len(kept) == 2
    resumed = other.json("demo")
    assert all(p.stat().st_mtime_ns == t for p, t in kept.items()), "finished folds were trained again"
    for part in ("verdict", "performance", "scores", "calibration", "labels"):
        assert resumed[part] == whole[part], part


def test_init_writes_a_study_that_runs_on_a_csv(street: Street, tmp_path: Path) -> None:
    from alphatrade.adapters import sample_bars

    person = Street(tmp_path)
    bars = sample_bars().frame.select("symbol", "timestamp", "open", "high", "low", "close", "volume")
    bars.with_columns(bars["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(tmp_path / "bars.csv")
    person.run("init", "mine.toml", "--data", "bars.csv")
    metrics = person.json("run", "mine.toml", "--quick")
    assert metrics["name"] == "mine-quick"
    assert sorted(metrics["data"]["symbols"]) == ["AAPL", "GOOG", "IBM", "MSFT"]
    assert "exists" in person.run("init", "mine.toml", status=2)


def test_a_wrong_key_is_told_the_nearest_one(tmp_path: Path) -> None:
    person = Street(tmp_path)
    (tmp_path / "study.toml").write_text("[modle]\nkind = 'lightgbm'\n")
    assert "did you mean 'model'" in person.run("run", "study.toml", status=2)
    (tmp_path / "study.toml").write_text("[data]\nsource='sample'\n[model]\nkind = 'lightgmb'\n")
    assert "did you mean 'lightgbm'" in person.run("run", "study.toml", status=2)


def test_every_command_has_help_with_an_example() -> None:
    def texts(words: list[str]) -> list[tuple[str, str]]:
        done = subprocess.run([ALPHATRADE, *words, "--help"], capture_output=True, text=True, check=True)
        return [(" ".join(words), done.stdout)]

    top = subprocess.run([ALPHATRADE, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^│ ([a-z]+) ", top, re.MULTILINE)
    assert {"demo", "run", "runs", "init", "doctor", "reproduce", "trials"} <= set(commands)
    for command in set(commands) - {"runs", "features", "data"}:
        for words, text in texts([command]):
            assert "Example" in text, words


def test_the_doctor_finds_nothing_missing_here(tmp_path: Path) -> None:
    checks = Street(tmp_path).json("doctor")
    assert all(c["ok"] for c in checks), [c for c in checks if not c["ok"]]
