"""The training of a net: an iterator of events that can be stopped at any step and continued from its bytes."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.data.images import ImageSet
from playground.engine.training.data_splits import prepare
from playground.engine.training.diagnosis import Diagnosis
from playground.engine.training.evaluate import confusion, worst
from playground.engine.training.probes import Probing, filters
from playground.engine.training.train_state import TrainState
from playground.jobs import Inline, Job, with_progress
from playground.messages import Message
from playground.record import Change, End, Event, Preparation, Start, Tick, Validation
from playground.specs.training import Training

TICK = 0.25  # seconds between two ticks
PROBES = 200  # after so many ticks' time, probes get rarer as the run gets longer
FILTERS = 2.0  # seconds between two pictures of the filters, at first
FIRST_LOOK = 1024  # validation images for the loss before the first step

Ending = Generator[Event, None, End | None]


def train(spec: Training, **options: Any) -> Iterator[Event]:
    """The events of a training; `options` as in `Trainer`."""
    yield from Trainer(spec, **options).events()


class Trainer:
    """One training.

    `device`: "cpu", "cuda", or "auto" for a GPU where there is one; `threads`: of the processor, 0 leaves them as they
    are; `interrupted()` is asked within long steps; `data` replaces the spec's data set; `probes` off looks
    into no layer. The same spec on the same machine with as many threads gives the same numbers; only times, and the
    moments of ticks and probes, differ.
    """

    def __init__(
        self,
        spec: Training,
        *,
        device: str = "auto",
        threads: int = 0,
        interrupted: Callable[[], bool] | None = None,
        data: ImageSet | None = None,
        probes: bool = True,
    ) -> None:
        spec.check_switches()
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if threads:
            torch.set_num_threads(threads)
        self.spec, self.data, self.device = spec, data, torch.device(device)
        self.interrupted, self.probes, self.diagnosis = interrupted, probes, Diagnosis()
        self.step, self.seconds, self.clock = 0, 0.0, time.perf_counter()
        self.best_step, self.best_loss, self.waited = 0, math.inf, 0
        self.best: dict[str, Tensor] | None = None
        self.window: list[tuple[Tensor, Tensor]] = []  # loss and accuracy of the steps since the last tick
        self.window_began = self.next_probe = self.next_filters = 0.0
        self.loaded: dict[str, Any] | None = None
        self._train_state: TrainState | None = None
        self.is_lost = False  # whether the loss is NaN or infinite
        self.settled = False  # whether all events of the present step have been yielded

    @property
    def train_state(self) -> TrainState:
        """The net and all that moves it; there from `Start` on."""
        assert self._train_state is not None, "nothing is built before the events have begun"
        return self._train_state

    # -- the run -----------------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """All events from here to the end. Raises `Stopped`, `ChoiceError` (data) and what torch raises."""
        reading = Job(work=with_progress, arguments=(partial(prepare, self.spec, self.data),))
        with closing(Inline().watch(reading)) as news:
            for progress in news:
                if not progress.done:
                    yield Preparation(text=progress.message, share=progress.share)
        splits = progress.result
        yield Preparation(text=Message("building the net"), share=math.nan)
        self._train_state = TrainState(self.spec, splits, self.device, self.interrupted, fresh=self.loaded is None)
        self.clock = time.perf_counter()
        if self.loaded:
            self._restore(self.loaded)
        else:
            yield self._start()
            yield self.train_state.samples()
        self.settled = True
        while self.step < self.train_state.steps:
            ending = yield from self._settle(self._one_step())
            if ending:
                yield ending
                return
        yield self._end("finished", Message("Trained {n} epoch.", "Trained {n} epochs.", n=self.spec.epochs))

    def _settle(self, step: Ending) -> Ending:
        """All events of a step, once it is over: between two of them there would be nothing to go on from."""
        events: list[Event] = []
        try:
            while True:
                events.append(next(step))
        except StopIteration as over:
            for number, event in enumerate(events, 1):
                self.settled = number == len(events)
                yield event
            return over.value

    def _one_step(self) -> Ending:
        """One step with all that follows from it; returns an `End` where the run ends here."""
        train_state, step = self.train_state, self.step + 1
        for switch in self.spec.switches:
            if switch.step == step:
                train_state.switch(switch.field, switch.value)
                yield Change(step=self.step, field=switch.field, value=switch.value)
        looking = self.probes and (self._now() >= self.next_probe or step == train_state.steps)
        probing = Probing(train_state.net.stages, self.spec.activation) if looking else None
        index = train_state.index(step)
        outcome = train_state.update(step, index, probing)
        self.window.append((outcome.loss, outcome.accuracy))
        self.step = step
        over = step % train_state.steps_per_epoch == 0
        if over or step == 1 or train_state.is_lost(outcome) or self._now() - self.window_began >= TICK:
            tick = self._tick()
            yield tick
            if not np.isfinite(tick.losses).all():
                return self._divergence(index, tick)
            yield from self.diagnosis.tick(tick)
        if probing:
            yield from self._probe_events(probing)
        return (yield from self._validate()) if over else None

    # -- what is reported --------------------------------------------------------------------------------------------

    def _now(self) -> float:
        """Seconds of training so far."""
        return self.seconds + time.perf_counter() - self.clock

    def _start(self) -> Start:
        spec, train_state = self.spec, self.train_state
        first = train_state.score(min(FIRST_LOOK, len(train_state.held_labels)))
        title, threads = train_state.splits.title, torch.get_num_threads()
        where = f"CPU, {threads} thread{'s' if threads > 1 else ''}"
        if self.device.type == "cuda":
            where = torch.cuda.get_device_name(self.device)
        precision = "bfloat16" if train_state.low else "float32"
        stages = train_state.net.stages
        start = Start(
            key=spec.key, query=spec.to_query(), title=title, classes=train_state.splits.classes,
            stamp=f"{title} · {train_state.count} images · {spec.network.label} · {spec.optimizer.label} · "
            f"seed {spec.seed} · {precision} · {where}",
            layers=tuple(stage.name for stage in stages), parameters=train_state.size.parameters,
            operations=train_state.size.operations, images=train_state.count,
            validation_images=len(train_state.held_labels), batch=train_state.batch, steps=train_state.steps,
            steps_per_epoch=train_state.steps_per_epoch, device=where,
            threads=threads, precision=precision, initial_loss=first.loss,
            bounded=tuple(spec.activation.bounded and stage.activated for stage in stages),
        )  # fmt: skip
        self.diagnosis.start(start)
        return start

    def _tick(self) -> Tick:
        train_state, now = self.train_state, self._now()
        losses, accuracies = (
            torch.stack([step[part] for step in self.window]).float().cpu().numpy() for part in (0, 1)
        )
        rate = train_state.stepper.rate
        tick = Tick(
            step=self.step,
            epoch=self.step / train_state.steps_per_epoch,
            seconds=now,
            rate=math.nan if rate is None else rate * train_state.factor(self.step),
            loss=float(losses.mean()),
            accuracy=float(accuracies.mean()),
            speed=len(losses) * train_state.batch / max(now - self.window_began, 1e-9),
            losses=losses,
            accuracies=accuracies,
        )
        self.window, self.window_began = [], now
        return tick

    def _probe_events(self, probing: Probing) -> Iterator[Event]:
        now, last = self._now(), self.step == self.train_state.steps
        rarer = max(1.0, now / (TICK * PROBES))
        probe = probing.event(self.step, now)
        yield probe
        yield from self.diagnosis.probe(probe)
        if now >= self.next_filters or last:
            pictures = filters(self.step, self.train_state.net.stages[0].weight.weight, self.train_state.matrix)
            if pictures:
                yield pictures
            self.next_filters = now + FILTERS * rarer
        self.next_probe = now + TICK * rarer

    def _validate(self) -> Ending:
        """The end of an epoch; returns an `End` where early stopping ends the run."""
        train_state = self.train_state
        average = None
        with train_state.answer():
            scores = train_state.score(len(train_state.held_labels))
        if train_state.averaged:
            with train_state.answer(averaged=True):
                average = train_state.score(len(train_state.held_labels))
        labels, images = train_state.splits.validation_labels, train_state.splits.validation_images
        places, guesses, probabilities = worst(scores.probabilities, labels)
        event = Validation(
            step=self.step,
            epoch=self.step / train_state.steps_per_epoch,
            seconds=self._now(),
            loss=scores.loss,
            accuracy=scores.accuracy,
            average_loss=average.loss if average else math.nan,
            average_accuracy=average.accuracy if average else math.nan,
            confusion=confusion(scores.probabilities, labels, len(train_state.splits.classes)),
            mistakes=np.ascontiguousarray(images[places].transpose(0, 2, 3, 1)),
            labels=labels[places],
            guesses=guesses,
            probabilities=probabilities,
        )
        ending = self._remember(average.loss if average else scores.loss)
        self.window_began = self._now()
        yield event
        yield from self.diagnosis.validation(event)
        return ending

    def _remember(self, loss: float) -> End | None:
        """Keep track of the best epoch; the run ends early when there has been none for too long."""
        recipe = self.train_state.recipe
        loss = math.inf if math.isnan(loss) else loss  # every later one is below that
        if self.best_step == 0 or loss < self.best_loss - recipe.improvement:
            self.best_loss, self.best_step, self.waited = loss, self.step, 0
            self.best = self._answer() if recipe.patience else None
        else:
            self.waited += 1
        if not recipe.patience or self.waited < recipe.patience or self.step >= self.train_state.steps:
            return None
        epoch = self.best_step // self.train_state.steps_per_epoch
        sentence = Message(
            "Stopped early: no lower validation loss for {n} epoch; epoch {epoch}'s weights are kept.",
            "Stopped early: no lower validation loss for {n} epochs; epoch {epoch}'s weights are kept.",
            n=self.waited,
            epoch=epoch,
        )
        return self._end("early", sentence)

    def _end(self, word: str, sentence: Message, layer: str = "") -> End:
        return End(
            word=word, sentence=sentence, step=self.step, seconds=self._now(), best_step=self.best_step, layer=layer
        )

    def _divergence(self, index: Tensor, tick: Tick) -> End:
        """The end of a run whose loss has become NaN or infinite."""
        self.is_lost = True
        layer = self.train_state.first_lost_layer(index)
        first = self.step - len(tick.losses) + 1 + int(np.argmin(np.isfinite(tick.losses)))
        epoch = (first - 1) // self.train_state.steps_per_epoch + 1
        sentence = Message(
            "Diverged at step {step} (epoch {epoch}): the loss is NaN or infinite, first in layer {layer}. Lower the "
            "learning rate, clip the gradient or start from smaller weights.",
            step=first,
            epoch=epoch,
            layer=layer,
        )
        return self._end("diverged", sentence, layer)

    # -- bytes -------------------------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """Everything `load` needs to go on from here, between two events from `Start` on."""
        state = {
            "step": self.step,
            "seconds": self._now(),
            "machine": self.train_state.state(),
            "best": self.best,
            "best_step": self.best_step,
            "best_loss": self.best_loss,
            "waited": self.waited,
            "window": [(float(loss), float(accuracy)) for loss, accuracy in self.window],
            "diagnosis": self.diagnosis.state(),
        }
        file = io.BytesIO()
        torch.save(state, file)
        return file.getvalue()

    def load(self, state: bytes) -> None:
        """Go on from `state()` of a trainer of this spec, or of one that differs in later switches only."""
        values = torch.load(io.BytesIO(state), map_location="cpu", weights_only=True)
        self.loaded, self.step, self.seconds = values, values["step"], values["seconds"]

    def _restore(self, values: dict[str, Any]) -> None:
        self.loaded = None
        self.train_state.restore(values["machine"], self.step)
        self.best, self.best_step = values["best"], values["best_step"]
        self.best_loss, self.waited = values["best_loss"], values["waited"]
        self.window = [(torch.tensor(loss), torch.tensor(accuracy)) for loss, accuracy in values["window"]]
        self.window_began = self.next_probe = self._now()
        self.diagnosis.load(values["diagnosis"])

    def _answer(self) -> dict[str, Tensor]:
        with self.train_state.answer(averaged=self.train_state.averaged is not None):
            return self.train_state.weights()

    def weights(self) -> dict[str, np.ndarray]:
        """The answer of the run: the best weights with early stopping, else the last; averaged where they are.

        A run that has diverged has none."""
        if self.is_lost:
            return {}
        answer = self.best if self.best is not None else self._answer()
        return {name: tensor.detach().cpu().numpy() for name, tensor in answer.items()}
