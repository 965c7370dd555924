"""Every broker keeps the port's contract; brokers that break it are found."""

from __future__ import annotations

import pytest

from alphatrade.engine import SimulatedBroker
from alphatrade.execution import Costs
from alphatrade.testing import check_broker


@pytest.mark.parametrize("costs", [Costs.free(), Costs.us_equity()], ids=["free", "us_equity"])
def test_the_simulated_broker_keeps_the_contract(costs):
    check_broker(lambda symbols, cash: SimulatedBroker(symbols, costs, cash))


class Trusting(SimulatedBroker):
    """Takes any order."""

    def submit(self, approved):
        self.simulator.submit(getattr(approved, "order", approved))


class Forgetful(SimulatedBroker):
    """Takes an order twice once it was filled."""

    def submit(self, approved):
        self._seen.clear()
        if any(order.id == approved.order.id for order in self.working()):
            return
        super().submit(approved)


class Deaf(SimulatedBroker):
    """Does not cancel."""

    def cancel(self, order_id):
        return


class Hasty(SimulatedBroker):
    """Fills in the slice at which an order was sent."""

    def poll(self, slice):
        self._slice = slice
        return super().poll(slice)

    def working(self):
        return []


@pytest.mark.parametrize(
    ("broker", "message"),
    [
        (Trusting, "risk has not approved"),
        (Forgetful, "filled before must be ignored"),
        (Deaf, "cancelled order must not"),
        (Hasty, "expected one working order"),
    ],
)
def test_a_broker_that_breaks_the_contract_is_found(broker, message):
    with pytest.raises((AssertionError, AttributeError), match=message):
        check_broker(lambda symbols, cash: broker(symbols, Costs.free(), cash))
