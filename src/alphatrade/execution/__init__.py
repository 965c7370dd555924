"""How to trade, and what it costs.

In: targets and orders, bars. Out: fills, the ledger, the touch rule, costs.
Never here: what to hold (``portfolio``), may we (``risk``), the loop that calls us (``engine``).
"""

from alphatrade.execution.cost import Costs
from alphatrade.execution.ledger import round_trips
from alphatrade.execution.result import SimResult
from alphatrade.execution.schedule import Immediate
from alphatrade.execution.simulator import Simulator
from alphatrade.execution.touch import touch

__all__ = ["Costs", "Immediate", "SimResult", "Simulator", "round_trips", "touch"]
