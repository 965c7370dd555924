"""Kernels: compiled chunk functions over columns, their graphs, and the one driver that runs them.

In: Python functions over columns. Out: programs that advance by any chunk of rows with the same bits. Never
here: a statistic.
"""

from alphatrade.core.kernel.compile import njit, routine
from alphatrade.core.kernel.graph import Graph, Kernel, Node, combination, kernel, panel, wide

__all__ = ["Graph", "Kernel", "Node", "combination", "kernel", "njit", "panel", "routine", "wide"]
