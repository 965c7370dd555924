"""From a typed command to a verdict: the whole street, through the command line."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

Entries = list[tuple[Any, ...]]
ALPHATRADE = str(Path(sys.executable).with_name("alphatrade"))
# Plain text of a fixed width, whatever terminal or CI the tests run in.
PLAIN = {"NO_COLOR": "1", "COLUMNS": "160", "TERM": "dumb", "_TYPER_FORCE_DISABLE_TERMINAL": "1"}

SMALL = """
name = "small"

[data]
source = "sample"

[features]
names = ["ret_1", "roc_10", "rsi_14", "zscore_20", "natr_14", "macd_12_26_9"]

[split]
kind = "walk_forward"
train = "all"
test = "1y"
min_train = "4y"

[model]
kind = "lightgbm"
rounds = 60
calibrate = false      # so that it has opinions, and trades

[strategy]
kind = "forecast"
short = true

[costs]
preset = "free"
"""

# Runs a command and kills its own process, as kill -9 would, once a function has returned so often.
KILLED = """
import importlib, os, signal, sys

module, name, calls, *words = sys.argv[1:]
*path, last = name.split(".")
owner = importlib.import_module(module)
for part in path:
    owner = getattr(owner, part)
real, left = getattr(owner, last), int(calls)

def counted(*args, **named):
    global left
    found = real(*args, **named)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(owner, last, counted)
sys.argv = ["alphatrade", *words]
from alphatrade.app.cli import main
main()
"""


class Street:
    """A person's folder, with a ledger and runs of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"
        own = {"ALPHATRADE_HOME": str(folder / "home"), "ALPHATRADE_RUNS": str(self.runs)}
        self.env = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "ALPHATRADE_LEDGER")}
        self.env |= own | PLAIN

    def run(self, *words: str, status: int = 0) -> str:
        """What a command says: its output, and its errors where it is meant to fail."""
        done = self._start([ALPHATRADE, *words])
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + (done.stderr if status else "")

    def json(self, *words: str, status: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", status=status))

    def killed(self, function: str, calls: int, *words: str) -> None:
        """Type a command that is killed once ``function`` has returned ``calls`` times."""
        done = self._start([sys.executable, "-c", KILLED, *function.split(":"), str(calls), *words])
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr

    def _start(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )

    def folder_of(self, study: str) -> Path:
        (found,) = (p for p in self.runs.iterdir() if p.name.rpartition("-")[0] == study)
        return found


class Demo(Street):
    """A person who has typed ``alphatrade demo``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.text = self.run("demo")
        self.metrics = self.json("demo")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demo on the bundled sample, which the tests of this file look at."""
    return Demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """A small study, run once from beginning to end."""
    street = Street(tmp_path_factory.mktemp("small"))
    (street.folder / "small.toml").write_text(SMALL)
    street.run("run", "small.toml")
    return street


@pytest.fixture
def person(tmp_path: Path) -> Street:
    """Someone who has not typed anything yet."""
    return Street(tmp_path)


# The demo


def test_the_demo_says_plainly_that_it_is_not_deployable_and_why(demo: Demo) -> None:
    assert "NOT DEPLOYABLE" in demo.text
    assert "report.html" in demo.text
    assert "gates failed on the development part, so the hold-out stays shut" in demo.text
    verdict = demo.metrics["verdict"]
    assert not verdict["deployable"]
    assert not verdict["holdout_opened"]
    for gate in verdict["gates"]:
        assert {"value", "threshold", "passed", "why"} <= gate.keys()
    said = " ".join(demo.text.split())
    assert all(gate["label"].split(",")[0].split(" (")[0] in said for gate in verdict["gates"])


def test_the_demo_says_what_its_time_went_into(demo: Demo) -> None:
    said = " ".join(demo.text.split())
    for stage in ("features", "labels", "training", "backtest, out of sample", "statistics"):
        assert re.search(rf"{stage} \d+\.\d s", said), stage


def test_the_sample_carries_its_survivorship_warning(demo: Demo) -> None:
    assert any("surviv" in w.lower() for w in demo.metrics["data"]["warnings"])


def test_the_demo_again_answers_from_its_record(demo: Demo) -> None:
    assert "This run was recorded before" in demo.run("demo")


def test_the_demo_computed_again_gives_the_same_verdict_and_counts_one_trial(demo: Demo) -> None:
    again = demo.json("demo", "--fresh")
    assert again["verdict"] == demo.metrics["verdict"]
    assert again["performance"] == demo.metrics["performance"]
    assert again["trials"]["count"] == 1
    assert len({(t["config"], t["data"]) for t in demo.json("trials")}) == 1


def test_the_report_is_one_file_without_network(demo: Demo) -> None:
    html = (demo.folder_of("demo") / "report.html").read_text(encoding="utf-8")
    assert len(html) < 5_000_000
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)
    assert "NOT DEPLOYABLE" in html


def test_accuracy_is_never_shown_alone(demo: Demo) -> None:
    scores = demo.metrics["scores"]
    for row in (scores["oos"], *scores["folds"]):
        assert row["accuracy"] is not None
        assert row["base_rate"] is not None


def test_the_row_account_adds_up(demo: Demo) -> None:
    entered, *rest = [r["rows"] for r in demo.metrics["rows"]]
    assert entered == sum(rest)


def test_paper_of_the_demo_fills_as_its_backtest_did_and_replays(demo: Demo) -> None:
    found = demo.json("paper", "demo")
    assert (found["differences"], found["first_difference"]) == (0, None)
    assert demo.json("paper", "demo") == found


def test_an_unknown_market_is_refused(person: Street) -> None:
    assert "expected 'sample', 'planted' or 'random'" in person.run("demo", "--market", "rndom", status=2)


# Recorded runs


def test_runs_are_listed_shown_compared_and_removed(small: Street, tmp_path: Path) -> None:
    name = small.folder_of("small").name
    (row,) = small.json("runs", "list")
    assert (row["run"], row["verdict"], row["trials"]) == (name, "NOT DEPLOYABLE", 1)
    assert name in small.run("runs", "list")
    assert small.json("runs", "show", name)["verdict"]["deployable"] is False
    assert "NOT DEPLOYABLE" in small.run("runs", "show", "small")
    assert small.json("runs", "compare", name, name)["rows"][0]["values"] == ["NOT DEPLOYABLE"] * 2
    shutil.copytree(small.runs, tmp_path / "copies")
    assert "its trial stays in the ledger" in small.run(
        "runs", "rm", name, "--runs", str(tmp_path / "copies"), "--yes"
    )
    assert list((tmp_path / "copies").iterdir()) == []
    assert len(small.json("trials")) == 1


def test_an_unknown_run_is_told_the_nearest(small: Street) -> None:
    assert "did you mean 'small'" in small.run("runs", "show", "smal1", status=2)


def test_a_run_is_reproduced_bit_for_bit(small: Street) -> None:
    found = small.json("reproduce", "small")
    assert found["equal"], [p for p in found["parts"] if not p["equal"]]
    assert {"config_hash", "data_hash", "tables/equity", "metrics"} <= {p["what"] for p in found["parts"]}
    assert sum(p["what"].startswith("models/fold_") for p in found["parts"]) > 10
    assert len(small.json("trials")) == 1


# kill -9


def test_a_killed_run_is_listed_as_interrupted_and_resumes_to_the_same_bits(
    small: Street, person: Street
) -> None:
    (person.folder / "small.toml").write_text(SMALL)
    person.killed("alphatrade.research.walk:fit_or_load", 3, "run", "small.toml")
    folder = person.folder_of("small")
    assert not (folder / "manifest.json").exists()
    assert person.json("runs", "list") == [{"run": folder.name, "verdict": "interrupted"}]
    assert "the run was interrupted" in person.run("runs", "show", "small", status=2)
    kept = {p: p.stat().st_mtime_ns for p in folder.glob("models/fold_*/hashes.json")}
    assert len(kept) >= 3
    person.run("run", "small.toml")
    assert all(p.stat().st_mtime_ns == t for p, t in kept.items()), "finished folds were trained again"
    resumed, whole = (
        json.loads((s.folder_of("small") / "manifest.json").read_text()) for s in (person, small)
    )
    for part in ("config_hash", "data_hash", "tables", "models"):
        assert resumed[part] == whole[part], part
    assert len(person.json("trials")) == 1


def test_a_run_killed_before_its_manifest_is_written_is_not_taken_for_complete(
    small: Street, person: Street
) -> None:
    (person.folder / "small.toml").write_text(SMALL)
    person.killed("alphatrade.research.run:write_report", 1, "run", "small.toml")
    assert (person.folder_of("small") / "metrics.json").exists()
    assert person.json("runs", "list")[0]["verdict"] == "interrupted"
    resumed = person.json("run", "small.toml")
    whole = small.json("run", "small.toml")
    for part in ("verdict", "performance", "scores", "calibration", "labels", "costs", "monthly"):
        assert resumed[part] == whole[part], part
    assert resumed["trials"]["count"] == 1


def journal(run: Path) -> Entries:
    with sqlite3.connect(run / "paper.sqlite") as database:
        return database.execute("SELECT n, time_ns, text, hash FROM journal ORDER BY n").fetchall()


class Paper(Street):
    """A person with a copy of the small run, who trades it on paper."""

    def __init__(self, folder: Path, run: Path) -> None:
        super().__init__(folder)
        self.path = self.runs / run.name
        shutil.copytree(run, self.path, ignore=shutil.ignore_patterns("paper.sqlite*"))

    def trade(self) -> Any:
        return self.json("paper", "small")


@pytest.fixture(scope="module")
def traded(
    small: Street, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Paper, Any, list[tuple[Any, ...]]]:
    """A paper session from beginning to end: what it said, what it wrote."""
    paper = Paper(tmp_path_factory.mktemp("paper"), small.folder_of("small"))
    return paper, paper.trade(), journal(paper.path)


def test_paper_makes_the_fills_of_the_backtest_and_a_second_call_only_replays(
    traded: tuple[Paper, Any, Entries],
) -> None:
    paper, said, written = traded
    assert (said["differences"], said["first_difference"]) == (0, None)
    assert said["fills"] > 100
    assert len(written) == said["slices"] + 1
    assert "0 different fills between paper and backtest" in paper.run("paper", "small")
    assert journal(paper.path) == written


def test_a_killed_paper_session_goes_on_to_the_journal_of_one_never_killed(
    traded: tuple[Paper, Any, Entries], tmp_path: Path
) -> None:
    other, said, written = traded
    paper = Paper(tmp_path, other.path)
    paper.killed("alphatrade.adapters.journal:SqlJournal.append", 100, "paper", "small")
    assert journal(paper.path) == written[:101]
    assert paper.trade() == said
    assert journal(paper.path) == written


def test_a_journal_that_was_edited_stops_the_session(
    traded: tuple[Paper, Any, Entries], tmp_path: Path
) -> None:
    other, _, written = traded
    paper = Paper(tmp_path, other.path)
    shutil.copy(other.path / "paper.sqlite", paper.path)
    with sqlite3.connect(paper.path / "paper.sqlite") as database:
        database.execute("UPDATE journal SET text = replace(text, '1', '2') WHERE n = 40")
    assert "the journal is broken at entry 40" in paper.run("paper", "small", status=2)
    assert [n for n, *_ in journal(paper.path)] == [n for n, *_ in written]


# One's own data


def test_init_writes_a_study_that_runs_on_a_csv_until_the_csv_changes(person: Street) -> None:
    from alphatrade.adapters import sample_bars

    path = person.folder / "bars.csv"
    bars = sample_bars().frame.select("symbol", "timestamp", "open", "high", "low", "close", "volume")
    stamps = bars["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    bars.with_columns(stamps).write_csv(path)
    person.run("init", "mine.toml", "--data", "bars.csv")
    assert "exists" in person.run("init", "mine.toml", status=2)
    metrics = person.json("run", "mine.toml", "--quick")
    assert metrics["name"] == "mine-quick"
    assert sorted(metrics["data"]["symbols"]) == ["AAPL", "GOOG", "IBM", "MSFT"]
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert "the data changed since the run" in person.run("reproduce", "mine-quick", status=2)
    path.unlink()
    assert "bars.csv" in person.run("run", "mine.toml", "--quick", status=2)


# What is mistyped


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ("[modle]\nkind = 'lightgbm'\n", "did you mean 'model'"),
        ("[model]\nkind = 'lightgmb'\n", "did you mean 'lightgbm'"),
        ("[model]\nkind = 'lightgbm'\nnum_leafs = 3\n", "did you mean 'num_leaves'"),
        ("[features]\nnames = ['rsi14']\n", "did you mean"),
        ("[gates]\nshape = 1.0\n", "did you mean 'sharpe'"),
        ("[data]\ncalendar = 'XNSY'\n", "did you mean 'XNYS'"),
        ("[split]\nkind = 'walk_forward'\ntest = '1 fortnight'\n", "splitter 'walk_forward'"),
        ("name = \n", "study.toml"),
    ],
)
def test_a_wrong_study_is_told_what_to_write(person: Street, study: str, message: str) -> None:
    section = "" if "[data]" in study else "[data]\nsource = 'sample'\n"
    costs = "[costs]\npreset = 'free'\n"
    (person.folder / "study.toml").write_text(study + section + costs)
    assert message in " ".join(person.run("run", "study.toml", status=2).split())
    assert not person.runs.exists()


def test_costs_must_be_said(person: Street) -> None:
    (person.folder / "study.toml").write_text("[data]\nsource = 'sample'\n")
    assert "or preset = 'us_equity'" in person.run("run", "study.toml", status=2)


def test_an_unknown_command_is_told_the_nearest(person: Street) -> None:
    assert "Did you mean 'demo'" in person.run("demoo", status=2)


def test_a_study_that_is_not_there_is_named(person: Street) -> None:
    assert "none.toml" in person.run("run", "none.toml", status=2)


# Help, and the machine


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that can be typed."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name)


def test_every_command_has_help_with_an_example_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    import typer
    from typer.testing import CliRunner

    from alphatrade.app import cli

    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    cli._register()
    group = typer.main.get_command(cli.app)
    found = list(commands(group))
    assert {("demo",), ("run",), ("init",), ("doctor",), ("reproduce",), ("paper",), ("trials",)} <= set(
        found
    )
    assert {
        ("runs", "list"),
        ("runs", "show"),
        ("runs", "compare"),
        ("runs", "rm"),
        ("data", "check"),
    } <= set(found)
    for words in found:
        shown = CliRunner().invoke(cli.app, [*words, "--help"])
        assert shown.exit_code == 0, shown.output
        example = re.search(r"Example: (alphatrade [^│\n]*)", shown.output)
        assert example is not None, words
        typed = shlex.split(example[1])
        assert tuple(typed[1 : 1 + len(words)]) == words
        options = [w for w in typed if w.startswith("--")]
        assert all(option in shown.output for option in options), words


def test_the_command_line_lists_its_commands(person: Street) -> None:
    shown = person.run("--help")
    for word in ("demo", "run", "runs", "init", "doctor", "reproduce", "trials", "paper", "features"):
        assert re.search(rf"\b{word}\b", shown), word


def test_the_doctor_finds_nothing_missing_here(person: Street) -> None:
    checks = person.json("doctor")
    assert all(c["ok"] for c in checks), [c for c in checks if not c["ok"]]
    assert "Everything needed is here." in person.run("doctor")


def test_the_doctor_finds_a_ledger_that_was_edited(small: Street, person: Street) -> None:
    shutil.copytree(small.folder / "home", person.folder / "home")
    with sqlite3.connect(person.folder / "home" / "trials.sqlite") as database:
        database.execute("UPDATE trials SET n = n + 1")
    broken = [c for c in person.json("doctor", status=1) if not c["ok"]]
    assert [c["name"] for c in broken] == ["trial ledger"]
    assert "the trial ledger is broken at row 0" in broken[0]["advice"]
    assert "Missing: trial ledger" in person.run("doctor", status=1)
