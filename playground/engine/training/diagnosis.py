"""What a teacher would say on seeing the curves: one sentence for each finding, with where its evidence lies.

The checks are those of the lecture's recipe (Karpathy, A recipe for training neural networks, 2019; Stanford CS231n,
notes on neural networks 3): the first loss against ln C, the gap between the curves, the size of the updates, units
at rest, gradients that fade or grow from layer to layer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

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
        self.held: dict[str, str] = {}
        self.recent: list[float] = []  # loss of the last steps
        self.sums = [0.0, 0.0, 0.0]  # steps, loss and accuracy since the last validation
        self.epochs: list[tuple[int, float, float, float, float]] = []  # step, val loss, accuracy, train loss, accuracy
        self.start_facts: dict[str, Any] = {}

    def state(self) -> dict[str, Any]:
        """What `load` takes."""
        return {
            "held": self.held, "recent": self.recent, "sums": self.sums, "epochs": self.epochs,
            "start": self.start_facts,
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.held, self.recent, self.sums = dict(state["held"]), list(state["recent"]), list(state["sums"])
        self.epochs, self.start_facts = list(state["epochs"]), dict(state["start"])

    def start(self, start: Start) -> None:
        """Take in the beginning."""
        self.start_facts = {
            "loss": start.initial_loss, "classes": len(start.classes), "layers": list(start.layers),
            "steps": start.steps, "per_epoch": start.steps_per_epoch,
        }  # fmt: skip

    def tick(self, tick: Tick) -> Iterator[Finding]:
        """Findings in the running training loss."""
        self.recent = [*self.recent, *map(float, tick.losses)][-WINDOW:]
        for place, one in enumerate((np.ones_like(tick.losses), tick.losses, tick.accuracies)):
            self.sums[place] += float(one.sum())
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
        self, step: int, name: str, sentence: str, curve: str = "", first: int = 0, last: int = 0, layer: str = ""
    ) -> Iterator[Finding]:
        """A finding, where it says something new; an empty sentence takes it back."""
        if self.held.get(name, "") == sentence:
            return
        self.held[name] = sentence
        yield Finding(step=step, name=name, sentence=sentence, curve=curve, first=first, last=last or step, layer=layer)

    # -- curves ------------------------------------------------------------------------------------------------------

    def _first_loss(self) -> Iterator[Finding]:
        loss, classes = self.start_facts["loss"], self.start_facts["classes"]
        even = math.log(classes)
        known = f"ln {classes} = {even:.3g}, the loss of an even guess"
        text = f"The loss before the first step is {loss:.3g}, "
        if not loss <= even * SURE:
            text += f"well above {known}: the first scores are sure of something they cannot know. Try smaller "
            text += "initial weights."
        elif loss > even * EVEN:
            text += f"somewhat above {known}: the first scores differ a little, which the first steps put right."
        else:
            text += f"close to {known}: a sound beginning."
        yield from self._say(1, "first loss", text, "loss", 0, 1)

    def _too_fast(self, step: int) -> Iterator[Finding]:
        """The loss is above where it began, long after the beginning."""
        base = max(self.start_facts["loss"], math.log(self.start_facts["classes"]))
        text = ""
        if len(self.recent) == WINDOW and np.median(self.recent) > 1.1 * base:
            text = "The training loss is higher than before the first step: the learning rate is too high. "
            text += "Try a tenth of it, or a warm-up."
        yield from self._say(step, "rate too high", text, "loss", step - WINDOW, step)

    def _overfitting(self) -> Iterator[Finding]:
        step, loss, _, train, _ = self.epochs[-1]
        best = min(self.epochs, key=lambda one: one[1])
        text = ""
        if step > best[0] and loss > RISE * best[1] and train < best[3] and len(self.epochs) > 2:
            epoch = best[0] // self.start_facts["per_epoch"]
            text = f"Validation loss rises since epoch {epoch} (from {best[1]:.3g} to {loss:.3g}) while training loss "
            text += f"falls (to {train:.3g}): overfitting. Try augmentation, dropout, weight decay or early stopping."
        yield from self._say(step, "overfitting", text, "loss", best[0], step)

    def _underfitting(self) -> Iterator[Finding]:
        """Training has come to a halt far from its aim, and validation is no worse."""
        step, _, validation, _, accuracy = self.epochs[-1]
        text = ""
        late = step >= self.start_facts["steps"] * HALF and len(self.epochs) >= 4
        chance = 1 / self.start_facts["classes"]
        if late and 1.3 * chance < accuracy < 0.7 and validation > accuracy - 0.03:
            before = self.epochs[-4]
            if abs(before[3] - self.epochs[-1][3]) < 0.02 * before[3]:
                text = f"Training accuracy stays at {100 * accuracy:.0f} % and validation at {100 * validation:.0f} %: "
                text += "underfitting. Try a larger net, a higher learning rate or less regularization."
        yield from self._say(step, "underfitting", text, "accuracy", self.epochs[-1][0] // 2, step)

    def _still_improving(self) -> Iterator[Finding]:
        step, loss = self.epochs[-1][:2]
        text = ""
        if step >= self.start_facts["steps"] and len(self.epochs) >= 3:
            before = self.epochs[-3][1]
            if loss < 0.97 * before and loss <= min(one[1] for one in self.epochs):
                text = f"Validation loss was still falling at the end (to {loss:.3g}): more epochs would help."
        yield from self._say(step, "still improving", text, "loss", self.epochs[max(len(self.epochs) - 3, 0)][0], step)

    def _at_chance(self) -> Iterator[Finding]:
        step, _, accuracy, _, train = self.epochs[-1]
        chance = 1 / self.start_facts["classes"]
        text = ""
        if max(accuracy, train) < 1.3 * chance:
            epochs = f"{len(self.epochs)} epoch{'s' if len(self.epochs) > 1 else ''}"
            text = f"After {epochs} accuracy is {100 * accuracy:.0f} %, what guessing gives ({100 * chance:.0f} %): "
            text += "nothing is learnt. Look at the gradients of every layer."
        yield from self._say(step, "nothing learnt", text, "accuracy", 0, step)

    # -- layers ------------------------------------------------------------------------------------------------------

    def _dead(self, probe: Probe) -> Iterator[Finding]:
        layers, dead = self.start_facts["layers"], np.nan_to_num(probe.dead)  # NaN where nobody can know
        place = int(np.argmax(dead[:-1])) if len(layers) > 1 else 0
        text = ""
        if len(layers) > 1 and dead[place] > HALF:
            text = f"{100 * dead[place]:.0f} % of the units of {layers[place]} give the same value for every image: "
            text += "dead. Try other initial weights, a lower learning rate or a leaky activation."
        yield from self._held_for(probe, "dead", text, "activations", layers[place])

    def _saturated(self, probe: Probe) -> Iterator[Finding]:
        layers, saturated = self.start_facts["layers"], np.nan_to_num(probe.saturated)
        place = int(np.argmax(saturated))
        text = ""
        if saturated[place] > HALF:
            text = f"{100 * saturated[place]:.0f} % of the outputs of {layers[place]} are saturated, where the "
            text += "gradient is almost zero. Try smaller initial weights (Xavier) or normalization."
        yield from self._held_for(probe, "saturated", text, "activations", layers[place])

    def _gradients(self, probe: Probe) -> Iterator[Finding]:
        hidden = np.hypot(probe.gradient_std, probe.gradient_mean)[:-1]
        layers = [name for name, one in zip(self.start_facts["layers"], hidden) if np.isfinite(one)]
        hidden = hidden[np.isfinite(hidden)]  # without blocks that were skipped
        text, layer = "", ""
        if len(layers) > 1:
            least, most = int(hidden.argmin()), int(hidden.argmax())
            low, high = float(hidden[least]), float(hidden[most])
            layer = layers[least]
            if high == 0 or low < FADING * high:
                word, ends = "vanishing", (high, low)
                if least > most:
                    word, ends, layer = "exploding", (low, high), layers[most]
                text = f"Gradients are {word} towards the first layer: from {ends[0]:.1e} to {ends[1]:.1e} "
                text += "(root mean square)."
                if high == 0:
                    text = "No hidden layer gets a gradient: all its weights are alike, or every unit is at rest."
                text += " Try He or Xavier initialization, normalization or another activation."
        yield from self._held_for(probe, "gradients", text, "gradients", layer)

    def _updates(self, probe: Probe) -> Iterator[Finding]:
        """Judged from the tenth of the run on, as warm-up and the first steps have ratios of their own.

        A schedule makes the last updates small: too low a rate is no longer found in the last fifth, nor taken back.
        """
        ratios, done = probe.update_ratio, probe.step / self.start_facts["steps"]
        middle = float(np.median(ratios))
        text = ""
        if done > 0.1 and np.isfinite(ratios).all():
            low_loss = np.mean(self.recent or [math.inf]) < 0.5 * math.log(self.start_facts["classes"])
            if middle > 30 * HEALTHY:
                text = f"Updates are {middle:.1e} of the weights (healthy: about 1e-3): the learning rate is too high."
            elif middle < HEALTHY / 30 and not low_loss:
                if done > 0.8:
                    return
                text = f"Updates are {middle:.1e} of the weights (healthy: about 1e-3): the learning rate is too low."
        yield from self._held_for(probe, "updates", text, "updates", "")

    def _held_for(self, probe: Probe, name: str, text: str, curve: str, layer: str) -> Iterator[Finding]:
        """What a single probe shows may be chance: it is said at the second in a row, and not reworded after that."""
        seen = self.start_facts.setdefault("seen", {})
        seen[name] = seen.get(name, 0) + 1 if text else 0
        if text and (seen[name] < 2 or self.held.get(name)):
            return
        yield from self._say(probe.step, name, text, curve, probe.step, probe.step, layer if text else "")
