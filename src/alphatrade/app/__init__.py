"""Doors: command line, Python facade, and the wiring of settings to objects.

In: what a person types. Out: rooms put together and results shown. Never here: anything that computes a
result.
"""
