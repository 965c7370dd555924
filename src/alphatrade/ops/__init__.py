"""Keep it alive.

In: a machine and the folders AlphaTrade uses. Out: checks that say what is missing and what to do about it.
Never here: orders, models, or anything that decides a trade.
"""

from __future__ import annotations

from alphatrade.ops.health import Check, doctor

__all__ = ["Check", "doctor"]
