"""A net with all that moves it: its images, its draws, its optimizer. One `update` is one step of the training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.engine.streams import stream
from playground.engine.training.augment import Augmenter, Mix
from playground.engine.training.averaging import Averaged
from playground.engine.training.data_splits import DataSplits
from playground.engine.training.evaluate import Scored, score
from playground.engine.training.objective import Outcome, add_penalties, clip, outcome, penalty
from playground.engine.training.probes import Probing
from playground.engine.training.torch_stepper import stepper
from playground.jobs import Stopped
from playground.layers.blueprint import Parts, measure
from playground.layers.build import build, initialize
from playground.record import Samples
from playground.specs.training import Training

PART = 1024  # images that go through the net at a time; a step with as many can take longer than a stop may wait
SHOWN = 24  # images in `Samples`
INITIAL = 256  # images for an initialization that looks at some


class TrainState:
    """The net of a training, ready for its first step; `fresh` is false where `restore` follows at once.

    `interrupted()` is asked between the layers of long steps, and between chunks of images that are only looked at.
    """

    def __init__(
        self,
        spec: Training,
        splits: DataSplits,
        device: torch.device,
        interrupted: Callable[[], bool] | None,
        *,
        fresh: bool,
    ) -> None:
        self.spec, self.recipe, self.splits = spec, spec.recipe(), splits
        self.device, self.interrupted = device, interrupted
        self.images, self.labels = self._here(splits.images), self._labels(splits.labels)
        self.hold(splits.validation_images, splits.validation_labels)
        self.count = len(self.labels)
        self.batch = min(spec.batch or self.count, self.count)
        self.steps_per_epoch = max(self.count // self.batch, 1)
        self.steps = spec.epochs * self.steps_per_epoch
        self.low = device.type == "cuda" or (spec.precision == "bfloat16" and has_bfloat16())
        self.ordered = -1
        self._take_transform()
        self._build(fresh)
        if interrupted and self.batch >= PART and device.type == "cpu":
            self._listen()

    def hold(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Take these as the images that `score` looks at."""
        self.held_images, self.held_labels = self._here(images), self._labels(labels)

    def _here(self, images: np.ndarray) -> Tensor:
        return torch.from_numpy(images).to(self.device).contiguous(memory_format=torch.channels_last)

    def _labels(self, labels: np.ndarray) -> Tensor:
        return torch.from_numpy(labels.astype(np.int64)).to(self.device)

    def _take_transform(self) -> None:
        transform = self.splits.transform
        self.matrix = None if transform.matrix is None else torch.from_numpy(transform.matrix).to(self.device)
        self.norms = {"mean": torch.from_numpy(transform.mean), "scale": torch.from_numpy(transform.scale)}
        self.draws = self._generator("augment")
        self.augment = self._augmenter(self.draws)
        self.plain = Augmenter((), generator=None, device=self.device, **self.norms)

    def _generator(self, purpose: str) -> torch.Generator:
        """The generator for one purpose. It draws on the processor, so that a GPU sees the same numbers."""
        return torch.Generator().manual_seed(int(stream(self.spec.seed, purpose).integers(2**63)))

    def _augmenter(self, draws: torch.Generator) -> Augmenter:
        return Augmenter(self.spec.augmentations, generator=draws, device=self.device, **self.norms)

    def _build(self, fresh: bool) -> None:
        spec, recipe = self.spec, self.recipe
        parts = Parts(
            activation=spec.activation,
            normalization=spec.normalization,
            initializer=spec.initializer,
            dropout=recipe.dropout,
            dropout_form=recipe.dropout_form,
            dropconnect=recipe.dropconnect,
            stochastic_depth=recipe.stochastic_depth,
            fractional_pooling=recipe.fractional_pooling,
        )
        blueprint, classes = spec.network.blueprint(), len(self.splits.classes)
        weights = self._generator("weights")
        self.masks = torch.Generator(self.device).manual_seed(int(stream(spec.seed, "masks").integers(2**63)))
        self.size = measure(blueprint, parts, classes=classes)
        self.net = build(blueprint, parts, generator=weights, masks=self.masks, classes=classes)
        if fresh and spec.initializer.needs_batch:
            first = self.prepare(self.plain(self.images, torch.arange(min(INITIAL, self.count)))[0]).cpu()
            initialize(self.net, spec.initializer, weights, first)
        self.net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch lacks it
        self.parameters: list[Tensor] = list(self.net.parameters())
        self.matrices = [parameter for parameter in self.parameters if parameter.dim() > 1]
        seed = int(stream(spec.seed, "optimizer").integers(2**31))
        self.stepper = stepper(spec.optimizer, self.net, decay=recipe.decay, seed=seed)
        self.averaged = Averaged(self.net, recipe, self.steps) if recipe.average else None

    def _listen(self) -> None:
        """Ask between any two layers, forwards and backwards, whether to stop."""
        for stage in self.net.stages:
            stage.output.register_forward_hook(lambda *_: self.pause())
        for parameter in self.parameters:
            parameter.register_post_accumulate_grad_hook(lambda _: self.pause())

    def pause(self) -> None:
        """Raises `Stopped` where somebody wants the run to stop."""
        if self.interrupted and self.interrupted():
            raise Stopped

    # -- one step ----------------------------------------------------------------------------------------------------

    def index(self, step: int) -> Tensor:
        """The images of a step (from 1): each epoch goes through all of them in an order of its own."""
        epoch, position = divmod(step - 1, self.steps_per_epoch)
        if self.ordered != epoch:
            order = stream(self.spec.seed, f"epoch {epoch}").permutation(self.count)
            self.order, self.ordered = torch.from_numpy(order).to(self.device), epoch
        return self.order[position * self.batch : (position + 1) * self.batch]

    def factor(self, step: int) -> float:
        """The schedule's multiple of the learning rate at a step (from 1)."""
        if self.spec.schedule_by == "epoch":
            return self.spec.schedule.at_epoch((step - 1) // self.steps_per_epoch, self.spec.epochs)
        return self.spec.schedule(step - 1, self.steps)

    def switch(self, field: str, value: float) -> None:
        """Change a setting from the next step on."""
        owner = self.stepper if self.stepper.has(field) else self.net
        owner.set(field, value)

    def prepare(self, x: Tensor) -> Tensor:
        """A normalised batch as the net reads it."""
        if self.matrix is not None:
            x = (x.reshape(len(x), -1) @ self.matrix).reshape(x.shape)
        return x.contiguous(memory_format=torch.channels_last)

    def scores(self, x: Tensor) -> Tensor:
        """(b, C) float32, computed in the run's precision."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.low):
            return self.net(x).float()

    def update(self, step: int, index: Tensor, probing: Probing | None) -> Outcome:
        """One step of the optimizer; the outcome is that of the batch before it.

        A batch of more than `PART` images is augmented and differentiated in parts whose gradients are added up: a
        full batch needs no more memory than one of them. Batch normalization sees a part at a time (ghost
        batches: Hoffer, Hubara and Soudry 2017, "Train longer, generalize better", algorithm 1).
        """
        self.net.train()
        generators = [self.draws, self.masks] if self.stepper.needs_closure else []
        states = [generator.get_state() for generator in generators]
        outcomes: list[Outcome] = []

        def closure() -> Tensor:
            for generator, state in zip(generators, states):
                generator.set_state(state)  # the same function at every evaluation within this step
            outcomes.append(self._differentiate(index, probing if not outcomes else None))
            return outcomes[-1].objective

        try:
            if self.stepper.needs_closure:
                self.stepper.step(step, self.factor(step), closure)
            else:
                closure()
                if not self.is_lost(outcomes[0]):  # a step would spoil the weights that tell where it began
                    self.stepper.step(step, self.factor(step))
        finally:
            if probing:
                probing.close()
        if self.averaged:
            self.averaged.update(step)
        return outcomes[0]

    def _parts(self, index: Tensor) -> Iterator[tuple[Tensor, Tensor, Mix | None]]:
        """Images as the net reads them, labels and mix of one part of a batch after the other, all of about a size."""
        for part in index.tensor_split(math.ceil(len(index) / PART)):
            x, mix = self.augment(self.images, part)
            yield self.prepare(x), self.labels[part], mix

    def is_lost(self, outcome: Outcome) -> bool:
        """On a processor a look at the loss costs nothing; a GPU would have to be waited for, so that ticks do it."""
        return self.device.type == "cpu" and not math.isfinite(outcome.loss.item())

    def _differentiate(self, index: Tensor, probing: Probing | None) -> Outcome:
        """Fill the gradients, penalties and clipping included; a probe sees those of the loss alone.

        Who searches along a line gets the penalties in the objective too, as its slope has them.
        """
        for parameter in self.parameters:
            parameter.grad = None
        outcomes = []
        for x, labels, mix in self._parts(index):
            with torch.enable_grad():
                part = outcome(self.scores(x), labels, mix, self.recipe.smoothing)
                share = len(labels) / len(index)
                (share * part.objective).backward(create_graph=self.stepper.needs_graph)
            outcomes.append(Outcome(*(share * value.detach() for value in part)))
        total = reduce(lambda a, b: Outcome(*map(torch.add, a, b)), outcomes)
        if probing:
            probing.after_backward(self.parameters)
        add_penalties(self.matrices, self.recipe)
        clip(self.parameters, self.recipe)
        if self.stepper.needs_closure:
            total = total._replace(objective=total.objective + penalty(self.matrices, self.recipe))
        return total

    # -- looking -----------------------------------------------------------------------------------------------------

    def score(self, count: int) -> Scored:
        """The net, with the weights it has now, on the first `count` of the images held out."""

        def scores_of(first: int, last: int) -> Tensor:
            index = torch.arange(first, last, device=self.device)
            return self.scores(self.prepare(self.plain(self.held_images, index)[0]))

        return score(self.net, scores_of, self.held_labels[:count], self.pause)

    def answer(self, averaged: bool = False) -> AbstractContextManager[None]:
        """Within this, the net has the weights that are the run's result: the averaged ones, or the optimizer's own."""
        return self.averaged.in_place() if averaged and self.averaged else self.stepper.answer()

    def samples(self) -> Samples:
        """Images of the first batch, from draws of their own, so that those of the run stay as they are."""
        index = self.index(1)[:SHOWN]
        augment = self._augmenter(self._generator("samples"))
        x, mix = augment(self.images, index)
        labels = self.labels[index].cpu().numpy().astype(np.uint8)
        partners, shares = labels, np.ones(len(labels), np.float32)
        if mix is not None:
            partners, shares = labels[mix.partner.cpu().numpy()], mix.share.cpu().numpy().astype(np.float32)
        images = augment.restore(x).cpu().numpy()
        return Samples(step=0, images=images, labels=labels, partners=partners, shares=shares)

    @torch.no_grad()
    def first_lost_layer(self, index: Tensor) -> str:
        """The first layer whose weights are not finite; if all are, the first whose output for the batch is not."""
        names = [stage.name for stage in self.net.stages]
        lost_layers = {stage.name for stage in self.net.stages if not torch.isfinite(stage.weight.weight).all()}
        if not lost_layers:
            handles = []
            for stage in self.net.stages:

                def hook(module: Any, inputs: Any, output: Tensor, name: str = stage.name) -> None:
                    if not torch.isfinite(output).all():
                        lost_layers.add(name)

                handles.append(stage.output.register_forward_hook(hook))
            for x, _, _ in self._parts(index):
                self.scores(x)
            for handle in handles:
                handle.remove()
        return next((name for name in names if name in lost_layers), names[-1])

    # -- state -------------------------------------------------------------------------------------------------------

    def weights(self) -> dict[str, Tensor]:
        """A copy of all parameters and running statistics."""
        return {name: tensor.detach().clone() for name, tensor in self.net.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """What `restore` takes."""
        return {
            "net": self.net.state_dict(),
            "stepper": self.stepper.state_dict(),
            "masks": self.masks.get_state(),
            "draws": self.draws.get_state(),
            "averaged": self.averaged.state() if self.averaged else None,
        }

    def restore(self, state: dict[str, Any], step: int) -> None:
        """Go on after `step` as if nothing had happened."""
        self.net.load_state_dict(state["net"])
        self.stepper.load_state_dict(state["stepper"])
        self.masks.set_state(state["masks"])
        self.draws.set_state(state["draws"])
        if self.averaged:
            self.averaged.load(state["averaged"])
        for change in self.spec.switches:
            if change.step <= step:
                self.switch(change.field, change.value)


def has_bfloat16() -> bool:
    """Whether this processor computes with bfloat16 (elsewhere it is emulated, and slower than float32)."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
