"""The left side of the page Race, and of every page that asks something else of racers: from the spec to widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import streamlit as st

import playground as pg
from pages.ui import controls, lines, link, player, presets_menu
from pages.ui.shell import theme
from playground.choices.optimizers import Minimizer
from playground.choices.optimizers.formula import formula_with_numbers
from playground.labs import Lab
from playground.messages import Message, marked, tr, translate
from playground.numbers import exact
from playground.specs import Field, Question
from playground.specs.fields import PartField, RowsField
from playground.specs.race import offered, racers_field
from playground.view.theme import racer_style

Q = TypeVar("Q", pg.Race, pg.BasinMap, pg.RateSweep, pg.Robustness)


@dataclass(frozen=True)
class RaceControls:
    """The controls of the page of a lab."""

    lab: Lab

    @property
    def name(self) -> str:
        """What keeps its widgets apart from those of other pages."""
        return self.lab.name

    def of(self, spec: Q) -> Q:
        """All controls; returns the spec as they say."""
        presets_menu.menu(self.lab, spec)
        before = pg.Race.of(spec)
        race = controls.fields(before, ("surface",), self._key)
        if race.surface.name != before.surface.name:
            st.session_state.pop(self._key("which"), None)
            self._fill_start(race, 0)
        race = replace(race, starts=self._start(race))
        race = replace(race, racers=self._racers(race))
        if isinstance(spec, pg.Race):
            rest: Any = self._rest(race, race.fields())  # a race, as the spec is
            return rest
        own = [name for name in spec.fields() if name != "race"]
        spec = controls.fields(spec, own, self._key)
        race_field = spec.fields()["race"]
        assert isinstance(race_field, PartField)
        return replace(spec, race=self._rest(race, race_field.fields()))

    def forecast(self, race: pg.Race) -> pg.Race:
        """The race with the knobs of open racers as the session has them, before they are drawn."""
        racers = []
        for slot, racer in zip(lines.slots(self.name, len(race.racers)), race.racers):
            key = self._key(f"racer{slot}.{racer.optimizer.name}")
            racers.append(replace(racer, optimizer=controls.forecast(racer.optimizer, key)))
        return replace(race, racers=tuple(racers))

    def _key(self, part: str) -> str:
        return lines.key(self.name, part)

    @property
    def _spec(self) -> pg.Race | Question:
        return st.session_state[f"{self.name}.spec"]

    @property
    def _race(self) -> pg.Race:
        return pg.Race.of(self._spec)

    def _hold(self, race: pg.Race) -> None:
        spec = self._spec
        new_spec = race if isinstance(spec, pg.Race) else replace(spec, race=race)
        st.session_state[f"{self.name}.spec"] = new_spec

    @property
    def _takes(self) -> RowsField:
        return racers_field(type(self._spec))

    # -- surface and start -------------------------------------------------------------------------------------------

    def on_start(self) -> None:
        """The start was clicked or dragged in the player."""
        point = player.moved_start()
        if point is not None:
            self.set_start(point)

    def set_start(self, point: tuple[float, float]) -> None:
        """Move the start on show, before the widgets are drawn."""
        spec, number = self._race, self.shown_start()
        try:
            spec = replace(spec, starts=(*spec.starts[:number], point, *spec.starts[number + 1 :]))
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            return
        self._hold(spec)
        self._fill_start(spec, number)

    def _fill_start(self, spec: pg.Race, number: int) -> None:
        """Put one of the starts into its fields, before they are drawn."""
        for axis, value in zip("xy", spec.starts[number]):
            controls.fill(self._key(f"start{number}.{axis}"), value)

    def shown_start(self) -> int:
        """Which of the race's starts is on show; a link may hold several."""
        return st.session_state.get(self._key("which")) or 0

    def on_knob(self) -> None:
        """Knobs were turned in the player."""
        for own, name, value in player.turned_knobs():
            racers = list(self._race.racers)
            for index, racer in enumerate(racers):
                if racer.look == own and name in racer.optimizer.numbers():
                    self._turn(racers, index, name, value)

    def _turn(self, racers: list[pg.Racer], index: int, name: str, value: float) -> None:
        try:
            optimizer = replace(racers[index].optimizer, **{name: value})
        except pg.ChoiceError as problem:
            st.toast(link.sentence(problem))
            return
        slot = st.session_state[f"{self.name}.slots"][1][index]
        field = self._key(f"racer{slot}.{optimizer.name}.{name}")
        if field in st.session_state:  # the racer is open: its field follows, before it is drawn
            controls.fill(field, getattr(optimizer, name))
        racers[index] = replace(racers[index], optimizer=optimizer)
        self._take_racers(racers)

    def _start(self, spec: pg.Race) -> tuple[tuple[float, float], ...]:
        if len(spec.starts) > 1:
            st.segmented_control(
                tr("Start on show"), range(len(spec.starts)), default=0, required=True,
                format_func=lambda i: str(i + 1), key=self._key("which"),
                help=tr("This race runs from several starts; the picture shows one of them."),
            )  # fmt: skip
        number = self.shown_start()
        point = controls.point(
            spec.surface, spec.starts[number], self._key(f"start{number}"), tr("Start"),
            help=tr("Also: click the picture, or drag the ring."),
        )  # fmt: skip
        return (*spec.starts[:number], point, *spec.starts[number + 1 :])

    # -- racers ------------------------------------------------------------------------------------------------------

    def _racers(self, spec: pg.Race) -> tuple[pg.Racer, ...]:
        """A line for each racer, and below it its knobs once it is opened."""
        slots = lines.slots(self.name, len(spec.racers))
        most = self._takes.most
        st.markdown(f"**{tr('Racers')}** ({tr('{n} of at most {most}', n=len(slots), most=most)})")
        heads, racers = [], []
        for index, (slot, racer) in enumerate(zip(slots, spec.racers)):
            with st.container(key=self._key(f"racer{slot}"), gap="xsmall"):
                heads.append(st.container())
                if lines.is_open(self._key(f"racer{slot}")):
                    with st.container(border=True):
                        racer = self._racer(racer, slot, index, len(slots) < most)
                racers.append(racer)
        labels = replace(spec, racers=tuple(racers)).labels()
        for index, (slot, racer) in enumerate(zip(slots, racers)):
            with heads[index]:
                self._line(racer, labels[index], slot)
        self._add(spec, slots)
        return tuple(racers)

    def _line(self, racer: pg.Racer, label: str, slot: int) -> None:
        """Colour, name and learning rate of a racer; a click opens or closes its knobs."""
        rate = f" · lr {exact(racer.optimizer.lr)}" if hasattr(racer.optimizer, "lr") else ""
        name = label + ("" if "lr " in label else rate)
        style = racer_style(racer.look)
        dot = f':color[{style.sign}]{{foreground="{getattr(style, theme())}"}}'
        lines.line(self._key(f"racer{slot}"), f"{dot} {name}")

    def _racer(self, racer: pg.Racer, slot: int, index: int, room: bool) -> pg.Racer:
        """One racer, opened; `room`: whether there is some for another one."""
        key = self._key(f"racer{slot}")
        fields = racer.fields()
        names = offered(type(self._spec))
        optimizer = controls.picked(
            fields["optimizer"], racer.optimizer, f"{key}.optimizer", names=names,
            knobs_of=lambda choice, _: controls.knobs(choice, f"{key}.{choice.name}"),
        )  # fmt: skip
        if isinstance(optimizer, Minimizer):
            schedule = racer.schedule
            st.caption(tr("It chooses its own step lengths: schedules and decoupled decay do not apply."))
        else:
            schedule = controls.picked(fields["schedule"], racer.schedule, f"{key}.schedule")
        with st.container(key=f"{key}.formula"):
            if optimizer.alone:
                about = {"summary": Message(optimizer.summary()), "library": optimizer.group}
                st.caption(tr("{summary} Computed by {library}.", **about))
            for line in formula_with_numbers(optimizer):
                st.latex(line)
        with st.container(horizontal=True):
            for label, icon, act, off in (
                (marked("Duplicate"), ":material/content_copy:", self._duplicate, not room),
                (marked("Remove"), ":material/delete:", self._remove, len(self._race.racers) <= 1),
            ):
                st.button(translate(label), icon=icon, key=f"{key}.{label}", on_click=act, args=(index,), disabled=off)
        return replace(racer, optimizer=optimizer, schedule=schedule)

    def _duplicate(self, index: int) -> None:
        racers, slots = self._race.racers, st.session_state[f"{self.name}.slots"][1]
        self._take_racers([*racers[: index + 1], replace(racers[index], look=-1), *racers[index + 1 :]])
        slots.insert(index + 1, max(slots) + 1)

    def _remove(self, index: int) -> None:
        racers, slots = self._race.racers, st.session_state[f"{self.name}.slots"][1]
        self._take_racers([*racers[:index], *racers[index + 1 :]])
        del slots[index]

    def _take_racers(self, racers: list[pg.Racer]) -> None:
        self._hold(replace(self._race, racers=tuple(racers)))

    def _add(self, spec: pg.Race, slots: list[int]) -> None:
        def add() -> None:
            name = st.session_state[self._key("add")]
            if name:
                self._take_racers([*self._race.racers, pg.Racer(optimizer=pg.optimizers[name]())])
                slots.append(max(slots) + 1)
                st.session_state[self._key("add")] = None

        st.selectbox(
            tr("Add a racer"), offered(type(self._spec)), index=None, key=self._key("add"), on_change=add,
            placeholder=tr("Add a racer"), format_func=lambda name: controls.entry(pg.optimizers[name]),
            label_visibility="collapsed", disabled=len(spec.racers) >= self._takes.most,
        )  # fmt: skip

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _rest(self, race: pg.Race, fields: Mapping[str, Field]) -> pg.Race:
        """The fields that nothing else has: all but surface, starts and racers, and the idle ones."""
        apart = ("surface", "starts", "racers", "penalty", "gradient")
        names = [name for name, field in fields.items() if name not in apart and not field.idle]
        race = controls.fields(race, [*names, "gradient", "penalty"], self._key)
        if race.penalty.decay() and not all(hasattr(racer.optimizer, "lr") for racer in race.racers):
            st.caption(tr("The decay acts on racers with a learning rate only."))
        return race
