"""Widgets from knobs. The widget's range, help and error text are the knob's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.link import sentence
from playground.choices.surfaces import Surface
from playground.numbers import setting
from playground.registry import Choice, ChoiceError, Knob, Registry
from playground.spec.race import COORDINATE

Make = Callable[[type[Choice]], Choice]


def fill(key: str, value: Any) -> None:
    """Put a value into a field, before it is drawn."""
    st.session_state[key] = value
    st.session_state.setdefault("filled", set()).add(key)


def shown(key: str, value: Any) -> dict[str, Any]:
    """The argument `value` of a field. Streamlit wants it unsaid where the field has been filled, and needs it always
    else: it is what the browser falls back to when it loses the state of its widgets.
    """
    filled = st.session_state.get("filled", set())
    if key not in filled:
        return {"value": value}
    filled.discard(key)
    return {} if key in st.session_state else {"value": value}


def number_step(made: Knob, value: float) -> float:
    """What plus and minus add: on a log scale a unit of the leading digit of `value`, else a fine part of the range."""
    if isinstance(made.default, int):
        return 1
    if not made.log:
        return 10.0 ** math.floor(math.log10((made.high - made.low) / 20))
    value = max(value, made.low) or made.default or made.high * 1e-4  # at 0 there is no leading digit
    exponent = math.floor(math.log10(value) + 1e-9)
    return 10.0**exponent / (1 if value >= 1.5 * 10.0**exponent else 2)


def knob(field: str, made: Knob, value: Any, key: str, title: str = "") -> Any:
    """The widget of one knob; returns its value. `title` names the choice in error texts."""
    label = made.title(field)
    if isinstance(made.default, bool):
        return st.toggle(label, value=value, key=key, help=made.help or None)
    if made.options:
        names = [option.replace("_", " ") for option in made.options]
        show = dict(zip(made.options, names)).get
        return st.selectbox(
            label, made.options, index=made.options.index(value), format_func=show, key=key, help=made.help or None
        )
    if isinstance(made.default, str):
        return _text(field, made, value, key, label, title)
    kind = type(made.default)
    found = st.number_input(
        label,
        min_value=kind(made.low),
        max_value=kind(made.high),
        step=number_step(made, st.session_state.get(key) or value),
        format="%d" if kind is int else "%g",
        key=key,
        help=number_help(made),
        **shown(key, value),
    )
    return value if found is None else found


def number_help(made: Knob) -> str:
    """What a number is, and what is allowed."""
    symbol = f"${made.symbol}$: " if made.symbol else ""
    return f"{symbol}{made.help or 'a number'} ({made.allowed})."


def _text(field: str, made: Knob, value: str, key: str, label: str, title: str) -> str:
    """A text, used only once it is right; until then the last right one stays in use and the typed one in sight."""
    typed = st.text_input(label, value=value, key=key, help=made.help or None)
    try:
        return made.check(f"{title}: {field}", typed)
    except ChoiceError as problem:
        st.error(sentence(problem), icon=":material/edit_off:")
        return value


def knobs(choice: Choice, key: str, columns: int = 2) -> Choice:
    """The widgets of all knobs of a choice, numbers side by side; returns the choice as they say."""
    values: dict[str, Any] = {}
    cells: list[Any] = []
    for field, made in choice.knobs().items():
        narrow = not isinstance(made.default, (str, bool))
        if narrow and not cells:
            cells = list(st.columns(columns))
        with cells.pop(0) if narrow else st.container():
            values[field] = knob(field, made, getattr(choice, field), f"{key}.{field}", choice.label)
    return type(choice)(**values)


def entry(cls: type[Choice]) -> str:
    """A choice in a menu with groups."""
    return cls.label if f"({cls.group})" in cls.label else f"{cls.label}  ·  {cls.group}"


def place(
    surface: Surface, at: tuple[float, float], key: str, label: str, help: str | None = None
) -> tuple[float, float]:
    """Two fields for a point of a surface, side by side, at `<key>.x` and `<key>.y`; their steps suit its window."""
    left, right, bottom, top = surface.window
    found = []
    for cell, field, axis, value, span in zip(st.columns(2), "xy", surface.axes, at, (right - left, top - bottom)):
        number = cell.number_input(
            f"{label} {axis}", min_value=COORDINATE.low, max_value=COORDINATE.high, step=float(f"{span / 40:.0e}"),
            format="%g", key=f"{key}.{field}", help=help,
            **shown(f"{key}.{field}", value),
        )  # fmt: skip
        found.append(value if number is None else number)
    return found[0], found[1]


def pick(
    registry: Registry,
    choice: Choice,
    label: str,
    key: str,
    group: bool = False,
    make: Make | None = None,
    names: list[str] | None = None,
) -> Choice:
    """The menu of a registry, or of some `names` of it; returns `choice`, or the newly picked one, by `make`."""
    names = names or list(registry)

    def show(name: str) -> str:
        return entry(registry[name]) if group else registry[name].label

    name = st.selectbox(label, names, index=names.index(choice.name), format_func=show, key=key)
    return choice if name == choice.name else (make or type.__call__)(registry[name])


def several(registry: Registry, chosen: tuple[Choice, ...], label: str, key: str, note=None) -> tuple[Choice, ...]:
    """The menu of a registry of which any subset can be chosen, and the knobs of each; returns the choices.

    `note(choice)` is a sentence below the knobs of one, "" for none.
    """
    held = {one.name: one for one in chosen}
    names = st.multiselect(
        label, list(registry), default=list(held), format_func=lambda name: registry[name].label, key=key,
        placeholder="None", label_visibility="collapsed",
    )  # fmt: skip
    found = []
    for name in names:
        choice = held.get(name) or registry[name]()
        st.markdown(f"**{choice.label}**", help=choice.summary())
        found.append(knobs(choice, f"{key}.{name}"))
        if note and note(found[-1]):
            st.caption(note(found[-1]))
    return tuple(found)


def short(choice: Choice) -> str:
    """A choice in a summary: its label and its first number."""
    first = next((name for name, made in choice.knobs().items() if type(made.default) in (int, float)), None)
    return f"{choice.label} {setting(getattr(choice, first))}" if first else choice.label
