"""A step taken apart: what the browser draws into the player's picture, and the words and numbers beside it."""

from __future__ import annotations

import math
import re
from dataclasses import asdict

import numpy as np

from playground.messages import Message, marked, tr, translate
from playground.numbers import digits
from playground.record import RaceRecord, StepRecord, Variable, WorkedLine
from playground.view.player import narrow, pack
from playground.view.theme import ARROWS, THEMES, racer_style

Rows = list[tuple[str, str, str]]  # what, for the first coordinate, for the second


def payload(anatomy: StepRecord, record: RaceRecord, start: int, at: tuple[int, int], heard: int = 0) -> bytes:
    """One racer's gradients, state variables and Hessians at every point, for the arrows over the player's picture.

    `at`: look of the racer, and the step that the player shall go to, -1 for where it is; `heard`: how often the
    browser had told its own step when this was said. Layout as of the player's payload; float32, 28 bytes for each
    point and 8 more for each drawn state variable.
    """
    variables = [variable for variable in anatomy.variables if variable.role and np.nan_to_num(variable.values).any()]
    arrays = {"path": anatomy.positions, "gradient": anatomy.gradients, "hessian": anatomy.hessians}
    if not np.array_equal(anatomy.gradients, anatomy.exact, equal_nan=True):
        arrays["exact"] = anatomy.exact
    arrays |= {f"state {variable.name}": variable.values for variable in variables}
    header = {
        "race": f"{record.key}.{start}" if start else record.key,
        "at": at,
        "heard": heard,
        "length": anatomy.length,
        "racers": [
            asdict(racer_style(index)) | {"id": index, "label": label}
            for index, label in zip(record.looks, record.labels)
        ],
        "variables": [
            {"name": variable.name, "role": variable.role, "words": short(translate(variable.words))}
            for variable in variables
        ],
        "arrows": {name: asdict(arrow) for name, arrow in ARROWS.items()},
        "theme": {
            name: {key: getattr(theme, key) for key in ("text", "muted", "accent", "halo", "panel", "grid")}
            for name, theme in THEMES.items()
        },
    }
    return pack(header, {name: narrow(values) for name, values in arrays.items()})


def short(words: str) -> str:
    """What a state variable is, without explanations."""
    return re.split(r",| \(", words.removeprefix("the "))[0]


def title(anatomy: StepRecord) -> str:
    """Which step of which racer."""
    if anatomy.step < 0:
        return anatomy.label
    steps = {"racer": anatomy.label, "step": anatomy.step, "next": anatomy.step + 1}
    if anatomy.step == anatomy.length - 2:
        return tr("{racer}, step {step} to {next}, its last one", **steps)
    return tr("{racer}, step {step} to {next}", **steps)


def latex(line: WorkedLine) -> str:
    """A line of the formula in symbols, and below it in this step's numbers, for each coordinate."""
    rows = [f"{line.name} &= {line.text}"]
    for axis, numbers, result, _ in line.rows:
        label = rf"{axis}\colon\quad " if axis else ""
        rows.append(f"{label}&= {numbers}" + (f" = {result}" if numbers != result else ""))
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def coordinates(anatomy: StepRecord) -> Rows:
    """What has a value for each coordinate: the point, the gradient, the state before and after, the step."""
    rows: Rows = [(tr("position"), *_pair(anatomy.position))]
    finite = np.isfinite(anatomy.gradient).all()
    if finite:
        rows.append((tr("gradient, as the racer saw it"), *_pair(anatomy.gradient)))
    if not np.array_equal(anatomy.gradient, anatomy.slope):
        name = tr("gradient of the formula" if finite else "gradient of the formula, which it does not use")
        rows.append((name, *_pair(anatomy.slope)))
    rows += [_variable(variable, anatomy.step) for variable in anatomy.variables]
    rows.append((tr("step taken"), *_pair(anatomy.move)))
    if finite:
        rows.append((tr("effective learning rate, step / −gradient"), *_pair(anatomy.rates)))
    rows.append((tr("Newton's step, to where the quadratic model is level"), *_pair(anatomy.newton)))
    return rows


def _pair(values: np.ndarray) -> tuple[str, str]:
    return digits(values[0]), digits(values[1])


def _variable(variable: Variable, step: int) -> tuple[str, str, str]:
    before, after = variable.values[step], variable.values[step + 1]
    first, second = (f"{digits(a)} → {digits(b)}" for a, b in zip(before, after))
    return f"${variable.latex}$, {translate(variable.words)}", first, second


def measures(anatomy: StepRecord) -> list[tuple[str, str]]:
    """What has one value: angle, curvatures, and what the models of the surface predicted."""
    low, high = map(digits, anatomy.eigenvalues)
    finite = np.isfinite(anatomy.gradient).all()
    slope = Message("gradient" if finite else "gradient of the formula")
    return [
        (tr("angle of the step to the negative {slope}", slope=slope), _degrees(anatomy.angle)),
        (tr("angle of the step to the {slope} itself", slope=slope), _degrees(180 - anatomy.angle)),
        (tr("curvature along the step"), digits(anatomy.curvature)),
        (
            tr("smallest and largest curvature here"),
            tr("{low} and {high}: {shape}", low=low, high=high, shape=Message(shape(anatomy.eigenvalues))),
        ),
        (tr("loss here"), digits(anatomy.loss)),
        (tr("change of the loss that came"), digits(anatomy.change)),
        (tr("change that the gradient alone predicts"), digits(anatomy.linear)),
        (tr("change that the quadratic model predicts"), digits(anatomy.quadratic)),
        (tr("agreement with the quadratic model, 1 is perfect"), digits(anatomy.agreement)),
    ]


def _degrees(value: float) -> str:
    return f"{digits(value)}°" if math.isfinite(value) else digits(value)


def shape(eigenvalues: np.ndarray) -> str:
    """What kind of surface the quadratic model is, from its two curvatures in ascending order."""
    low, high = eigenvalues
    if not np.isfinite(eigenvalues).all():
        return marked("no quadratic model")
    flat = 1e-12 * max(abs(low), abs(high))
    if high <= flat and low >= -flat:
        return marked("a plane")
    if low > flat:
        return marked("a bowl")
    if high < -flat:
        return marked("a hill")
    return (
        marked("a saddle") if low < -flat and high > flat else marked("a trough") if high > flat else marked("a ridge")
    )


def table(anatomy: StepRecord) -> list[tuple[str, float, float]]:
    """The step as rows of numbers: what, and its value for each coordinate, or its only value and NaN."""
    pairs = [("position", anatomy.position), ("gradient", anatomy.gradient), ("exact gradient", anatomy.slope)]
    for variable in anatomy.variables:
        pairs += [
            (f"{variable.name} before", variable.values[anatomy.step]),
            (f"{variable.name} after", variable.values[anatomy.step + 1]),
        ]
    pairs += [("step", anatomy.move), ("effective learning rate", anatomy.rates), ("newton step", anatomy.newton)]
    rows = [(name, *values.tolist()) for name, values in pairs]
    rows += [
        (line.name, line.rows[0].value, line.rows[-1].value if line.rows[1:] else math.nan) for line in anatomy.lines
    ]
    single = ("angle", "curvature", "loss", "change", "linear", "quadratic", "agreement")
    return rows + [(name, getattr(anatomy, name), math.nan) for name in single]


def alt_text(anatomy: StepRecord) -> str:
    """The step in words."""
    measure_text = ", ".join(f"{label} {value}" for label, value in measures(anatomy)) if anatomy.step >= 0 else ""
    return f"{anatomy.title}: {title(anatomy)}. {measure_text or anatomy.sentence}"
