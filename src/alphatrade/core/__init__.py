"""The nouns every room shares: bars, sessions, opinions, orders, clock, kernels, components, configuration.

In: nothing but numbers and text. Out: types, the kernel layer, errors, and ports such as the trial ledger.
Never here: files, vendors, decisions, or anything that only one room needs.
"""
