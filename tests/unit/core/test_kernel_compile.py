"""Stamps of kernel sources, and compilation ahead of use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from alphatrade.core.kernel import compile as compiling
from alphatrade.core.kernel.build import compile_kernels, main
from alphatrade.features import kernel as shared
from alphatrade.features.kernel import column, window


def test_a_stamp_covers_the_files_a_file_imports():
    found = {p.name for p in compiling._imports(compiling.Path(shared.__file__))}
    assert {"column.py", "window.py", "moment.py", "recursive.py", "cross.py"} <= found
    assert "graph.py" in {
        p.name for p in compiling._imports(compiling.Path(compiling.__file__).parent / "__init__.py")
    }


def test_stamps_of_files_with_the_same_imports_differ_by_their_own_text():
    assert compiling.kernel_stamp(column.__file__) != compiling.kernel_stamp(window.__file__)


def test_a_plug_in_is_stamped_with_the_modules_beside_it(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "plug_part.py").write_text("x = 1\n")
    (tmp_path / "plug.py").write_text("from plug_part import x\n")
    import plug

    assert compiling._imports(compiling.Path(plug.__file__)) == {tmp_path / "plug_part.py"}


def test_fastmath_is_refused():
    with pytest.raises(ValueError, match="fastmath"):
        compiling.njit(lambda x: x, fastmath=True)


def test_nothing_is_told_when_nothing_is_compiled():
    kernels = [column.sign, column.absolute]
    compile_kernels(kernels, processes=1)
    told = []
    assert compile_kernels(kernels, progress=lambda *args: told.append(args)) == 0
    assert told == []


CHILD = ["alphatrade.features.kernel.column:sign", "alphatrade.core.kernel.driver:walk"]


def test_a_child_process_says_what_it_has_compiled_from_the_last_one_on(tmp_path, monkeypatch):
    monkeypatch.setenv("ALPHATRADE_CACHE", str(tmp_path))
    command = [sys.executable, "-m", "alphatrade.core.kernel.build", *CHILD]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "walk\nsign\n"
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""


def test_what_is_ready_is_not_compiled_again(capsys):
    column.sign.address
    main(["alphatrade.features.kernel.column:sign"])
    assert capsys.readouterr().out == ""
