"""The public names: all there, and none of them loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import alphatrade
from alphatrade.app.names import PUBLIC, resolve

HEAVY = ("numba", "sklearn", "lightgbm", "pandas", "polars", "numpy", "scipy", "sqlalchemy", "typer", "rich")


def told(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_resolves_to_what_its_room_exports(name: str) -> None:
    found = resolve(name)
    assert found is getattr(alphatrade, name)
    assert getattr(found, "__name__", name) == name
    assert found.__doc__


def test_the_package_lists_its_names() -> None:
    assert dir(alphatrade) == sorted(PUBLIC)


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(
        AttributeError, match="alphatrade has no 'TripelBarrier'; did you mean 'TripleBarrier'"
    ):
        _ = alphatrade.TripelBarrier
    with pytest.raises(AttributeError, match="alphatrade has no 'xyz'; known: "):
        resolve("xyz")


def test_a_private_name_is_simply_not_there() -> None:
    assert not hasattr(alphatrade, "_nothing")
    assert not hasattr(alphatrade, "__wrapped__")


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = told(f"import alphatrade, sys; print([m for m in {HEAVY!r} if m in sys.modules])")
    assert loaded == "[]"


def test_reading_bars_loads_no_learner_and_no_compiler() -> None:
    heavy = ("numba", "sklearn", "lightgbm", "scipy", "sqlalchemy")
    loaded = told(
        f"import alphatrade, sys; alphatrade.Bars; print([m for m in {heavy!r} if m in sys.modules])"
    )
    assert loaded == "[]"


def test_the_package_is_imported_in_a_third_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import alphatrade; print(time.perf_counter() - t)"
    assert min(float(told(code)) for _ in range(3)) < 0.3


def test_help_is_shown_without_the_rooms_behind_it() -> None:
    code = (
        "import sys; sys.argv = ['alphatrade', '--help']\n"
        "from alphatrade.app.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('numba', 'polars', 'sklearn', 'lightgbm', 'sqlalchemy') if m in sys.modules])"
    )
    assert told(code).splitlines()[-1] == "[]"
