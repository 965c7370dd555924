"""The kill switch's state in a file: it outlives the process, and a person at a terminal can change it.

In: halts. Out: the halt in force. Never here: when to trip (``risk``).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from alphatrade.core.clock import SystemClock
from alphatrade.core.errors import DataError
from alphatrade.risk.kill import Halt

__all__ = ["FileHalts"]


class FileHalts:
    """One JSON file: the halt in force, and a log of every change with the time it was made.

    A file that cannot be read stops the engine (``DataError``): not knowing whether trading is halted is no
    permission to trade.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def _content(self) -> dict[str, object]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {"halt": found["halt"], "log": list(found["log"])}
        except FileNotFoundError:
            return {"halt": None, "log": []}
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise DataError(
                f"the kill switch file {self.path} cannot be read ({e}): restore it, or remove it to resume"
            ) from e

    def read(self) -> Halt | None:
        halt = self._content()["halt"]
        return Halt(str(halt["reason"]), int(halt["time"])) if isinstance(halt, dict) else None

    def write(self, halt: Halt | None, note: str) -> None:
        content = self._content()
        state = None if halt is None else {"reason": halt.reason, "time": halt.time}
        log = [*content["log"], {"at_ns": SystemClock().now(), "note": note}]  # type: ignore[misc]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as f:
            json.dump({"halt": state, "log": log}, f, indent=1)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
