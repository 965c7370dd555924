"""The study that ``alphatrade init`` writes: valid, complete, and what it calls defaults are defaults."""

from __future__ import annotations

import re
import tomllib

import pytest

from alphatrade.app.template import study_template
from alphatrade.core.bar import BarInfo
from alphatrade.execution import Costs
from alphatrade.labels import TripleBarrier
from alphatrade.models import LightGBM
from alphatrade.research import Recipe, Study
from alphatrade.risk import Limits

INFO = BarInfo("15m", "XNYS")
TEXT = study_template("mine", "bars.csv")
MENTIONED = re.findall(r"^# (\w+ = .*)$", TEXT, re.MULTILINE)


def parsed(text: str) -> Study:
    return Study.model_validate(tomllib.loads(text))


def test_it_is_a_study_as_it_stands() -> None:
    study = parsed(TEXT)
    assert (study.name, study.data.path, study.data.calendar) == ("mine", "bars.csv", "XNYS")
    recipe = Recipe.from_study(study, INFO)
    assert recipe.labeler == TripleBarrier(profit=2.0, stop=1.0, horizon=20, entry="next_open")
    assert recipe.model == LightGBM()
    assert recipe.costs == Costs.us_equity()
    assert recipe.limits == Limits(max_position=0.25, max_gross=1.0)
    assert recipe.gates == {}


@pytest.mark.parametrize("line", MENTIONED)
def test_a_setting_that_is_only_mentioned_is_valid_too(line: str) -> None:
    study = parsed(TEXT.replace(f"# {line}", line))
    assert study != parsed(TEXT)
    assert Recipe.from_study(study, INFO).features.names


@pytest.mark.parametrize("name", ["a b", 'quo"te', "back\\slash", "ümlaut", "{braces}"])
def test_any_name_and_file_are_written_safely(name: str) -> None:
    study = parsed(study_template(name, f"{name}.csv"))
    assert (study.name, study.data.path) == (name, f"{name}.csv")
