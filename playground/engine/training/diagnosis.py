"""What a teacher would say on seeing the curves: one message for each finding, with where its evidence lies.

The checks are those of the lecture's recipe (Karpathy, A recipe for training neural networks, 2019; Stanford CS231n,
notes on neural networks 3): the first loss against ln C, the gap between the curves, the size of the updates, units
at rest, gradients that fade or grow from layer to layer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from playground.messages import NOTHING, Message
from playground.record import Finding, Probe, Start, Tick, Validation

HEALTHY = 1e-3  # update over weight: within a factor of ten of this nothing is said
RISE = 1.05  # a validation loss so many times its best has risen
EVEN = 1.15  # a first loss within this factor of ln C is as it should be
SURE = 2.0  # and above this factor something is wrong
FADING = 1e-3  # root mean square gradient of one end of the net over that of the other
HALF = 0.5
WINDOW = 50  # steps


class Diagnosis:
    """Takes in the events of a run and yields findings as they come and go."""

    def __init__(self) -> None:
        self.held: dict[str, Message] = {}
        self.recent: list[float] = []  # loss of the last steps
        self.sums = [0.0, 0.0, 0.0]  # steps, loss and accuracy since the last validation
        self.epochs: list[tuple[int, float, float, float, float]] = []  # step, val loss, accuracy, train loss, accuracy
        self.start_facts: dict[str, Any] = {}

    def state(self) -> dict[str, Any]:
        """What `load` takes."""
        return {
            "held": {name: json.dumps(message.to_json()) for name, message in self.held.items()},
            "recent": self.recent,
            "sums": self.sums,
            "epochs": self.epochs,
            "start": self.start_facts,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.held = {name: _message(text) for name, text in state["held"].items()}
        self.recent, self.sums = list(state["recent"]), list(state["sums"])
        self.epochs, self.start_facts = list(state["epochs"]), dict(state["start"])

    def start(self, start: Start) -> None:
        """Take in the beginning."""
        self.start_facts = {
            "loss": start.initial_loss,
            "classes": len(start.classes),
            "layers": list(start.layers),
            "steps": start.steps,
            "per_epoch": start.steps_per_epoch,
        }

    def tick(self, tick: Tick) -> Iterator[Finding]:
        """Findings in the running training loss."""
        self.recent = [*self.recent, *map(float, tick.losses)][-WINDOW:]
        for row, values in enumerate((np.ones_like(tick.losses), tick.losses, tick.accuracies)):
            self.sums[row] += float(values.sum())
        yield from self._first_loss()
        yield from self._too_fast(tick.step)

    def validation(self, event: Validation) -> Iterator[Finding]:
        """Findings in the curves."""
        steps, loss, accuracy = self.sums
        self.sums = [0.0, 0.0, 0.0]
        self.epochs.append((event.step, event.loss, event.accuracy, loss / steps, accuracy / steps))
        for check in (self._overfitting, self._underfitting, self._still_improving, self._at_chance):
            yield from check()

    def probe(self, probe: Probe) -> Iterator[Finding]:
        """Findings inside the net."""
        for check in (self._dead, self._saturated, self._gradients, self._updates):
            yield from check(probe)

    def _say(
        self, step: int, name: str, sentence: Message, curve: str = "", first: int = 0, last: int = 0, layer: str = ""
    ) -> Iterator[Finding]:
        """A finding, where it says something new; an empty message takes it back."""
        if self.held.get(name, NOTHING) == sentence:
            return
        self.held[name] = sentence
        yield Finding(step=step, name=name, sentence=sentence, curve=curve, first=first, last=last or step, layer=layer)

    # -- curves ------------------------------------------------------------------------------------------------------

    def _first_loss(self) -> Iterator[Finding]:
        loss, classes = self.start_facts["loss"], self.start_facts["classes"]
        even = math.log(classes)
        values = {"loss": loss, "classes": classes, "even": even}
        if not loss <= even * SURE:
            text = Message(
                "The loss before the first step is {loss:digits}, well above ln {classes} = {even:digits}, the loss of "
                "an even guess: the first scores are sure of something they cannot know. Try smaller initial weights.",
                **values,
            )
        elif loss > even * EVEN:
            text = Message(
                "The loss before the first step is {loss:digits}, somewhat above ln {classes} = {even:digits}, the "
                "loss of an even guess: the first scores differ a little, which the first steps put right.",
                **values,
            )
        else:
            text = Message(
                "The loss before the first step is {loss:digits}, close to ln {classes} = {even:digits}, the loss of "
                "an even guess: a sound beginning.",
                **values,
            )
        yield from self._say(1, "first loss", text, "loss", 0, 1)

    def _too_fast(self, step: int) -> Iterator[Finding]:
        """The loss is above where it began, long after the beginning."""
        base = max(self.start_facts["loss"], math.log(self.start_facts["classes"]))
        text = NOTHING
        if len(self.recent) == WINDOW and np.median(self.recent) > 1.1 * base:
            text = Message(
                "The training loss is higher than before the first step: the learning rate is too high. Try a tenth of "
                "it, or a warm-up."
            )
        yield from self._say(step, "rate too high", text, "loss", step - WINDOW, step)

    def _overfitting(self) -> Iterator[Finding]:
        step, loss, _, train, _ = self.epochs[-1]
        best = min(self.epochs, key=lambda epoch: epoch[1])
        text = NOTHING
        if step > best[0] and loss > RISE * best[1] and train < best[3] and len(self.epochs) > 2:
            epoch = best[0] // self.start_facts["per_epoch"]
            text = Message(
                "Validation loss rises since epoch {epoch} (from {low:digits} to {high:digits}) while training loss "
                "falls (to {train:digits}): overfitting. Try augmentation, dropout, weight decay or early stopping.",
                epoch=epoch,
                low=best[1],
                high=loss,
                train=train,
            )
        yield from self._say(step, "overfitting", text, "loss", best[0], step)

    def _underfitting(self) -> Iterator[Finding]:
        """Training has come to a halt far from its aim, and validation is no worse."""
        step, _, validation, _, accuracy = self.epochs[-1]
        text = NOTHING
        late = step >= self.start_facts["steps"] * HALF and len(self.epochs) >= 4
        chance = 1 / self.start_facts["classes"]
        if late and 1.3 * chance < accuracy < 0.7 and validation > accuracy - 0.03:
            before = self.epochs[-4]
            if abs(before[3] - self.epochs[-1][3]) < 0.02 * before[3]:
                text = Message(
                    "Training accuracy stays at {training:percent} and validation at {validation:percent}: "
                    "underfitting. Try a larger net, a higher learning rate or less regularization.",
                    training=accuracy,
                    validation=validation,
                )
        yield from self._say(step, "underfitting", text, "accuracy", self.epochs[-1][0] // 2, step)

    def _still_improving(self) -> Iterator[Finding]:
        step, loss = self.epochs[-1][:2]
        text = NOTHING
        if step >= self.start_facts["steps"] and len(self.epochs) >= 3:
            before = self.epochs[-3][1]
            if loss < 0.97 * before and loss <= min(epoch[1] for epoch in self.epochs):
                text = Message(
                    "Validation loss was still falling at the end (to {loss:digits}): more epochs would help.",
                    loss=loss,
                )
        yield from self._say(step, "still improving", text, "loss", self.epochs[max(len(self.epochs) - 3, 0)][0], step)

    def _at_chance(self) -> Iterator[Finding]:
        step, _, accuracy, _, train = self.epochs[-1]
        chance = 1 / self.start_facts["classes"]
        text = NOTHING
        if max(accuracy, train) < 1.3 * chance:
            text = Message(
                "After {n} epoch accuracy is {accuracy:percent}, what guessing gives ({chance:percent}): nothing is "
                "learnt. Look at the gradients of every layer.",
                "After {n} epochs accuracy is {accuracy:percent}, what guessing gives ({chance:percent}): nothing is "
                "learnt. Look at the gradients of every layer.",
                n=len(self.epochs),
                accuracy=accuracy,
                chance=chance,
            )
        yield from self._say(step, "nothing learnt", text, "accuracy", 0, step)

    # -- layers ------------------------------------------------------------------------------------------------------

    def _dead(self, probe: Probe) -> Iterator[Finding]:
        layers, dead = self.start_facts["layers"], np.nan_to_num(probe.dead)  # NaN where nobody can know
        worst = int(np.argmax(dead[:-1])) if len(layers) > 1 else 0
        text = NOTHING
        if len(layers) > 1 and dead[worst] > HALF:
            text = Message(
                "{share:percent} of the units of {layer} give the same value for every image: dead. Try other initial "
                "weights, a lower learning rate or a leaky activation.",
                share=float(dead[worst]),
                layer=layers[worst],
            )
        yield from self._held_for(probe, "dead", text, "activations", layers[worst])

    def _saturated(self, probe: Probe) -> Iterator[Finding]:
        layers, saturated = self.start_facts["layers"], np.nan_to_num(probe.saturated)
        worst = int(np.argmax(saturated))
        text = NOTHING
        if saturated[worst] > HALF:
            text = Message(
                "{share:percent} of the outputs of {layer} are saturated, where the gradient is almost zero. Try "
                "smaller initial weights (Xavier) or normalization.",
                share=float(saturated[worst]),
                layer=layers[worst],
            )
        yield from self._held_for(probe, "saturated", text, "activations", layers[worst])

    def _gradients(self, probe: Probe) -> Iterator[Finding]:
        hidden = np.hypot(probe.gradient_std, probe.gradient_mean)[:-1]
        layers = [name for name, size in zip(self.start_facts["layers"], hidden) if np.isfinite(size)]
        hidden = hidden[np.isfinite(hidden)]  # without blocks that were skipped
        text, layer = NOTHING, ""
        if len(layers) > 1:
            least, most = int(hidden.argmin()), int(hidden.argmax())
            low, high = float(hidden[least]), float(hidden[most])
            layer = layers[least]
            if high == 0 or low < FADING * high:
                layer = layers[most] if least > most else layer
                text = _gradients_text(low, high, exploding=least > most)
        yield from self._held_for(probe, "gradients", text, "gradients", layer)

    def _updates(self, probe: Probe) -> Iterator[Finding]:
        """Judged from the tenth of the run on, as warm-up and the first steps have ratios of their own.

        A schedule makes the last updates small: too low a rate is no longer found in the last fifth, nor taken back.
        """
        ratios, share = probe.update_ratio, probe.step / self.start_facts["steps"]
        middle = float(np.median(ratios))
        text = NOTHING
        if share > 0.1 and np.isfinite(ratios).all():
            low_loss = np.mean(self.recent or [math.inf]) < 0.5 * math.log(self.start_facts["classes"])
            if middle > 30 * HEALTHY:
                text = Message(
                    "Updates are {ratio:rough} of the weights (healthy: about 0.001): the learning rate is too high.",
                    ratio=middle,
                )
            elif middle < HEALTHY / 30 and not low_loss:
                if share > 0.8:
                    return
                text = Message(
                    "Updates are {ratio:rough} of the weights (healthy: about 0.001): the learning rate is too low.",
                    ratio=middle,
                )
        yield from self._held_for(probe, "updates", text, "updates", "")

    def _held_for(self, probe: Probe, name: str, text: Message, curve: str, layer: str) -> Iterator[Finding]:
        """What a single probe shows may be chance: it is said at the second in a row, and not reworded after that."""
        streaks = self.start_facts.setdefault("seen", {})
        streaks[name] = streaks.get(name, 0) + 1 if text else 0
        if text and (streaks[name] < 2 or self.held.get(name)):
            return
        yield from self._say(probe.step, name, text, curve, probe.step, probe.step, layer if text else "")


def _gradients_text(low: float, high: float, *, exploding: bool) -> Message:
    """Of the smallest and the largest root mean square among the layers."""
    if high == 0:
        return Message(
            "No hidden layer gets a gradient: all its weights are alike, or every unit is at rest. Try He or Xavier "
            "initialization, normalization or another activation."
        )
    if exploding:
        return Message(
            "Gradients are exploding towards the first layer: from {low:rough} to {high:rough} (root mean square). Try "
            "He or Xavier initialization, normalization or another activation.",
            low=low,
            high=high,
        )
    return Message(
        "Gradients are vanishing towards the first layer: from {high:rough} to {low:rough} (root mean square). Try He "
        "or Xavier initialization, normalization or another activation.",
        low=low,
        high=high,
    )


def _message(text: str) -> Message:
    """What a checkpoint holds of a finding; one of before there were messages, as one that is said anew."""
    return Message.from_json(json.loads(text)) if text.startswith("[") else Message("{text}", text=text)
