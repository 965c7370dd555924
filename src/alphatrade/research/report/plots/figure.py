"""What a plot hands to the page.

In: a drawing function. Out: ``Figure``: one picture for wide and one for narrow places, and its sentence.
Never here: what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["HALF", "NARROW", "WIDE", "Figure", "full", "half"]

WIDE = 860.0
HALF = 390.0
NARROW = 358.0  # the text column of a 390 px phone


@dataclass(frozen=True)
class Figure:
    """A picture with its title and the sentence that says what to see in it."""

    title: str
    caption: str
    svg: Markup


def full(title: str, caption: str, draw: Callable[[float, str], Markup]) -> Figure:
    """A figure as wide as the page, drawn twice to keep text its size on a phone; the style shows one."""
    return Figure(title, caption, draw(WIDE, "wide") + draw(NARROW, "narrow"))


def half(title: str, caption: str, draw: Callable[[float, str], Markup]) -> Figure:
    """A figure for one of two columns, which is as wide as a phone."""
    return Figure(title, caption, draw(HALF, ""))
