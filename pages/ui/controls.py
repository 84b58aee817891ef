"""Widgets from fields and knobs: `fields` makes those of a spec. Range, help and error text are the field's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from pages.ui.link import sentence
from playground.choices.surfaces import Surface
from playground.messages import Message, tr, translate
from playground.registry import Choice, ChoiceError, Knob
from playground.specs import Field, Spec
from playground.specs.fields import ChoiceField, ChoicesField, CoordinateField, KnobField
from playground.specs.race import COORDINATE

S = TypeVar("S", bound=Spec)
C = TypeVar("C", bound=Choice)
Key = Callable[[str], str]
Widget = Callable[[Any, str], Any]  # value and key -> value


def fill(key: str, value: Any) -> None:
    """Put a value into a field, before it is drawn."""
    st.session_state[key] = value
    st.session_state.setdefault("filled", set()).add(key)


def value_argument(key: str, value: Any) -> dict[str, Any]:
    """The argument `value` of a field. Streamlit wants it unsaid where the field has been filled, and needs it always
    else: it is what the browser falls back to when it loses the state of its widgets.
    """
    filled_keys = st.session_state.get("filled", set())
    if key not in filled_keys:
        return {"value": value}
    filled_keys.discard(key)
    return {} if key in st.session_state else {"value": value}


def number_step(knob: Knob, value: float) -> float:
    """What plus and minus add: on a log scale a unit of the leading digit of `value`, else a fine part of the range."""
    if isinstance(knob.default, int):
        return 1
    if not knob.log:
        return 10.0 ** math.floor(math.log10((knob.high - knob.low) / 20))
    value = max(value, knob.low) or knob.default or knob.high * 1e-4  # at 0 there is no leading digit
    exponent = math.floor(math.log10(value) + 1e-9)
    return 10.0**exponent / (1 if value >= 1.5 * 10.0**exponent else 2)


def knob(field: str, field_knob: Knob, value: Any, key: str, title: str = "") -> Any:
    """The widget of one knob; returns its value. `title` names the choice in error texts."""
    label, about = translate(field_knob.title(field)), translate(field_knob.help) or None
    if isinstance(field_knob.default, bool):
        return st.toggle(label, value=value, key=key, help=about)
    if field_knob.options:
        index = field_knob.options.index(value)
        return st.selectbox(label, field_knob.options, index=index, format_func=option, key=key, help=about)
    if isinstance(field_knob.default, str):
        return _text(field, field_knob, value, key, label, title)
    kind = type(field_knob.default)
    number = st.number_input(
        label,
        min_value=kind(field_knob.low),
        max_value=kind(field_knob.high),
        step=number_step(field_knob, st.session_state.get(key) or value),
        format="%d" if kind is int else "%g",
        key=key,
        help=number_help(field_knob),
        **value_argument(key, value),
    )
    return value if number is None else number


def option(name: str) -> str:
    """An option of a knob, as the menu has it."""
    return translate(name.replace("_", " "))


def number_help(knob: Knob) -> str:
    """What a number is, and what is allowed."""
    symbol = f"${knob.symbol}$: " if knob.symbol else ""
    return f"{symbol}{translate(knob.help or 'a number')} ({knob.allowed})."


def _text(field: str, knob: Knob, value: str, key: str, label: str, title: str) -> str:
    """A text, used only once it is right; until then the last right one stays in use and the typed one in sight."""
    typed = st.text_input(label, value=value, key=key, help=translate(knob.help) or None)
    try:
        return knob.check(Message("{row}: {field}", row=Message(title), field=field), typed)
    except ChoiceError as problem:
        st.error(sentence(problem), icon=":material/edit_off:")
        return value


def knobs(choice: C, key: str, columns: int = 2) -> C:
    """The widgets of all knobs of a choice, numbers side by side; returns the choice as they say."""
    values: dict[str, Any] = {}
    cells: list[Any] = []
    for field, field_knob in choice.knobs().items():
        narrow = not isinstance(field_knob.default, (str, bool))
        if narrow and not cells:
            cells = list(st.columns(columns))
        with cells.pop(0) if narrow else st.container():
            values[field] = knob(field, field_knob, getattr(choice, field), f"{key}.{field}", choice.label)
    return type(choice)(**values)


def forecast(choice: C, key: str) -> C:
    """What `knobs` will return, as far as the session knows it."""
    values = {field: st.session_state.get(f"{key}.{field}") for field in choice.knobs()}
    try:
        return replace(choice, **{field: value for field, value in values.items() if value is not None})
    except ChoiceError:
        return choice


def entry(cls: type[Choice]) -> str:
    """A choice in a menu, with its group where there are groups."""
    group = getattr(cls, "group", "")
    label = translate(cls.label)
    return label if not group or f"({group})" in cls.label else f"{label}  ·  {translate(group)}"


def coordinate(surface: Surface, axis: int, value: float, key: str, label: str, help: str | None = None) -> float:
    """The field for a coordinate of a point of a surface, whose step suits the surface's window."""
    low, high = surface.window[2 * axis : 2 * axis + 2]
    number = st.number_input(
        f"{label} {surface.axes[axis]}", min_value=COORDINATE.low, max_value=COORDINATE.high,
        step=float(f"{(high - low) / 40:.0e}"), format="%g", key=key, help=help, **value_argument(key, value),
    )  # fmt: skip
    return value if number is None else number


def point(surface: Surface, at: tuple[float, float], key: str, label: str, help: str) -> tuple[float, float]:
    """Two fields for a point of a surface, side by side, at `<key>.x` and `<key>.y`."""
    coordinates = []
    for axis, cell in enumerate(st.columns(2)):
        with cell:
            coordinates.append(coordinate(surface, axis, at[axis], f"{key}.{'xy'[axis]}", label, help))
    return coordinates[0], coordinates[1]


def picked(
    field: Field, choice: C, key: str, make: Callable[[Any], Any] | None = None, knobs_of: Widget | None = None,
    names: list[str] | None = None,
) -> C:  # fmt: skip
    """The menu of a choice, of all names or some, and its knobs; returns `choice`, or the one that is picked now.

    `make(kind)` is a new one at first; `knobs_of(choice, key)` the widgets of its knobs.
    """
    assert isinstance(field, ChoiceField)
    registry, names = field.registry, names or list(field.registry)
    name = names[0]
    if len(names) > 1:
        name = st.selectbox(
            translate(field.title), names, index=names.index(choice.name), key=key,
            format_func=lambda name: entry(registry[name]),
        )  # fmt: skip
    choice = choice if name == choice.name else (make or type.__call__)(registry[name])
    return (knobs_of or knobs)(choice, f"{key}.{choice.name}")


def several(
    field: Field, choices: tuple[Choice, ...], key: str, note: Callable[[Any], str] | None = None
) -> tuple[Choice, ...]:
    """The menu of choices of which any subset can be taken, and the knobs of each; returns the choices.

    `note(choice)` is a sentence below the knobs of one, "" for none.
    """
    assert isinstance(field, ChoicesField)
    registry, choices_by_name = field.registry, {choice.name: choice for choice in choices}

    def label(name: str) -> str:
        return translate(registry[name].label)

    names = st.multiselect(
        translate(field.title), list(registry), default=list(choices_by_name), format_func=label, key=key,
        placeholder=tr("None"), label_visibility="collapsed",
    )  # fmt: skip
    new_choices = []
    for name in names:
        choice = choices_by_name.get(name) or registry[name]()
        st.markdown(f"**{translate(choice.label)}**", help=translate(choice.summary()))
        new_choices.append(knobs(choice, f"{key}.{name}"))
        if note and note(new_choices[-1]):
            st.caption(note(new_choices[-1]))
    return tuple(new_choices)


def fields(spec: S, names: Iterable[str], key: Key, own: Mapping[str, Widget] | None = None, columns: int = 2) -> S:
    """The widgets of some fields of a spec, numbers and options side by side; returns the spec as they say.

    `key(part)` is a widget's key; `own` has the widgets of fields that need more than their kind has.
    """
    cells: list[Any] = []
    for name in names:
        field, value = spec.fields()[name], getattr(spec, name)
        narrow = isinstance(field, KnobField) and (field.knob.numeric or bool(field.knob.options))
        cells = (cells or list(st.columns(columns))) if narrow else []
        with cells.pop(0) if narrow else st.container():
            new_value = (own or {}).get(name, partial(widget, spec, field))(value, key(key_part(spec, field)))
        if new_value != value:
            spec = replace(
                spec, **{name: new_value}, **(_followers(spec, field) if _is_other(field, value, new_value) else {})
            )
    return spec


def key_part(spec: Spec, field: Field) -> str:
    """The part of a field's key: with that of another choice, what follows from it gets a fresh widget."""
    return f"{field.name}.{getattr(spec, field.follows).name}" if field.follows else field.name


def _is_other(field: Field, value: Any, new_value: Any) -> bool:
    return isinstance(field, ChoiceField) and new_value.name != value.name


def _followers(spec: Spec, field: Field) -> dict[str, None]:
    """The fields whose values follow from those of another one, as not given."""
    return {name: None for name, other in spec.fields().items() if other.derive and other.follows == field.name}


def widget(spec: Spec, field: Field, value: Any, key: str) -> Any:
    """The widget of a field, by its kind; returns the value."""
    if isinstance(field, CoordinateField):
        return coordinate(getattr(spec, field.follows), field.axis, value, key, translate(field.label))
    if isinstance(field, KnobField):
        return knob(field.name, field.knob, value, key, field.title)
    if isinstance(field, ChoiceField):
        return picked(field, value, key)
    return several(field, value, key)
