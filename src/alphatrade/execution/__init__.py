"""How to trade, and what it costs.

In: targets and orders, bars. Out: fills, the ledger, the touch rule, costs.
Never here: what to hold (``portfolio``), may we (``risk``), the loop that calls us (``engine``).
"""

from alphatrade.execution.touch import touch

__all__ = ["touch"]
