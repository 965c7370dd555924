"""The simulator as a broker.

In: approved orders and slices. Out: fills. Never here: matching (``execution``), approval (``risk``).
"""

from __future__ import annotations

from alphatrade.core.order import Fill, Order
from alphatrade.engine.port import Slice
from alphatrade.execution.cost import Costs
from alphatrade.execution.schedule import Immediate
from alphatrade.execution.simulator import Simulator
from alphatrade.risk.approval import ApprovedOrder

__all__ = ["SimulatedBroker"]


class SimulatedBroker:
    """A simulated account that takes approved orders only, and each of them once.

    Parameters
    ----------
    symbols : tuple of str
    costs : Costs
    cash : float
        Account currency.
    schedule : Immediate, optional
        For the rounding of partial fills to whole shares.
    """

    def __init__(
        self, symbols: tuple[str, ...], costs: Costs, cash: float, schedule: Immediate | None = None
    ) -> None:
        self.simulator = Simulator(symbols, costs, cash, schedule=schedule)
        self._seen: set[int] = set()

    def poll(self, slice: Slice) -> list[Fill]:
        """Trade what is on order in the bars of ``slice``."""
        return self.simulator.step(slice.time, slice.bars)

    def submit(self, approved: ApprovedOrder) -> None:
        if not isinstance(approved, ApprovedOrder):
            raise TypeError(
                f"expected an ApprovedOrder from alphatrade.risk, found {type(approved).__name__}"
            )
        order = approved.order
        if order.id not in self._seen:
            self._seen.add(order.id)
            self.simulator.submit(order)

    def cancel(self, order_id: int) -> None:
        if any(order.id == order_id for order in self.working()):
            self.simulator.cancel(order_id)

    def working(self) -> list[Order]:
        return self.simulator.working()
