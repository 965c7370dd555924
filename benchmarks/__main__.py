"""``make bench``: every benchmark, each in a process of its own so that peak memory belongs to it.

``python -m benchmarks features labels`` runs some; ``--json`` prints one line a row.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

BENCHMARKS = {
    "startup": "How long a newcomer waits",
    "features": "Features: batch, live, compilation (beside TA-Lib)",
    "labels": "Labels and datasets (beside a plain loop)",
    "simulator": "Simulator (beside a plain loop)",
}


def main() -> int:
    words = sys.argv[1:]
    as_json = "--json" in words
    chosen = [w for w in words if not w.startswith("--")] or list(BENCHMARKS)
    unknown = [w for w in chosen if w not in BENCHMARKS]
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    if not as_json:
        print(
            f"{os.cpu_count()} processors, Python {platform.python_version()}; compare rows of one run only"
        )
    status = 0
    for name in chosen:
        if not as_json:
            print(f"\n{BENCHMARKS[name]}", flush=True)
        code = f"from benchmarks import harness, bench_{name} as b; harness.show(b.rows(), {as_json})"
        status |= subprocess.run([sys.executable, "-c", code], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
