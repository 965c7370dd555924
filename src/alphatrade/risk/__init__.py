"""May we: limits and the kill switch. They can only shrink what is wanted.

In: targets, orders, a view. Out: smaller targets; an approved order, or a denial with its reason.
Never here: opinions, sizing, how orders are worked. Only this room can make an ``ApprovedOrder``.
"""

from alphatrade.risk.approval import ApprovedOrder, Denied
from alphatrade.risk.kill import Halt, HaltStore, KillSwitch, MemoryHalts
from alphatrade.risk.limit import Limits

__all__ = ["ApprovedOrder", "Denied", "Halt", "HaltStore", "KillSwitch", "Limits", "MemoryHalts"]
