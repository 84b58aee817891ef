"""Many minima: where a race ends depends on where it starts, and on how much it rolls."""

from __future__ import annotations

import math

import sympy as sp

from playground.choices.surfaces.base import Surface, surfaces
from playground.registry import knob

SURVEY = "Jamil and Yang, A literature survey of benchmark functions for global optimization problems, 2013, no. "


@surfaces("himmelblau", "Himmelblau")
class Himmelblau(Surface):
    """Four equal minima around a hill.

    Formula: f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2, with four minima 0, one of them at (3, 2).
    Domain: usually -5 to 5 for both.
    """

    group = "many minima"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (-0.5, -1.2)
    log_levels = True
    source = SURVEY + "65"
    look = "Starts that are almost equal can end in different minima, and so can two methods from the same start."

    def formula(self, x, y):
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    def minima(self):
        return (
            (3.0, 2.0),
            (-2.80511808695274485, 3.13131251825057297),
            (-3.77931025337774689, -3.28318599128616941),
            (3.58442834033049174, -1.84812652696440355),
        )

    def saddles(self):
        return (
            (0.0866775045553963518, 2.88425470117477611),
            (3.38515418360702094, 0.0738518798377492877),
            (-3.07302575076438961, -0.0813530442879675116),
            (-0.127961346730680066, -1.95371498024457643),
        )


@surfaces("rastrigin", "Rastrigin")
class Rastrigin(Surface):
    """A bowl full of egg-box dents, one minimum per unit square.

    Formula: f(x, y) = 20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y), with its minimum 0 at (0, 0).
    Domain: -5.12 to 5.12 for both.
    """

    group = "many minima"
    window = (-5.12, 5.12, -5.12, 5.12)
    start = (-3.4, 2.7)
    source = "Rastrigin, Systems of extremal control, 1974"
    look = "Every method falls into the nearest dent; only momentum, noise or a large step climbs out again."

    def formula(self, x, y):
        return 20 + sum(coordinate**2 - 10 * sp.cos(2 * sp.pi * coordinate) for coordinate in (x, y))

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("ackley", "Ackley")
class Ackley(Surface):
    """A nearly flat outer region with small dents, and a deep funnel in the middle.

    Formula: f(x, y) = 20 + e - 20 exp(-0.2 sqrt((x^2 + y^2)/2)) - exp((cos(2 pi x) + cos(2 pi y))/2), with its
    minimum 0 at (0, 0), where it has a kink. Domain: usually -32 to 32 for both.
    """

    group = "many minima"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (-3.4, 2.3)
    smooth = False
    source = SURVEY + "1"
    look = "The dents are shallow compared with the funnel: watch which methods roll over them."

    def formula(self, x, y):
        funnel = -20 * sp.exp(-sp.sqrt((x**2 + y**2) / 2) / 5)
        return funnel - sp.exp((sp.cos(2 * sp.pi * x) + sp.cos(2 * sp.pi * y)) / 2) + 20 + sp.E

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("griewank", "Griewank")
class Griewank(Surface):
    """A very flat bowl under a regular wave.

    Formula: f(x, y) = 1 + (x^2 + y^2)/4000 - cos(x) cos(y/sqrt(2)), with its minimum 0 at (0, 0).
    Domain: usually -600 to 600 for both.
    """

    group = "many minima"
    window = (-10.0, 10.0, -10.0, 10.0)
    start = (-7.5, 6.5)
    source = SURVEY + "59"
    look = "All minima look alike from inside; the bowl that tells them apart is a thousand times weaker than the wave."

    def formula(self, x, y):
        return 1 + (x**2 + y**2) / 4000 - sp.cos(x) * sp.cos(y / sp.sqrt(2))

    def minima(self):
        return ((0.0, 0.0),)


@surfaces("levy", "Levy")
class Levy(Surface):
    """Parallel waves across a bowl, long in one direction and short in the other.

    Formula: f(x, y) = sin(pi u)^2 + (u - 1)^2 (1 + 10 sin(pi u + 1)^2) + (v - 1)^2 (1 + sin(2 pi v)^2) with
    u = 1 + (x - 1)/4 and v = 1 + (y - 1)/4, with its minimum 0 at (1, 1). Domain: -10 to 10 for both.
    """

    group = "many minima"
    window = (-10.0, 10.0, -10.0, 10.0)
    start = (-5.5, 8.0)
    log_levels = True
    source = "Levy and Montalvo, The tunneling algorithm for the global minimization of functions, 1985, section 5"
    look = "Gradient descent stops at once; momentum crosses the small waves in y, not always the high ones in x."

    def formula(self, x, y):
        u, v = 1 + (x - 1) / 4, 1 + (y - 1) / 4
        ends = sp.sin(sp.pi * u) ** 2 + (v - 1) ** 2 * (1 + sp.sin(2 * sp.pi * v) ** 2)
        return ends + (u - 1) ** 2 * (1 + 10 * sp.sin(sp.pi * u + 1) ** 2)

    def minima(self):
        return ((1.0, 1.0),)


@surfaces("styblinski_tang", "Styblinski-Tang")
class StyblinskiTang(Surface):
    """Four basins, one in each corner, with four different depths.

    Formula: f(x, y) = (x^4 - 16 x^2 + 5x + y^4 - 16 y^2 + 5y) / 2, with its minimum -78.33 at (-2.9035, -2.9035).
    Domain: -5 to 5 for both.
    """

    group = "many minima"
    window = (-5.0, 5.0, -5.0, 5.0)
    start = (4.5, 4.1)
    source = SURVEY + "144"
    look = "The start lies higher than the hill in the middle: which method rolls over it to the deepest basin?"

    def formula(self, x, y):
        return sum(coordinate**4 - 16 * coordinate**2 + 5 * coordinate for coordinate in (x, y)) / 2

    def minima(self):
        return ((-2.9035340277711771, -2.9035340277711771),)

    def saddles(self):
        hill, deep, shallow = 0.1567312567303401, -2.9035340277711771, 2.7468027709908370
        return ((hill, deep), (hill, shallow), (deep, hill), (shallow, hill))


@surfaces("three_hump_camel", "Three-hump camel")
class ThreeHumpCamel(Surface):
    """Three basins in a row, the one in the middle the deepest.

    Formula: f(x, y) = 2 x^2 - 1.05 x^4 + x^6/6 + x y + y^2, with its minimum 0 at (0, 0). Domain: -5 to 5 for both.
    """

    group = "many minima"
    window = (-2.3, 2.3, -2.0, 2.0)
    start = (-2.25, 1.9)
    log_levels = True
    source = SURVEY + "29"
    look = "Momentum rolls through the first basin into the deepest one; plain gradient descent stays."

    def formula(self, x, y):
        return 2 * x**2 - sp.Float("1.05") * x**4 + x**6 / 6 + x * y + y**2

    def minima(self):
        return ((0.0, 0.0),)

    def saddles(self):
        x, y = 1.07054229182365997, -0.535271145911829987
        return ((x, y), (-x, -y))


@surfaces("six_hump_camel", "Six-hump camel")
class SixHumpCamel(Surface):
    """Six basins, two of them equally deep, and a saddle in the middle.

    Formula: f(x, y) = (4 - 2.1 x^2 + x^4/3) x^2 + x y + (4 y^2 - 4) y^2, with minima -1.0316 at (0.0898, -0.7127) and
    its mirror image. Domain: -3 to 3 for x, -2 to 2 for y.
    """

    group = "many minima"
    window = (-2.1, 2.1, -1.2, 1.2)
    start = (-2.0, -0.9)
    log_levels = True
    source = SURVEY + "30"
    look = "Gradient descent rests in the first shallow basin; how much momentum does it take to reach a deepest one?"

    def formula(self, x, y):
        return (4 - sp.Float("2.1") * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2

    def minima(self):
        x, y = 0.0898420131003180624, -0.712656403020739633
        return ((x, y), (-x, -y))

    def saddles(self):
        return ((0.0, 0.0),)


@surfaces("branin", "Branin")
class Branin(Surface):
    """A bent trough with three equal minima.

    Formula: f(x, y) = (y - 5.1/(4 pi^2) x^2 + 5/pi x - 6)^2 + 10 (1 - 1/(8 pi)) cos(x) + 10, with minima 0.3979 at
    (-pi, 12.275), (pi, 2.275) and (3 pi, 2.475). Domain: -5 to 10 for x, 0 to 15 for y.
    """

    group = "many minima"
    window = (-5.0, 10.0, 0.0, 15.0)
    start = (6.2, 12.0)
    log_levels = True
    source = SURVEY + "22"
    look = "The walls are steep and the trough is shallow: a step that survives the wall is slow in the trough."

    def formula(self, x, y):
        trough = y - sp.Float("5.1") / (4 * sp.pi**2) * x**2 + 5 / sp.pi * x - 6
        return trough**2 + 10 * (1 - 1 / (8 * sp.pi)) * sp.cos(x) + 10

    def minima(self):
        return ((-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475))


@surfaces("goldstein_price", "Goldstein-Price")
class GoldsteinPrice(Surface):
    """Four basins on a polynomial that spans six orders of magnitude; its logarithm tames it.

    Formula: g(x, y) = (1 + (x + y + 1)^2 (19 - 14x + 3x^2 - 14y + 6xy + 3y^2))
    (30 + (2x - 3y)^2 (18 - 32x + 12x^2 + 48y - 36xy + 27y^2)), and f = log g or f = g.
    The minimum of g is 3 at (0, -1). Domain: -2 to 2 for both.
    """

    group = "many minima"
    window = (-2.0, 2.0, -2.0, 2.0)
    start = (-1.6, 0.8)
    log_levels = True
    source = SURVEY + "58"
    look = (
        "Switch the logarithm off: the picture of the minima stays, but gradients reach a million and every "
        "step size that moves in the basin explodes outside of it."
    )

    logarithm: bool = knob(True, help="draw and descend the logarithm of the function")

    def formula(self, x, y):
        first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
        second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
        return sp.log(first * second) if self.logarithm else first * second

    def minima(self):
        return ((0.0, -1.0),)


@surfaces("easom", "Easom")
class Easom(Surface):
    """A needle in a haystack: one narrow hole in a plain.

    Formula: f(x, y) = -cos(x) cos(y) exp(-(x - pi)^2 - (y - pi)^2), with its minimum -1 at (pi, pi).
    Domain: usually -100 to 100 for both.
    """

    group = "many minima"
    window = (-1.0, 7.0, -1.0, 7.0)
    start = (1.7, 2.0)
    source = SURVEY + "50"
    look = (
        "A little further out the gradient carries no information any more, and random search is as good as any method."
    )

    def formula(self, x, y):
        return -sp.cos(x) * sp.cos(y) * sp.exp(-((x - sp.pi) ** 2) - (y - sp.pi) ** 2)

    def minima(self):
        return ((math.pi, math.pi),)


@surfaces("eggholder", "Eggholder")
class Eggholder(Surface):
    """A wild landscape whose lowest point in the window lies on its right edge.

    Formula: f(x, y) = -(y + 47) sin(sqrt(|x/2 + y + 47|)) - x sin(sqrt(|x - y - 47|)), with the lowest value of the
    window, -959.64, at (512, 404.2318). It falls further outside. Domain: -512 to 512 for both.
    """

    group = "many minima"
    window = (-512.0, 512.0, -512.0, 512.0)
    start = (150.0, 220.0)
    smooth = False
    boundary_minimum = True
    source = SURVEY + "53"
    look = (
        "The window is a thousand units wide, so step sizes of the other surfaces hardly move here; local search rules."
    )

    def formula(self, x, y):
        first = -(y + 47) * sp.sin(sp.sqrt(sp.Abs(x / 2 + y + 47)))
        return first - x * sp.sin(sp.sqrt(sp.Abs(x - y - 47)))

    def minima(self):
        return ((512.0, 404.23180511375781),)
