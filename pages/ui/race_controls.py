"""The left side of the page Race: from the spec to widgets and back."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import playground as pg
from pages.ui import controls, lines, link, questions, stage
from pages.ui.shell import theme
from playground.choices.optimizers import Minimizer
from playground.choices.optimizers.formula import formula_with_numbers
from playground.presets import PRESETS
from playground.registry import format_number
from playground.spec import MOST_RACERS, PLAIN
from playground.view.theme import look

NAME = "race"


def _key(part: str) -> str:
    return lines.key(NAME, part)


def moved() -> None:
    """The start was clicked or dragged in the player."""
    place = stage.moved_start()
    if place is not None:
        _set_start(place)


def _set_start(place: tuple[float, float]) -> None:
    spec, which = st.session_state[f"{NAME}.spec"], shown_start()
    try:
        spec = replace(spec, starts=(*spec.starts[:which], place, *spec.starts[which + 1 :]))
    except pg.ChoiceError as problem:
        st.toast(link.sentence(problem))
        return
    st.session_state[f"{NAME}.spec"] = spec
    _fill_start(spec, which)


def _fill_start(spec: pg.Race, which: int) -> None:
    """Put one of the starts into its fields, before they are drawn."""
    for axis, value in zip("xy", spec.starts[which]):
        st.session_state[_key(f"start{which}.{axis}")] = value


def shown_start() -> int:
    """Which of the race's starts is on show; a link may hold several."""
    return st.session_state.get(_key("which")) or 0


def controls_of(spec: pg.Race) -> pg.Race:
    """All controls; returns the spec as they say."""
    questions.menu(NAME, PRESETS, spec, lambda preset: preset.race())
    surface = _surface(spec)
    if surface.name != spec.surface.name:
        spec = replace(spec, surface=surface, starts=(surface.start,))
        st.session_state.pop(_key("which"), None)
        _fill_start(spec, 0)
    spec = replace(spec, surface=surface, starts=_start(spec))
    spec = replace(spec, racers=_racers(spec))
    return _rest(spec)


def _surface(spec: pg.Race):
    surface = controls.pick(pg.surfaces, spec.surface, "Surface", _key("surface"), group=True)
    return controls.knobs(surface, _key(f"surface.{surface.name}"))


def _start(spec: pg.Race) -> tuple[tuple[float, float], ...]:
    if len(spec.starts) > 1:
        st.segmented_control(
            "Start on show", range(len(spec.starts)), default=0, required=True, format_func=lambda i: str(i + 1),
            key=_key("which"), help="This race runs from several starts; the picture shows one of them.",
        )  # fmt: skip
    which, (left, right, bottom, top) = shown_start(), spec.surface.window
    place, cells = [], st.columns(2)
    for i, (axis, span) in enumerate(zip("xy", (right - left, top - bottom))):
        key, value, name = _key(f"start{which}.{axis}"), spec.starts[which][i], spec.surface.axes[i]
        shown = {} if key in st.session_state else {"value": value}
        found = cells[i].number_input(
            f"Start {name}", min_value=-1e6, max_value=1e6, step=float(f"{span / 40:.0e}"), format="%g", key=key,
            help="Also: click the picture, or drag the ring.", **shown,
        )  # fmt: skip
        place.append(value if found is None else found)
    return (*spec.starts[:which], tuple(place), *spec.starts[which + 1 :])


def _racers(spec: pg.Race) -> tuple[pg.Racer, ...]:
    """A line for each racer, and below it its knobs once it is opened."""
    slots = lines.slots(NAME, len(spec.racers))
    st.markdown(f"**Racers** ({len(slots)} of at most {MOST_RACERS})")
    heads, racers = [], []
    for place, (slot, racer) in enumerate(zip(slots, spec.racers)):
        with st.container(key=_key(f"racer{slot}"), gap="xsmall"):
            heads.append(st.container())
            if lines.is_open(_key(f"racer{slot}")):
                with st.container(border=True):
                    racer = _racer(racer, slot, place, len(slots))
            racers.append(racer)
    labels = replace(spec, racers=tuple(racers)).labels()
    for place, (slot, racer) in enumerate(zip(slots, racers)):
        with heads[place]:
            _line(racer, labels[place], slot)
    _add(spec, slots)
    return tuple(racers)


def _line(racer: pg.Racer, label: str, slot: int) -> None:
    """Colour, name and learning rate of a racer; a click opens or closes its knobs."""
    rate = f" · lr {format_number(racer.optimizer.lr)}" if hasattr(racer.optimizer, "lr") else ""
    name = label + ("" if "lr " in label else rate)
    style = look(racer.look)
    dot = f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}}'
    lines.line(_key(f"racer{slot}"), f"{dot} {name}")


def _racer(racer: pg.Racer, slot: int, place: int, count: int) -> pg.Racer:
    """One racer, opened."""
    key = _key(f"racer{slot}")
    optimizer = controls.pick(pg.optimizers, racer.optimizer, "Optimizer", f"{key}.optimizer", group=True)
    optimizer = controls.knobs(optimizer, f"{key}.{optimizer.name}")
    if isinstance(optimizer, Minimizer):
        schedule = racer.schedule
        st.caption("It chooses its own step lengths: schedules and decoupled decay do not apply.")
    else:
        schedule = controls.pick(pg.schedules, racer.schedule, "Schedule", f"{key}.schedule")
        schedule = controls.knobs(schedule, f"{key}.schedule.{schedule.name}")
    with st.container(key=f"{key}.formula"):
        for line in formula_with_numbers(optimizer):
            st.latex(line)
    with st.container(horizontal=True):
        for label, icon, act, off in (
            ("Duplicate", ":material/content_copy:", _duplicate, count >= MOST_RACERS),
            ("Remove", ":material/delete:", _remove, count <= 1),
        ):
            st.button(label, icon=icon, key=f"{key}.{label}", on_click=act, args=(place,), disabled=off)
    return replace(racer, optimizer=optimizer, schedule=schedule)


def _duplicate(place: int) -> None:
    spec, slots = st.session_state[f"{NAME}.spec"], st.session_state[f"{NAME}.slots"][1]
    _take_racers([*spec.racers[: place + 1], replace(spec.racers[place], look=-1), *spec.racers[place + 1 :]])
    slots.insert(place + 1, max(slots) + 1)


def _remove(place: int) -> None:
    spec, slots = st.session_state[f"{NAME}.spec"], st.session_state[f"{NAME}.slots"][1]
    _take_racers([*spec.racers[:place], *spec.racers[place + 1 :]])
    del slots[place]


def _take_racers(racers: list[pg.Racer]) -> None:
    st.session_state[f"{NAME}.spec"] = replace(st.session_state[f"{NAME}.spec"], racers=tuple(racers))


def _add(spec: pg.Race, slots: list[int]) -> None:
    def add() -> None:
        name = st.session_state[_key("add")]
        if name:
            _take_racers([*st.session_state[f"{NAME}.spec"].racers, pg.Racer(optimizer=pg.optimizers[name]())])
            slots.append(max(slots) + 1)
            st.session_state[_key("add")] = None

    st.selectbox(
        "Add a racer", list(pg.optimizers), index=None, key=_key("add"), on_change=add, placeholder="Add a racer",
        format_func=lambda name: pg.optimizers[name].label, label_visibility="collapsed",
        disabled=len(spec.racers) >= MOST_RACERS,
    )  # fmt: skip


def _rest(spec: pg.Race) -> pg.Race:
    cells = st.columns(2)
    plain = {}
    for i, name in enumerate(PLAIN):
        with cells[i % 2]:
            plain[name] = controls.knob(name, PLAIN[name], getattr(spec, name), _key(name))
    with cells[1]:
        source = controls.pick(pg.gradients, spec.gradient, "Gradient", _key("gradient"))
    source = controls.knobs(source, _key(f"gradient.{source.name}"))
    penalty = controls.pick(pg.penalties, spec.penalty, "Penalty", _key("penalty"))
    penalty = controls.knobs(penalty, _key(f"penalty.{penalty.name}"))
    if penalty.decay() and not all(hasattr(racer.optimizer, "lr") for racer in spec.racers):
        st.caption("The decay acts on racers with a learning rate only.")
    return replace(spec, gradient=source, penalty=penalty, **plain)
