"""Figures as data: what they show of a record, how they are drawn, and the numbers in them."""

from playground.figures.figure import Figure, later
from playground.figures.style import THEMES, Style, style_of

__all__ = ["THEMES", "Figure", "Style", "later", "style_of"]
