"""The left side of the page Race, and of every page that asks something else of racers: from the spec to widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

import playground as pg
from pages.ui import controls, lines, link, questions, stage
from pages.ui.shell import theme
from playground.choices.optimizers import Minimizer
from playground.choices.optimizers.formula import formula_with_numbers
from playground.numbers import exact
from playground.presets import Preset
from playground.view.theme import look


@dataclass(frozen=True)
class RaceControls:
    """The controls of the page `name`; `presets`: its questions."""

    name: str
    presets: Sequence[Preset] = ()

    def of(self, spec: pg.Race) -> pg.Race:
        """All controls; returns the spec as they say."""
        if self.presets:
            questions.menu(self.name, self.presets, spec, lambda preset: preset.race())
        surface = self._surface(spec)
        if surface.name != spec.surface.name:
            spec = replace(spec, surface=surface, starts=(surface.start,))
            st.session_state.pop(self._key("which"), None)
            self._fill_start(spec, 0)
        spec = replace(spec, surface=surface)
        spec = replace(spec, starts=self._start(spec))
        spec = replace(spec, racers=self._racers(spec))
        return self._rest(spec)

    def _key(self, part: str) -> str:
        return lines.key(self.name, part)

    @property
    def _held(self) -> pg.Race:
        return st.session_state[f"{self.name}.spec"]

    def _hold(self, spec: pg.Race) -> None:
        st.session_state[f"{self.name}.spec"] = spec

    # -- surface and start -------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """The start was clicked or dragged in the player."""
        place = stage.moved_start()
        if place is not None:
            self.set_start(place)

    def set_start(self, place: tuple[float, float]) -> None:
        """Move the start on show, before the widgets are drawn."""
        spec, which = self._held, self.shown_start()
        try:
            spec = replace(spec, starts=(*spec.starts[:which], place, *spec.starts[which + 1 :]))
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            return
        self._hold(spec)
        self._fill_start(spec, which)

    def _fill_start(self, spec: pg.Race, which: int) -> None:
        """Put one of the starts into its fields, before they are drawn."""
        for axis, value in zip("xy", spec.starts[which]):
            controls.fill(self._key(f"start{which}.{axis}"), value)

    def shown_start(self) -> int:
        """Which of the race's starts is on show; a link may hold several."""
        return st.session_state.get(self._key("which")) or 0

    def turned(self) -> None:
        """Knobs were turned in the player."""
        for own, name, value in stage.turned_knobs():
            racers = list(self._held.racers)
            for place, racer in enumerate(racers):
                if racer.look == own and name in racer.optimizer.numbers():
                    self._turn(racers, place, name, value)

    def _turn(self, racers: list[pg.Racer], place: int, name: str, value: float) -> None:
        try:
            optimizer = replace(racers[place].optimizer, **{name: value})
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            return
        slot = st.session_state[f"{self.name}.slots"][1][place]
        field = self._key(f"racer{slot}.{optimizer.name}.{name}")
        if field in st.session_state:  # the racer is open: its field follows, before it is drawn
            controls.fill(field, getattr(optimizer, name))
        racers[place] = replace(racers[place], optimizer=optimizer)
        self._take_racers(racers)

    def _surface(self, spec: pg.Race):
        surface = controls.pick(pg.surfaces, spec.surface, "Surface", self._key("surface"), group=True)
        return controls.knobs(surface, self._key(f"surface.{surface.name}"))

    def _start(self, spec: pg.Race) -> tuple[tuple[float, float], ...]:
        if len(spec.starts) > 1:
            st.segmented_control(
                "Start on show", range(len(spec.starts)), default=0, required=True, format_func=lambda i: str(i + 1),
                key=self._key("which"), help="This race runs from several starts; the picture shows one of them.",
            )  # fmt: skip
        which = self.shown_start()
        place = controls.place(
            spec.surface, spec.starts[which], self._key(f"start{which}"), "Start",
            help="Also: click the picture, or drag the ring.",
        )  # fmt: skip
        return (*spec.starts[:which], place, *spec.starts[which + 1 :])

    # -- racers ------------------------------------------------------------------------------------------------------

    def _racers(self, spec: pg.Race) -> tuple[pg.Racer, ...]:
        """A line for each racer, and below it its knobs once it is opened."""
        slots = lines.slots(self.name, len(spec.racers))
        st.markdown(f"**Racers** ({len(slots)} of at most {spec.most_racers})")
        heads, racers = [], []
        for place, (slot, racer) in enumerate(zip(slots, spec.racers)):
            with st.container(key=self._key(f"racer{slot}"), gap="xsmall"):
                heads.append(st.container())
                if lines.is_open(self._key(f"racer{slot}")):
                    with st.container(border=True):
                        racer = self._racer(racer, slot, place, len(slots) < spec.most_racers)
                racers.append(racer)
        labels = replace(spec, racers=tuple(racers)).labels()
        for place, (slot, racer) in enumerate(zip(slots, racers)):
            with heads[place]:
                self._line(racer, labels[place], slot)
        self._add(spec, slots)
        return tuple(racers)

    def _line(self, racer: pg.Racer, label: str, slot: int) -> None:
        """Colour, name and learning rate of a racer; a click opens or closes its knobs."""
        rate = f" · lr {exact(racer.optimizer.lr)}" if hasattr(racer.optimizer, "lr") else ""
        name = label + ("" if "lr " in label else rate)
        style = look(racer.look)
        dot = f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}}'
        lines.line(self._key(f"racer{slot}"), f"{dot} {name}")

    def _racer(self, racer: pg.Racer, slot: int, place: int, room: bool) -> pg.Racer:
        """One racer, opened; `room`: whether there is some for another one."""
        key = self._key(f"racer{slot}")
        optimizer = controls.pick(
            pg.optimizers, racer.optimizer, "Optimizer", f"{key}.optimizer", group=True, names=self._held.offered()
        )
        optimizer = controls.knobs(optimizer, f"{key}.{optimizer.name}")
        if isinstance(optimizer, Minimizer):
            schedule = racer.schedule
            st.caption("It chooses its own step lengths: schedules and decoupled decay do not apply.")
        else:
            schedule = controls.pick(pg.schedules, racer.schedule, "Schedule", f"{key}.schedule")
            schedule = controls.knobs(schedule, f"{key}.schedule.{schedule.name}")
        with st.container(key=f"{key}.formula"):
            if optimizer.alone:
                st.caption(f"{optimizer.summary()} Computed by {optimizer.group}.")
            for line in formula_with_numbers(optimizer):
                st.latex(line)
        with st.container(horizontal=True):
            for label, icon, act, off in (
                ("Duplicate", ":material/content_copy:", self._duplicate, not room),
                ("Remove", ":material/delete:", self._remove, len(self._held.racers) <= 1),
            ):
                st.button(label, icon=icon, key=f"{key}.{label}", on_click=act, args=(place,), disabled=off)
        return replace(racer, optimizer=optimizer, schedule=schedule)

    def _duplicate(self, place: int) -> None:
        racers, slots = self._held.racers, st.session_state[f"{self.name}.slots"][1]
        self._take_racers([*racers[: place + 1], replace(racers[place], look=-1), *racers[place + 1 :]])
        slots.insert(place + 1, max(slots) + 1)

    def _remove(self, place: int) -> None:
        racers, slots = self._held.racers, st.session_state[f"{self.name}.slots"][1]
        self._take_racers([*racers[:place], *racers[place + 1 :]])
        del slots[place]

    def _take_racers(self, racers: list[pg.Racer]) -> None:
        self._hold(replace(self._held, racers=tuple(racers)))

    def _add(self, spec: pg.Race, slots: list[int]) -> None:
        def add() -> None:
            name = st.session_state[self._key("add")]
            if name:
                self._take_racers([*self._held.racers, pg.Racer(optimizer=pg.optimizers[name]())])
                slots.append(max(slots) + 1)
                st.session_state[self._key("add")] = None

        st.selectbox(
            "Add a racer", spec.offered(), index=None, key=self._key("add"), on_change=add,
            placeholder="Add a racer", format_func=lambda name: controls.entry(pg.optimizers[name]),
            label_visibility="collapsed", disabled=len(spec.racers) >= spec.most_racers,
        )  # fmt: skip

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _rest(self, spec: pg.Race) -> pg.Race:
        cells = st.columns(2)
        plain = {}
        shown = {name: made for name, made in spec.plain.items() if name not in spec.kept}
        for i, (name, made) in enumerate(shown.items()):
            with cells[i % 2]:
                plain[name] = controls.knob(name, made, getattr(spec, name), self._key(name))
        with cells[len(plain) % 2]:
            source = controls.pick(pg.gradients, spec.gradient, "Gradient", self._key("gradient"))
        source = controls.knobs(source, self._key(f"gradient.{source.name}"))
        penalty = controls.pick(pg.penalties, spec.penalty, "Penalty", self._key("penalty"))
        penalty = controls.knobs(penalty, self._key(f"penalty.{penalty.name}"))
        if penalty.decay() and not all(hasattr(racer.optimizer, "lr") for racer in spec.racers):
            st.caption("The decay acts on racers with a learning rate only.")
        return replace(spec, gradient=source, penalty=penalty, **plain)
