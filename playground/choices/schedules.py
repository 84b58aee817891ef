"""Learning-rate schedules: the factor by which the learning rate is multiplied at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from playground.registry import Choice, Registry, knob

schedules: Registry[Schedule] = Registry("schedule")


@dataclass(frozen=True, kw_only=True)
class Schedule(Choice):
    """Base of all schedules. `warmup` is a knob of each: a linear ramp over that many steps, then the shape begins."""

    warmup: int = knob(0, 0, 5000, symbol="w", help="steps of linear warm-up")

    def __call__(self, t: int, steps: int) -> float:
        """The factor at step `t` (from 0) of a run of `steps`: the ramp (t + 1) / (warmup + 1), then the shape.

        The ramp leads to where the shape begins, so that a shape that begins low is not preceded by a peak.
        """
        length = max(steps - self.warmup, 1)
        if t < self.warmup:
            return (t + 1) / (self.warmup + 1) * self.shape(0, length)
        return self.shape(t - self.warmup, length)

    def at_epoch(self, epoch: int, epochs: int) -> float:
        """The factor during an epoch (from 0) of `epochs`, if the schedule moves on at epochs only.

        The run ends with the last epoch, not with its beginning: a factor that ends at 0 is 0 after it. So it is in
        PyTorch, whose CosineAnnealingLR with T_max = epochs is stepped after each epoch.
        """
        return self(epoch, epochs + 1)

    def shape(self, t: int, steps: int) -> float:
        """The factor without warm-up at step `t` of `steps`; it is 1 at t = 0 unless the schedule says otherwise."""
        raise NotImplementedError


def progress(t: int, steps: int) -> float:
    """Share of the run that is over at step `t`: 0 at the first step, 1 at the last (0 if they are the same)."""
    return min(t / max(steps - 1, 1), 1.0)


@schedules("constant", "Constant")
class Constant(Schedule):
    """The same learning rate throughout.

    Formula: 1.

    Reference: Robbins and Monro, 1951, show why it cannot settle under noise; every schedule below answers that.
    """

    def shape(self, t, steps):
        return 1.0


@schedules("step", "Step")
class Step(Schedule):
    """A drop by the same factor at regular intervals.

    Formula: gamma^floor(t / every).

    Reference: torch.optim.lr_scheduler.StepLR.
    """

    every: int = knob(100, 1, 5000, symbol="s", help="steps between two drops")
    gamma: float = knob(0.5, 0.01, 1.0, symbol=r"\gamma", help="factor of each drop")

    def shape(self, t, steps):
        return self.gamma ** (t // self.every)


@schedules("multi_step", "Multi-step")
class MultiStep(Schedule):
    """A drop at each of two moments of the run.

    Formula: gamma^k, where k counts the milestones reached; a milestone at share p is step round(p steps).

    Reference: He et al., Deep residual learning, 2016, section 4.2 (a tenth at 1/2 and 3/4 of the run).
    """

    first: float = knob(0.5, 0.0, 1.0, symbol="p_1", help="share of the run before the first drop")
    second: float = knob(0.75, 0.0, 1.0, symbol="p_2", help="share of the run before the second drop")
    gamma: float = knob(0.1, 0.01, 1.0, symbol=r"\gamma", help="factor of each drop")

    def shape(self, t, steps):
        milestones = sum(t >= round(share * steps) for share in (self.first, self.second))
        return self.gamma**milestones

    def at_epoch(self, epoch, epochs):
        """The factor during an epoch; a milestone within an epoch counts from the next one on."""
        if epoch < self.warmup:
            return super().at_epoch(epoch, epochs)
        length = max(epochs - self.warmup, 1)
        milestones = sum(epoch - self.warmup >= share * length for share in (self.first, self.second))
        return self.gamma**milestones


@schedules("exponential", "Exponential")
class Exponential(Schedule):
    """The same share lost at every step.

    Formula: e^(-k t).

    Reference: Stanford CS231n, notes on neural networks 3, annealing the learning rate; as ExponentialLR with e^-k.
    """

    k: float = knob(0.005, 1e-5, 1.0, log=True, symbol="k", help="share lost per step")

    def shape(self, t, steps):
        return math.exp(-self.k * t)


@schedules("inverse_time", "1/t decay")
class InverseTime(Schedule):
    """Fast at first, then ever slower, but far enough in sum to reach any point.

    Formula: 1 / (1 + k t).

    Reference: Robbins and Monro, A stochastic approximation method, 1951, section 2 (steps of type 1 / n).
    """

    k: float = knob(0.01, 1e-5, 10.0, log=True, symbol="k", help="how soon it falls to a half: after 1 / k steps")

    def shape(self, t, steps):
        return 1 / (1 + self.k * t)


@schedules("linear", "Linear")
class Linear(Schedule):
    """A straight line down to the end of the run.

    Formula: 1 - (1 - end) p, with p the share of the run that is over.

    Reference: torch.optim.lr_scheduler.LinearLR.
    """

    end: float = knob(0.0, 0.0, 1.0, symbol="e", help="factor at the last step")

    def shape(self, t, steps):
        return 1 - (1 - self.end) * progress(t, steps)


@schedules("polynomial", "Polynomial")
class Polynomial(Schedule):
    """A line bent by a power: steep early and flat late for powers above 1.

    Formula: 1 - (1 - end) (1 - (1 - p)^power), with p the share of the run that is over.

    Reference: Chen et al., DeepLab, 2018, section 4.1 ("poly", power 0.9).
    """

    power: float = knob(2.0, 0.1, 10.0, symbol="n", help="1 is a straight line")
    end: float = knob(0.0, 0.0, 1.0, symbol="e", help="factor at the last step")

    def shape(self, t, steps):
        return 1 - (1 - self.end) * (1 - (1 - progress(t, steps)) ** self.power)


def half_cosine(end: float, p: float) -> float:
    """From 1 at p = 0 to `end` at p = 1, flat at both."""
    return 1 - (1 - end) * (1 - math.cos(math.pi * p)) / 2  # so written, rounding never leads above 1


@schedules("cosine", "Cosine")
class Cosine(Schedule):
    """Half a cosine wave: flat, steep, flat.

    Formula: 1 - (1 - end) (1 - cos(pi p)) / 2, with p the share of the run that is over.

    Reference: Loshchilov and Hutter, SGDR, 2017, eq. (5), without restarts.
    """

    end: float = knob(0.0, 0.0, 1.0, symbol="e", help="factor at the last step")

    def shape(self, t, steps):
        return half_cosine(self.end, progress(t, steps))


@schedules("cosine_restarts", "Cosine with warm restarts")
class CosineRestarts(Schedule):
    """Cosine again and again, each wave longer by the same multiple.

    Formula: 1 - (1 - end) (1 - cos(pi u / T)) / 2, with u steps since the last restart and T the present period.

    Reference: Loshchilov and Hutter, SGDR, 2017, eq. (5) with T_mult.
    """

    period: int = knob(100, 1, 5000, symbol="T_0", help="steps of the first wave")
    multiplier: int = knob(2, 1, 4, symbol="m", help="each wave is so many times as long as the one before")
    end: float = knob(0.0, 0.0, 1.0, symbol="e", help="factor that each wave falls towards")

    def shape(self, t, steps):
        period = self.period
        if self.multiplier == 1:
            t %= period
        while t >= period:
            t, period = t - period, period * self.multiplier
        return half_cosine(self.end, t / period)


@schedules("triangle", "Triangular cycle")
class Triangle(Schedule):
    """Up and down between a low rate and the full one.

    Formula: 1 - (1 - low) |2 u / period - 1|, with u steps since the cycle began; it begins at low.

    Reference: Smith, Cyclical learning rates for training neural networks, 2017, section 3.2.
    """

    period: int = knob(200, 2, 5000, symbol="T", help="steps of one cycle, up and down")
    low: float = knob(0.1, 0.0, 1.0, symbol="l", help="factor at the bottom")

    def shape(self, t, steps):
        return 1 - (1 - self.low) * abs(2 * (t % self.period) / self.period - 1)


@schedules("one_cycle", "One cycle")
class OneCycle(Schedule):
    """One rise to the full rate and one long fall far below the start.

    Formula: half a cosine wave from `start` up to 1 at share `peak` of the run, then half a wave down to `end`.

    Reference: Smith and Topin, Super-convergence, 2018, section 3; cosine arms and defaults as in PyTorch's OneCycleLR.
    """

    peak: float = knob(0.3, 0.0, 1.0, symbol="p", help="share of the run at which the rate is full")
    start: float = knob(0.04, 0.0, 1.0, symbol="s", help="factor at the first step")
    end: float = knob(4e-6, 0.0, 1.0, symbol="e", help="factor at the last step")

    def shape(self, t, steps):
        top = self.peak * steps - 1  # PyTorch's place for the peak, as for the last step: steps - 1
        if t <= top:
            return half_cosine(self.start, 1 - t / top) if top > 0 else 1.0
        top = max(top, 0.0)
        rest = steps - 1 - top
        return half_cosine(self.end, (t - top) / rest if rest > 0 else 0.0)


@schedules("inverse_sqrt", "Inverse square root")
class InverseSqrt(Schedule):
    """Slow decay without an end in sight, usual after a warm-up.

    Formula: 1 / sqrt(1 + t / scale).

    Reference: Vaswani et al., Attention is all you need, 2017, eq. (3), where scale is the length of the warm-up.
    """

    scale: int = knob(20, 1, 5000, symbol=r"\tau", help="steps after which it has fallen to 0.71")

    def shape(self, t, steps):
        return (1 + t / self.scale) ** -0.5
