"""The outside: files, vendors, servers and data stores.

In: bytes of files, vendors and databases, behind the ports of the rooms below.
Out: the nouns of those rooms, and our exceptions.
Never here: a decision about what the bytes mean for trading; an SDK imported anywhere else.
"""

from alphatrade.adapters.load import load_bars
from alphatrade.adapters.sample import sample_bars

__all__ = ["load_bars", "sample_bars"]
