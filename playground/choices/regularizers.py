"""Regularization of a net: what keeps it from learning its training images by heart. Any subset can be combined."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from playground.choices.live import setting
from playground.layers.blueprint import Drop, Layer, Pool, Residual
from playground.messages import marked
from playground.registry import Choice, Registry, knob

regularizers: Registry[Regularizer] = Registry("regularizer")

setting(
    "dropout", marked("A net takes dropout along only if it is among the regularizers from the start; 0 will do."),
    0.1, 0.0, 0.95, label="Dropout", symbol="p", help="share of units silenced",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What all regularizers of a training come to; every field's default does nothing.

    `dropout` is None where there is none, so that 0 can be raised while it trains.
    """

    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0
    dropout: float | None = None
    dropout_form: str = "inverted"
    dropconnect: float = 0.0
    stochastic_depth: float = 0.0
    fractional_pooling: float = 0.0
    smoothing: float = 0.0
    clip_norm: float = math.inf
    clip_value: float = math.inf
    patience: int = 0
    improvement: float = 0.0
    average: bool = False
    average_decay: float | None = None  # None: the plain mean
    average_start: float = 0.0


class Regularizer(Choice):
    """Base of all regularizers; one with `needs` acts on nets with such layers only; `lack` says so."""

    needs: ClassVar[type[Layer]] = Layer
    lack: ClassVar[str] = ""

    def settings(self) -> dict[str, Any]:
        """The fields of `Recipe` that it sets."""
        raise NotImplementedError


def recipe(regularizers: tuple[Regularizer, ...]) -> Recipe:
    """The recipe of several regularizers; strengths of the same kind add up, other fields take the last."""
    total: dict[str, Any] = {}
    for regularizer in regularizers:
        for field, value in regularizer.settings().items():
            adds = field in ("l1", "l2", "decay") and field in total
            total[field] = total[field] + value if adds else value
    return Recipe(**total)


def _strength(default: float) -> float:
    return knob(default, 0.0, 10.0, log=True, symbol=r"\lambda", help="strength")


@regularizers("l1", "L1")
class L1(Regularizer):
    """A cost for the sizes of the weights; it pushes small ones to zero.

    Formula: lambda sum |w| over all weights (not biases); the gradient gains lambda sign(w).

    Watch: the histogram of the weights grows a spike at zero.

    Reference: Tibshirani, Regression shrinkage and selection via the lasso, 1996, eq. (1).
    """

    strength: float = _strength(1e-4)

    def settings(self):
        return {"l1": self.strength}


@regularizers("l2", "L2")
class L2(Regularizer):
    """A cost for the squares of the weights; it pulls large ones hardest.

    Formula: (lambda / 2) sum w^2 over all weights (not biases); the gradient gains lambda w.

    Watch: the histogram of the weights narrows and the gap between the curves closes; too much of it underfits.

    Reference: Krogh and Hertz, A simple weight decay can improve generalization, 1992, eq. (2).
    """

    strength: float = _strength(5e-4)

    def settings(self):
        return {"l2": self.strength}


@regularizers("elastic_net", "Elastic net")
class ElasticNet(Regularizer):
    """L1 and L2 mixed.

    Formula: lambda (ratio sum |w| + (1 - ratio) / 2 sum w^2); ratio 1 is L1, ratio 0 is L2.

    Watch: a spike at zero as with L1, and no large weights as with L2.

    Reference: Zou and Hastie, Regularization and variable selection via the elastic net, 2005, eq. (3).
    """

    strength: float = _strength(2e-4)
    ratio: float = knob(0.5, 0.0, 1.0, symbol="r", help="share of L1 in the mixture")

    def settings(self):
        return {"l1": self.strength * self.ratio, "l2": self.strength * (1 - self.ratio)}


@regularizers("weight_decay", "Decoupled weight decay")
class WeightDecay(Regularizer):
    """Weights shrink at every step by themselves, apart from the gradient.

    Formula: w <- w - lr lambda w, before the optimizer's step.

    Watch: under SGD it is L2; under Adam every weight shrinks by the same share, which L2 does not do.

    Reference: Loshchilov and Hutter, Decoupled weight decay regularization, 2019, Algorithms 1 and 2 (with PyTorch's
    multiplication by the learning rate).
    """

    strength: float = _strength(5e-4)

    def settings(self):
        return {"decay": self.strength}


@regularizers("dropout", "Dropout")
class Dropout(Regularizer):
    """Units are silenced at random while training, so that none can rely on another.

    Formula: inverted: y = x m / (1 - p) while training, y = x in use; vanilla: y = x m while training, y = (1 - p) x
    in use; m is 1 with probability 1 - p and else 0.

    Watch: both forms train alike up to the scale of the activations; training loss rises and the gap closes.

    Reference: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014, section 4
    (vanilla) and section 10 (inverted).
    """

    needs: ClassVar[type[Layer]] = Drop
    lack: ClassVar[str] = marked("No effect: {net} has no place for dropout.")

    p: float = knob(0.1, 0.0, 0.95, symbol="p", help="share of units silenced", live="dropout")
    form: str = knob("inverted", options=("inverted", "vanilla"), help="scale while training, or in use")

    def settings(self):
        return {"dropout": self.p, "dropout_form": self.form}


@regularizers("dropconnect", "DropConnect")
class DropConnect(Regularizer):
    """Single weights are silenced at random while training.

    Formula: W m / (1 - p) instead of W while training, in all layers but the last, with one m for each batch; W in
    use.

    Watch: milder than dropout at the same p, since a unit loses only some of its inputs.

    Reference: Wan et al., Regularization of neural networks using DropConnect, 2013, eq. (1); there the output in use
    is sampled from a normal distribution, here it is its mean before the activation.
    """

    p: float = knob(0.2, 0.0, 0.95, symbol="p", help="share of weights silenced")

    def settings(self):
        return {"dropconnect": self.p}


@regularizers("stochastic_depth", "Stochastic depth")
class StochasticDepth(Regularizer):
    """Whole residual blocks are skipped at random while training; it acts on nets with such blocks only.

    Formula: block l of L survives with probability 1 - (l / L) p; in use its branch is multiplied by that.

    Watch: epochs get faster, and the deep end of the net learns from a gradient that came a shorter way.

    Reference: Huang et al., Deep networks with stochastic depth, 2016, eqs. (2), (4) and (5).
    """

    needs: ClassVar[type[Layer]] = Residual
    lack: ClassVar[str] = marked("No effect: {net} has no residual block.")

    p: float = knob(0.2, 0.0, 0.95, symbol="p", help="probability that the last block is skipped")

    def settings(self):
        return {"stochastic_depth": self.p}


@regularizers("fractional_pooling", "Fractional max pooling")
class FractionalPooling(Regularizer):
    """Pooling regions at random distances, which overlap, instead of side by side.

    Formula: the maximum over 2 x 2 squares, each 1 or 2 pixels on from the one before, in a random order such that the
    picture shrinks by the ratio; it replaces the net's pooling by 2.

    Watch: a kind of elastic distortion inside the net; it costs time where pictures shrink less.

    Reference: Graham, Fractional max-pooling, 2014, section 2, as in PyTorch, whose squares have all the same size.
    """

    needs: ClassVar[type[Layer]] = Pool
    lack: ClassVar[str] = marked("No effect: {net} has no pooling.")

    ratio: float = knob(1.6, 1.1, 1.95, symbol=r"\alpha", help="by what factor each pooling shrinks the picture")

    def settings(self):
        return {"fractional_pooling": self.ratio}


@regularizers("label_smoothing", "Label smoothing")
class LabelSmoothing(Regularizer):
    """Softened targets: the net is not pushed towards certainty.

    Formula: target (1 - epsilon) onehot(y) + epsilon / C for C classes.

    Watch: training loss stays above zero; the shown losses are without smoothing, so that curves compare.

    Reference: Szegedy et al., Rethinking the inception architecture for computer vision, 2016, section 7.
    """

    epsilon: float = knob(0.1, 0.0, 0.9, symbol=r"\epsilon", help="share of the target spread over all classes")

    def settings(self):
        return {"smoothing": self.epsilon}


@regularizers("clip_norm", "Gradient clipping by norm")
class ClipNorm(Regularizer):
    """A gradient longer than a limit is shortened to it.

    Formula: g <- g min(1, c / |g|), with |g| over all parameters.

    Watch: runs that diverge at a steep place survive it; a limit that always binds is a smaller learning rate.

    Reference: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013, Algorithm 1.
    """

    limit: float = knob(1.0, 1e-3, 1e3, log=True, symbol="c", help="longest gradient")

    def settings(self):
        return {"clip_norm": self.limit}


@regularizers("clip_value", "Gradient clipping by value")
class ClipValue(Regularizer):
    """Every component of the gradient is kept within limits.

    Formula: g <- min(max(g, -c), c).

    Watch: unlike clipping by norm it turns the gradient's direction.

    Reference: Mikolov, Statistical language models based on neural networks, 2012, section 3.2.2.
    """

    limit: float = knob(0.1, 1e-5, 1e3, log=True, symbol="c", help="largest component")

    def settings(self):
        return {"clip_value": self.limit}


@regularizers("early_stopping", "Early stopping")
class EarlyStopping(Regularizer):
    """The run ends when the validation loss has stopped falling, and the best weights are restored.

    Formula: stop after `patience` epochs without a validation loss below the best one by more than `improvement`.

    Watch: the weights kept are those of the last epoch that counted as better, which without `improvement` is the
    lowest point of the validation curve.

    Reference: Prechelt, Early stopping - but when?, 1998, section 2 (criterion UP, with patience for strips).
    """

    patience: int = knob(5, 1, 1000, help="epochs to wait for a better one")
    improvement: float = knob(0.0, 0.0, 1.0, help="how much lower the validation loss must be to count")

    def settings(self):
        return {"patience": self.patience, "improvement": self.improvement}


@regularizers("ema", "Averaged weights (EMA)")
class ExponentialAverage(Regularizer):
    """A running mean of the weights, forgetting old ones, with a curve of its own.

    Formula: a <- d a + (1 - d) w after every step, with d = min(decay, (1 + t) / (10 + t)).

    Watch: its validation curve is smoother and, while the rate is high, better than that of the weights.

    Reference: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992, eq. (2), with
    forgetting; the short memory at the beginning as in TensorFlow's ExponentialMovingAverage.
    """

    decay: float = knob(0.99, 0.0, 0.99999, symbol="d", help="share of the old mean that is kept at every step")

    def settings(self):
        return {"average": True, "average_decay": self.decay}


@regularizers("polyak", "Averaged weights (Polyak)")
class PolyakAverage(Regularizer):
    """The plain mean of the weights of all steps from some moment on, with a curve of its own.

    Formula: a = mean of w over the steps after the share `start` of the run.

    Watch: with a constant learning rate it does what a falling one does.

    Reference: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992, eq. (2); over the
    tail of a run as in Izmailov et al., Averaging weights leads to wider optima, 2018, Algorithm 1.
    """

    start: float = knob(0.5, 0.0, 0.99, help="share of the run before the averaging begins")

    def settings(self):
        return {"average": True, "average_decay": None, "average_start": self.start}
