"""The kill switch latches, survives restarts, and only a person resumes."""

from __future__ import annotations

import json

import pytest

from alphatrade.adapters.halt import FileHalts
from alphatrade.core.errors import DataError, RiskHalt
from alphatrade.risk import Halt, KillSwitch


def test_the_first_reason_stays():
    switch = KillSwitch()
    switch.require_clear()
    switch.trip("first", 1)
    switch.trip("second", 2)
    assert switch.halt == Halt("first", 1)
    with pytest.raises(RiskHalt, match=r"first.*a person must resume"):
        switch.require_clear()


def test_only_a_person_with_a_reason_resumes():
    switch = KillSwitch()
    switch.trip("loss", 1)
    for person, why in (("", "fine now"), ("Ada", " ")):
        with pytest.raises(ValueError, match="only a person"):
            switch.resume(person, why)
    switch.resume("Ada", "checked the feed")
    assert switch.halt is None


def test_a_halt_survives_a_restart_and_every_change_is_logged(tmp_path):
    path = tmp_path / "state" / "halt.json"
    KillSwitch(FileHalts(path)).trip("loss", 5)
    again = KillSwitch(FileHalts(path))
    assert again.halt == Halt("loss", 5)
    again.resume("Ada", "checked the feed")
    assert KillSwitch(FileHalts(path)).halt is None
    notes = [entry["note"] for entry in json.loads(path.read_text())["log"]]
    assert notes == ["tripped: loss", "resumed by Ada: checked the feed"]


def test_another_process_can_trip_it(tmp_path):
    ours, theirs = (KillSwitch(FileHalts(tmp_path / "halt.json")) for _ in range(2))
    assert ours.halt is None
    theirs.trip("by hand", 9)
    assert ours.halt == Halt("by hand", 9)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"halt": null}'])
def test_a_file_that_cannot_be_read_is_no_permission_to_trade(tmp_path, text):
    path = tmp_path / "halt.json"
    path.write_text(text)
    with pytest.raises(DataError, match="cannot be read"):
        KillSwitch(FileHalts(path)).halt
