"""Loss surfaces, a file per group; the order of the imports is the order of the menu."""

# isort: off
from playground.choices.surfaces.base import GROUPS, Surface, number, surfaces
from playground.choices.surfaces import convex, ravines, saddles, many_minima, plateaus, non_smooth, lessons, own
from playground.choices.surfaces.ravines import Rosenbrock
# isort: on

__all__ = ["GROUPS", "Rosenbrock", "Surface", "number", "surfaces"]
__all__ += ["convex", "lessons", "many_minima", "non_smooth", "own", "plateaus", "ravines", "saddles"]
