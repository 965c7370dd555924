"""The step: one slice from fills to orders, the same body in backtest, paper and live.

In: ports and components. Out: orders at the broker; what happened, for whoever keeps a record.
Never here: loops over slices (``backtest``, ``paper``), storage.

The order of a step: fills since the last slice; mark; features; forecasts; kill switch; signals; target;
limits; orders, each approved or denied; submission. The fills of an order come with a later slice, never
its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from alphatrade.core.clock import Clock, SimulatedClock
from alphatrade.core.component import config_of
from alphatrade.core.opinion import Target
from alphatrade.core.order import Fill, Order
from alphatrade.engine.account import Account
from alphatrade.engine.port import Broker, FeatureSource, ModelSource, Schedule, Slice
from alphatrade.engine.source import NoFeatures, NoModel
from alphatrade.portfolio.base import Allocator
from alphatrade.risk.approval import ApprovedOrder, Denied
from alphatrade.risk.kill import KillSwitch
from alphatrade.risk.limit import Limits
from alphatrade.strategies.base import Strategy

__all__ = ["Engine", "Plan", "Verdict"]

Verdict = ApprovedOrder | Denied


@dataclass(frozen=True)
class Plan:
    """The components that decide: what a backtest, a paper session and a live one have in common.

    ``span`` and ``warm_up`` are those of ``engine.trailing_volatility``, in bars.
    """

    strategy: Strategy
    allocator: Allocator
    limits: Limits
    schedule: Schedule
    span: int = 100
    warm_up: int = 20

    @property
    def config(self) -> dict[str, Any]:
        """Plain configuration, for journals and manifests."""
        return config_of(self)


class Engine:
    """One account traded by one plan.

    Parameters
    ----------
    symbols : tuple of str
        Fixed order of all columns.
    plan : Plan
    broker : Broker
    cash : float
    features, models : FeatureSource, ModelSource, optional
        None: the view has no features, no forecasts.
    clock : Clock, optional
        Simulated when None.
    kill : KillSwitch, optional
        In memory when None.

    Attributes
    ----------
    fills, working, halt_reason, target, verdicts
        What the last step saw and did; ``working`` is what was still on order after its fills.
    """

    def __init__(
        self,
        symbols: tuple[str, ...],
        plan: Plan,
        broker: Broker,
        cash: float,
        *,
        features: FeatureSource | None = None,
        models: ModelSource | None = None,
        clock: Clock | None = None,
        kill: KillSwitch | None = None,
    ) -> None:
        self.symbols, self.plan, self.broker, self.cash = symbols, plan, broker, cash
        self.features: FeatureSource = NoFeatures(len(symbols)) if features is None else features
        self.models: ModelSource = NoModel(len(symbols)) if models is None else models
        self.clock: Clock = SimulatedClock() if clock is None else clock
        self.kill = KillSwitch() if kill is None else kill
        self.strategy = plan.strategy.start(symbols, self.features.names)
        self.limits, self.allocator, self.schedule = plan.limits, plan.allocator, plan.schedule
        self.account = Account(symbols, cash, span=plan.span, warm_up=plan.warm_up)
        self.view = self.account.view
        self.fills: list[Fill] = []
        self.working: list[Order] = []
        self.halt_reason: str | None = None
        self.verdicts: list[Verdict] = []
        self.target = Target(np.full(len(symbols), np.nan))

    def step(self, slice: Slice) -> None:
        """Advance by one slice, and decide."""
        self.observe(slice)
        view = self.view
        signals = self.strategy.decide(view)
        self.target = self.limits.apply(self.allocator.allocate(signals, view), view)
        orders = self.schedule.slice(self.target, view)
        self.verdicts = [self._send(order) for order in self._reducing_first(orders)] if orders else []

    def observe(self, slice: Slice) -> None:
        """Advance by one slice without deciding: warm-up, and the first half of a step."""
        self.clock.advance_to(slice.time)
        account, view = self.account, self.view
        self.fills = self.broker.poll(slice)
        for fill in self.fills:
            account.record(fill)
        self.working = self.broker.working() if account.on_order else []
        if account.on_order:
            account.set_pending(self.working)
        account.observe(slice)
        view.feature = self.features.advance(slice)
        view.forecast = self.models.advance(view)
        self._watch()

    def _watch(self) -> None:
        """Read the kill switch, trip it when a limit says so; once tripped, withdraw what is on order."""
        view = self.view
        was, halt = view.halted, self.kill.halt
        if was and halt is None:
            self.account.forgive()
        reason = self.limits.breach(view)
        if reason is not None and halt is None:
            self.kill.trip(reason, view.time)
            halt = self.kill.halt
        view.halted = halt is not None
        self.halt_reason = None if halt is None else halt.reason
        if view.halted and not was:
            for order in self.broker.working():
                self.broker.cancel(order.id)
            self.account.set_pending(self.broker.working())

    def _reducing_first(self, orders: Sequence[Order]) -> list[Order]:
        """Sales make room for purchases: orders that reduce a position are judged before those that add."""
        if len(orders) == 1:
            return list(orders)
        planned = self.view.qty + self.view.pending
        return sorted(orders, key=lambda order: order.qty * planned[order.symbol] >= 0.0)

    def _send(self, order: Order) -> Verdict:
        verdict = self.limits.approve(order, self.view)
        self.view.next_order = max(self.view.next_order, order.id + 1)
        if isinstance(verdict, ApprovedOrder):
            self.broker.submit(verdict)
            self.account.commit(verdict.order)
        return verdict
