"""How much: from opinions to weights.

In: signals and a view. Out: a target, signed fractions of equity.
Never here: opinions (``strategies``), what is forbidden (``risk``), orders (``execution``).
"""

from alphatrade.portfolio.base import ALLOCATORS, Allocator, register
from alphatrade.portfolio.cap import cap
from alphatrade.portfolio.sizing import ConfidenceWeight, EqualWeight, VolatilityTarget

__all__ = [
    "ALLOCATORS",
    "Allocator",
    "ConfidenceWeight",
    "EqualWeight",
    "VolatilityTarget",
    "cap",
    "register",
]
