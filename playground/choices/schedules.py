"""Learning-rate schedules: the factor by which the learning rate is multiplied at each step."""

from __future__ import annotations

from playground.registry import Choice, Registry, knob

schedules = Registry("schedule")


class Schedule(Choice):
    """Base of all schedules. `warmup` is a knob of each: a linear ramp over that many steps, before the shape begins."""

    warmup: int = knob(0, 0, 5000, symbol="w", help="steps of linear warm-up")

    def __call__(self, t: int, steps: int) -> float:
        """The factor at step `t` (from 0) of a run of `steps`: the ramp (t + 1) / (warmup + 1), then the shape."""
        if t < self.warmup:
            return (t + 1) / (self.warmup + 1)
        return self.shape(t - self.warmup, max(steps - self.warmup, 1))

    def shape(self, t: int, steps: int) -> float:
        """The factor without warm-up at step `t` of `steps`; it is 1 at t = 0 unless the schedule says otherwise."""
        raise NotImplementedError


@schedules("constant", "Constant")
class Constant(Schedule):
    """The same learning rate throughout.

    Formula: 1.
    """

    def shape(self, t, steps):
        return 1.0
