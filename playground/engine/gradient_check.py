"""A gradient check: exact gradient against difference quotients over step sizes, with what theory expects of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from playground.choices.derive import X, Y, namespace, program
from playground.choices.differences import Difference, differences
from playground.engine.own_gradient import check_own
from playground.engine.small_net import small_net
from playground.engine.streams import stream
from playground.messages import Message, marked
from playground.record import CheckRecord
from playground.specs.gradient_check import ON_NET, GradientCheck

STEPS = 10.0 ** -(1 + np.arange(57) / 4)  # 0.1 down to 1e-15, four to a decade
MOST_COMPONENTS = 80  # of a net's gradient; others are left out, drawn by chance
NEAR = 1e-5  # distance over which a net's second and third derivatives are taken from its exact gradient

# Stanford CS231n, notes on neural networks 3, gradient checks: relative errors and what they mean.
BANDS = (
    (1e-7, marked("right")),
    (1e-4, marked("fine with kinks")),
    (1e-2, marked("doubtful")),
    (np.inf, marked("wrong")),
)


class Sides:
    """`abs` and `sign` for real and complex arrays that remember on which side of every kink they were."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def abs(self, z: np.ndarray) -> np.ndarray:
        """|z|, continued to complex numbers as z or -z."""
        self.seen.append(np.real(z) >= 0)
        return np.where(self.seen[-1], z, -z)

    def scope(self) -> dict[str, Callable[..., Any]]:
        """NumPy's functions with these two, for printed programs."""
        return namespace("numpy") | {"abs": self.abs, "sign": lambda z: np.sign(np.real(z))}

    def of(self, loss: Callable[[np.ndarray], np.ndarray], points: np.ndarray) -> np.ndarray:
        """The sides of all kinks that the `loss` of each of the points (B, n) looks at; shape (B, kinks)."""
        self.seen.clear()
        loss(points)
        sides = [np.broadcast_to(side, (len(points), *side.shape[1:])).reshape(len(points), -1) for side in self.seen]
        return np.concatenate(sides, axis=1) if sides else np.empty((len(points), 0), dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is differentiated: n coordinates, C of which are checked."""

    title: Message
    latex: str
    point: np.ndarray  # (n,)
    loss: Callable[[np.ndarray], np.ndarray]  # (B, n) -> (B,), in the precision of the points
    places: np.ndarray  # (C,), which coordinates
    components: tuple[str, ...]  # (C,), their names
    exact: np.ndarray  # (C,)
    second: np.ndarray  # (C,), second derivative along each
    third: np.ndarray  # (C,)
    kinked: bool  # whether it has slopes that jump

    def along(self, offset: Any, kind: Any) -> np.ndarray:
        """The points (C, n) with one coordinate each moved by `offset`."""
        moves = np.zeros((len(self.places), len(self.point)), dtype=kind)
        moves[np.arange(len(self.places)), self.places] = 1
        return self.point.astype(kind) + moves * offset


def gradient_check(spec: GradientCheck) -> CheckRecord:
    """The check of a spec. A point where nothing is defined is a result, not an error."""
    sides, kind = Sides(), np.dtype(spec.precision).type
    with np.errstate(all="ignore"):
        subject = _net(spec, sides) if spec.subject == ON_NET else _surface(spec, sides)
        methods = [cls() for cls in differences.values()]
        numeric = np.array([[_gradient(subject, method, kind(h)) for h in STEPS] for method in methods])
        errors = relative_error(subject.exact, numeric, spec.compare)
        theory = _theory(subject, methods, spec)
        loss = float(subject.loss(subject.point[None])[0])
        crossed = [_crossing_count(subject, sides, kind(h)) if subject.kinked else 0 for h in STEPS]
        own = None if spec.subject == ON_NET else check_own(spec, numeric[0], theory["predicted_steps"][0])
    best = np.where(np.isfinite(errors), errors, np.inf).argmin(axis=1)
    facts = {
        "spec": spec, "title": subject.title, "latex": subject.latex, "names": tuple(method.name for method in methods),
        "methods": tuple(method.label for method in methods), "slopes": tuple(method.slope for method in methods),
        "steps": STEPS, "precision": spec.precision, "epsilon": float(np.finfo(kind).eps),
        "dimension": len(subject.point), "components": subject.components, "point": subject.point[subject.places],
        "loss": loss, "exact": subject.exact, "numeric": numeric,
        "errors": errors, "best": best, "crossed": np.array(crossed), "bands": BANDS, "own": own,
    }  # fmt: skip
    return CheckRecord(**facts | theory, sentences=_sentences(facts | theory))


def relative_error(exact: np.ndarray, other: np.ndarray, compare: str) -> np.ndarray:
    """|a - n| / max(|a|, |n|) of gradients `exact` (C,) and `other` (..., C): of their lengths ("whole"), or the
    largest of all components ("worst"). Shape (...); 0 where both are 0, NaN where one is not finite."""
    sized: Any = partial(np.linalg.norm, axis=-1) if compare == "whole" else np.abs
    gap, size = sized(exact - other), np.maximum(sized(exact), sized(other))
    errors = np.where(np.isfinite(size), 0.0, np.nan)
    np.divide(gap, size, out=errors, where=size > 0)
    return errors if compare == "whole" else errors.max(axis=-1)


def _gradient(subject: Subject, method: Difference, h: np.floating) -> np.ndarray:
    """The numeric gradient (C,) with step `h`, in its precision."""
    number_type = np.result_type(h, 1j) if method.imaginary else type(h)
    return method.quotient(lambda offset: subject.loss(subject.along(offset, number_type)), h).astype(float)


def _crossing_count(subject: Subject, sides: Sides, h: np.floating) -> int:
    """Components along which a kink lies between x - h and x + h."""
    left, right = (sides.of(subject.loss, subject.along(offset, type(h))) for offset in (-h, h))
    return int((left != right).any(axis=1).sum())


def _theory(subject: Subject, methods: list[Difference], spec: GradientCheck) -> dict[str, np.ndarray]:
    """What to expect, as relative errors; the rounding of a value is taken as eps (|f| + |x f'|), since both the value
    and the place where it is taken are rounded."""

    def size(part: np.ndarray) -> float:
        if spec.compare == "whole":
            return float(np.linalg.norm(part) / np.linalg.norm(subject.exact))
        nonzero = subject.exact != 0
        return float(np.abs(part / subject.exact)[nonzero].max()) if nonzero.any() else np.nan

    loss, at = np.abs(subject.loss(subject.point[None])[0]), subject.point[subject.places]
    rounding = size(np.finfo(spec.precision).eps * (loss + np.abs(at * subject.exact)))
    second, third = size(subject.second), size(subject.third)
    steps = np.array([method.best_step(second, third, rounding) for method in methods])
    steps[(steps == 0) | ~np.isfinite(steps)] = np.nan
    least = [
        method.truncation(h, second, third) + method.cancellation(h, rounding) for method, h in zip(methods, steps)
    ]
    return {
        "truncation": np.array([method.truncation(STEPS, second, third) for method in methods]),
        "cancellation": np.array([method.cancellation(STEPS, rounding) for method in methods]),
        "predicted_steps": steps,
        "predicted_errors": np.array(least),
    }


def _surface(spec: GradientCheck, sides: Sides) -> Subject:
    derived = spec.surface.derived()
    point = np.array([spec.x, spec.y]).astype(spec.precision).astype(float)
    value = derived.value_program.function_in(sides.scope())
    fxx, _, fyy = derived.hessian_function("numpy")(*point)
    thirds = program(derived.hessian[0].diff(X), derived.hessian[2].diff(Y)).function("numpy")(*point)

    def loss(points: np.ndarray) -> np.ndarray:
        return np.broadcast_to(value(points[:, 0], points[:, 1])[0], len(points))

    title = Message("{surface} at ({x:exact}, {y:exact})", surface=Message(spec.surface.label), x=spec.x, y=spec.y)
    return Subject(
        title=title,
        latex=derived.with_axes(spec.surface.axes).latex,
        point=point,
        loss=loss,
        places=np.arange(2),
        components=tuple(f"df/d{axis}" for axis in spec.surface.axes),
        exact=np.array(derived.gradient_function("numpy")(*point)[1:], dtype=float),
        second=np.abs(np.array([fxx, fyy], dtype=float)),
        third=np.abs(np.array(thirds, dtype=float)),
        kinked=sides.of(loss, point[None]).size > 0,
    )


def _net(spec: GradientCheck, sides: Sides) -> Subject:
    net = small_net(spec.small, spec.activation, spec.seed, sides.scope())
    point, names = net.weights, list(net.names())
    count = min(MOST_COMPONENTS, len(point))
    places = np.sort(stream(spec.seed, "checked components").choice(len(point), count, replace=False))
    here, moves = net.gradient(point), np.zeros((count, len(point)))
    moves[np.arange(count), places] = NEAR
    before, after = (np.array([net.gradient(point + sign * move) for move in moves]) for sign in (-1, 1))
    before, after = before[np.arange(count), places], after[np.arange(count), places]
    activation = Message(spec.activation.label)
    title = Message(
        "{net} with {parameters} parameters ({activation}, {n} hidden layer)",
        "{net} with {parameters} parameters ({activation}, {n} hidden layers)",
        net=Message(spec.small.label),
        parameters=len(point),
        activation=activation,
        n=spec.small.hidden,
    )
    return Subject(
        title=title,
        latex="",
        point=point,
        loss=net.loss,
        places=places,
        components=tuple(names[index] for index in places),
        exact=here[places],
        second=np.abs(after - before) / (2 * NEAR),
        third=np.abs(after - 2 * here[places] + before) / NEAR**2,
        kinked=spec.activation.kinked,
    )


def _sentences(facts: dict[str, Any]) -> tuple[Message, ...]:
    """What the check says, in words."""
    if not np.isfinite([*facts["exact"], facts["loss"]]).all():
        return (Message("The loss or its gradient is not finite here, so that there is nothing to compare."),)
    if not facts["exact"].any():
        return (Message("The exact gradient is 0 here: any rounding is then a relative error of 1."),)
    lines = []
    for m, label in enumerate(facts["methods"]):
        k = facts["best"][m]
        numbers = {"method": Message(label), "error": float(facts["errors"][m, k]), "h": float(facts["steps"][k])}
        expected, at = float(facts["predicted_errors"][m]), float(facts["predicted_steps"][m])
        lines.append(
            Message(
                "{method}: least error {error:rough} at h = {h:rough}; theory expects {expected:rough} at "
                "h = {at:rough}.",
                **numbers,
                expected=expected,
                at=at,
            )
            if np.isfinite(at)
            else Message("{method}: least error {error:rough} at h = {h:rough}.", **numbers)
        )
    count = len(facts["exact"])
    if count < facts["dimension"]:
        counts = {"n": count, "all": int(facts["dimension"])}
        lines.append(Message("{n} of the {all:count} components were checked, drawn at random.", **counts))
    return (*lines, *_crossings(facts, count))


def _crossings(facts: dict[str, Any], count: int) -> Iterator[Message]:
    """What kinks between x - h and x + h do."""
    if not facts["crossed"].any():
        return
    smallest = facts["steps"][facts["crossed"] > 0].min()
    yield Message(
        "Between x - h and x + h lies a kink in up to {n} of {all} components, {end}: there the quotient mixes the "
        "slopes of both sides, and a correct gradient fails the check.",
        n=int(facts["crossed"].max()),
        all=count,
        end=Message("at every step size")
        if smallest == facts["steps"][-1]
        else Message("down to h = {h:rough}", h=float(smallest)),
    )
