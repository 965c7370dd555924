"""Benchmarks: AlphaTrade beside a peer or a plain loop, in one process, on the same work."""
