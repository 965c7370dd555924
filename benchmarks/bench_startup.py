"""How long a newcomer waits: ``import alphatrade``, ``alphatrade --help``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.harness import Row, show


def _seconds(command: list[str], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def rows() -> list[Row]:
    python = sys.executable
    empty = _seconds([python, "-c", "pass"])
    imported = _seconds([python, "-c", "import alphatrade"])
    helped = _seconds([str(Path(python).with_name("alphatrade")), "--help"])
    return [
        Row("python -c pass", empty, empty * 1e3, "ms"),
        Row("import alphatrade (interpreter included)", imported, imported * 1e3, "ms", mark="< 300"),
        Row("alphatrade --help", helped, helped * 1e3, "ms", mark="< 500"),
    ]


def main() -> None:
    show(rows())


if __name__ == "__main__":
    main()
