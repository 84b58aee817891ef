"""Steps of any optimizer on a whole net, by whatever computes them best.

torch.optim computes the rules that it has, fused where the device allows it; other rules run by themselves; everything
else is a `NetOptimizer`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from playground.choices.optimizers import Optimizer, Rule
from playground.choices.optimizers.adaptive import Adadelta, AdaGrad, Adam, AdaMax, AdamW, NAdam, RAdam, RMSProp
from playground.choices.optimizers.first_order import SGD, Momentum, Nesterov
from playground.choices.optimizers.whole_net import NetOptimizer, as_matrix, places, settings
from playground.engine.training.plain_data import Draws, as_plain, from_plain
from playground.engine.training.stepper import Closure, RuleStepper, Stepper
from playground.registry import ChoiceError


class Copies:
    """The parameters as an optimizer in torch's style wants to see them: contiguous, as matrices where it counts."""

    def __init__(self, parameters: list[Tensor], matrices: bool) -> None:
        self.parameters, self.matrices = parameters, matrices
        self.copies: list[Tensor] = [nn.Parameter(self._like(parameter.detach()).clone()) for parameter in parameters]
        for copy in self.copies:
            copy.grad = torch.zeros_like(copy)

    def _like(self, weight: Tensor) -> Tensor:
        return as_matrix(weight, self.matrices).contiguous()

    @torch.no_grad()
    def read_weights(self) -> None:
        """Take the net's weights."""
        torch._foreach_copy_(self.copies, [self._like(parameter) for parameter in self.parameters])

    @torch.no_grad()
    def read_gradients(self) -> None:
        """Take the net's gradients."""
        for copy, parameter in zip(self.copies, self.parameters):
            copy.grad = None if parameter.grad is None else self._like(parameter.grad.detach()).clone()

    @torch.no_grad()
    def add_gradients(self) -> None:
        """Add the net's gradients to those that are left from before."""
        for copy, parameter in zip(self.copies, self.parameters):
            if parameter.grad is not None and copy.grad is not None:
                copy.grad += self._like(parameter.grad)

    @torch.no_grad()
    def write_weights(self) -> None:
        """Give the weights to the net."""
        torch._foreach_copy_(self.parameters, [copy.view(to.shape) for copy, to in zip(self.copies, self.parameters)])


class Themselves(Copies):
    """The parameters themselves, for those optimizers that take them as they are."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self.parameters = self.copies = parameters

    def read_weights(self) -> None:
        """Nothing to do."""

    write_weights = read_weights

    def read_gradients(self) -> None:
        """See to it that weights and gradients lie in memory in the same order, which fused steps take for granted."""
        for parameter in self.parameters:
            if (
                parameter.grad is not None
                and parameter.grad.stride() != parameter.stride()
                and not parameter.grad.requires_grad
            ):
                parameter.grad = torch.empty_like(parameter).copy_(parameter.grad)


class Twin:
    """What of torch.optim computes a rule; in use like a `NetOptimizer`."""

    feed, matrices, adapts = "gradient", False, False

    def __init__(self, kind: str, **arguments: Any) -> None:
        self.kind, self.arguments = kind, arguments

    def make(self, net: nn.Module, parameters: list[Any]) -> list[Any]:
        """See `NetOptimizer`."""
        fused = self.kind in FUSED and all(parameter.device.type in ("cpu", "cuda") for parameter in parameters)
        how = {"fused": True} if fused else {"foreach": True}
        return [getattr(torch.optim, self.kind)(parameters, **self.arguments, **how)]


FUSED = {"SGD", "Adam", "AdamW", "Adagrad"}
# torch forgets the velocity while the momentum is 0, the rule does not; this much of it changes no sum.
NO_MOMENTUM = 1e-20


def _adam(rule: Any, kind: str, **more: Any) -> Twin:
    return Twin(kind, lr=rule.lr, betas=(rule.beta1, rule.beta2), eps=rule.epsilon, **more)


TWINS: dict[type[Rule], Callable[[Any], Twin | None]] = {
    SGD: lambda rule: Twin("SGD", lr=rule.lr),
    Momentum: lambda rule: (
        Twin("SGD", lr=rule.lr, momentum=max(rule.rho, NO_MOMENTUM)) if rule.form == "rho_v_plus_g" else None
    ),
    Nesterov: lambda rule: Twin("SGD", lr=rule.lr, momentum=max(rule.rho, NO_MOMENTUM), nesterov=True),
    AdaGrad: lambda rule: Twin("Adagrad", lr=rule.lr, eps=rule.epsilon),
    RMSProp: lambda rule: Twin("RMSprop", lr=rule.lr, alpha=rule.rho, eps=rule.epsilon),
    Adadelta: lambda rule: Twin("Adadelta", lr=rule.lr, rho=rule.rho, eps=rule.epsilon),
    Adam: lambda rule: _adam(rule, "Adam", amsgrad=rule.amsgrad) if rule.bias_correction else None,
    AdamW: lambda rule: _adam(rule, "AdamW", weight_decay=rule.weight_decay),
    AdaMax: lambda rule: _adam(rule, "Adamax"),
    NAdam: lambda rule: _adam(rule, "NAdam", momentum_decay=rule.momentum_decay),
    RAdam: lambda rule: _adam(rule, "RAdam"),
}
# Not here: averaging, whose rate torch changes one step late, and Rprop, whose strides no schedule of torch reaches.


def twin(rule: Rule) -> Twin | None:
    """What of torch.optim takes exactly this rule's steps, if anything does."""
    make_twin = TWINS.get(type(rule))
    return make_twin(rule) if make_twin else None


class TorchStepper(Stepper):
    """Optimizers in torch's style: a rule's twin, or what a `NetOptimizer` makes."""

    def __init__(self, optimizer: Optimizer, net: nn.Module, decay: float, seed: int, plain: bool = False) -> None:
        super().__init__(optimizer, net, decay)
        self.maker = _maker(optimizer)
        self.feed = FEEDS[self.maker.feed]
        self.needs_closure = self.maker.feed not in ("gradient", "sparse", "accumulate", "backward")
        self.needs_graph = self.maker.feed == "graph"
        plain = plain and self.maker.feed != "accumulate"  # which adds up gradients beside the net's
        direct = plain or isinstance(self.maker, Twin) or self.needs_graph
        self.copies = Themselves(self.parameters) if direct else Copies(self.parameters, self.maker.matrices)
        self.owners = {id(copy): parameter for copy, parameter in zip(self.copies.copies, self.parameters)}
        self.draws = None if isinstance(self.maker, Twin) else Draws(seed, self.parameters[0].device)
        with self.draws or nullcontext():
            self.torch_optimizers: list[Any] = self.maker.make(net, self.copies.copies)
        for torch_optimizer in self.torch_optimizers:
            if hasattr(torch_optimizer, "train"):
                torch_optimizer.train()
        if decay and self.rate is None:
            raise ChoiceError(
                "{optimizer} has no learning rate, which decoupled weight decay would go by.", optimizer=optimizer.label
            )

    @property
    def rate(self) -> float | None:
        rate = self.torch_optimizers[0].param_groups[0].get("lr")
        return None if rate is None else float(rate)

    def step(self, t: int, factor: float = 1.0, closure: Closure | None = None) -> Tensor | None:
        if self.decay:
            self._shrink(factor)
        self.copies.read_weights()
        before = [copy.detach().clone() for copy in self.copies.copies] if self.maker.adapts else None
        with self.draws or nullcontext(), self._scale_rates(factor):
            loss = self.feed(self, closure)
        if before:
            with torch.no_grad():
                torch._foreach_lerp_(self.copies.copies, before, 1 - factor)
        self.copies.write_weights()
        return loss

    @torch.no_grad()
    def _shrink(self, factor: float) -> None:
        for group in (group for torch_optimizer in self.torch_optimizers for group in torch_optimizer.param_groups):
            matrices = [self.owners[id(copy)] for copy in group["params"] if self.owners[id(copy)].ndim > 1]
            if matrices:
                torch._foreach_mul_(matrices, 1 - group["lr"] * factor * self.decay)

    @contextmanager
    def _scale_rates(self, factor: float) -> Iterator[None]:
        """Within this, learning rates are multiplied by `factor`, but not those that an optimizer changes itself."""
        spots = [
            (group, name)
            for torch_optimizer in self.torch_optimizers
            for group in torch_optimizer.param_groups
            for name in ("lr", "max_lr")
        ]
        spots += [(vars(torch_optimizer), "lr") for torch_optimizer in self.torch_optimizers]
        rates = [(where, name, where[name]) for where, name in spots if where.get(name) is not None]
        if self.maker.adapts or factor == 1.0:
            rates = []
        for where, name, rate in rates:
            where[name] = rate * max(factor, NO_RATE)
        try:
            yield
        finally:
            for where, name, rate in rates:
                where[name] = rate

    def evaluate(self, closure: Closure) -> Tensor:
        """The loss at the weights that the optimizer holds, whose gradients it holds afterwards."""
        self.copies.write_weights()
        with torch.enable_grad():
            loss = closure()
        self.copies.read_gradients()
        return loss.detach()

    def _become(self, optimizer: Optimizer) -> None:
        maker = _maker(optimizer)
        pairs = zip(settings(self.maker, self.net), settings(maker, self.net))
        with self.answer(keep=True):  # of which the other settings are to make the same
            for target, (old, new) in zip(places(self.torch_optimizers), pairs):
                target.update({name: value for name, value in new.items() if value != old.get(name)})
        self.optimizer, self.maker = optimizer, maker

    @contextmanager
    def answer(self, keep: bool = False) -> Iterator[None]:
        averaging = [
            torch_optimizer
            for torch_optimizer in self.torch_optimizers
            if hasattr(torch_optimizer, "eval") and torch_optimizer.state
        ]
        if not averaging:
            yield
            return
        self.copies.read_weights()
        with torch.no_grad():
            saved_copies = [copy.detach().clone() for copy in self.copies.copies]
            for torch_optimizer in averaging:
                torch_optimizer.eval()
            self.copies.write_weights()
            try:
                yield
            finally:
                for torch_optimizer in averaging:
                    torch_optimizer.train()
                if not keep:
                    torch._foreach_copy_(self.copies.copies, saved_copies)  # to the last bit, as if nobody had looked
                self.copies.write_weights()

    def _memory(self) -> Any:
        left = [copy.grad for copy in self.copies.copies] if self.maker.feed == "accumulate" else None
        states = [as_plain(torch_optimizer.state_dict()) for torch_optimizer in self.torch_optimizers]
        return {"made": states, "draws": self.draws.state() if self.draws else None, "left": left}

    def _remember(self, memory: Any) -> None:
        for torch_optimizer, state in zip(self.torch_optimizers, memory["made"]):
            torch_optimizer.load_state_dict(from_plain(state))
        if self.draws:
            self.draws.load(memory["draws"])
        if memory["left"] is not None:
            for copy, left in zip(self.copies.copies, memory["left"]):
                copy.grad = left.to(copy)


NO_RATE = 1e-9  # instead of a factor of 0: some divide by their rate


def _maker(optimizer: Optimizer) -> NetOptimizer | Twin:
    maker = twin(optimizer) if isinstance(optimizer, Rule) else optimizer
    assert isinstance(maker, (NetOptimizer, Twin))  # `stepper` asks for nothing else
    return maker


# What an optimizer is given at a step; see `NetOptimizer`. Each returns the loss of the first evaluation, if any.


def _gradient(stepper: TorchStepper, closure: Closure | None) -> None:
    stepper.copies.read_gradients()
    for torch_optimizer in stepper.torch_optimizers:
        torch_optimizer.step()


def _sparse(stepper: TorchStepper, closure: Closure | None) -> None:
    stepper.copies.read_gradients()
    for copy in stepper.copies.copies:
        copy.grad = None if copy.grad is None else copy.grad.to_sparse()
    for torch_optimizer in stepper.torch_optimizers:
        torch_optimizer.step()


def _accumulate(stepper: TorchStepper, closure: Closure | None) -> None:
    stepper.copies.add_gradients()
    for torch_optimizer in stepper.torch_optimizers:
        torch_optimizer.step()


def _backward(stepper: TorchStepper, closure: Closure | None) -> None:
    """The optimizer wants to go through a backward pass: that of a sum whose gradients are those that there are."""
    stepper.copies.read_gradients()
    pairs = [(copy, copy.grad) for copy in stepper.copies.copies if copy.grad is not None]
    for copy, _ in pairs:
        copy.grad = None
    with torch.enable_grad():
        total = torch.stack([(copy * gradient).sum() for copy, gradient in pairs]).sum()
    (torch_optimizer,) = stepper.torch_optimizers
    torch_optimizer.fused_backward(total, torch_optimizer.param_groups[0]["lr"])


def _loss(stepper: TorchStepper, closure: Closure) -> Tensor:
    loss = stepper.evaluate(closure)
    for torch_optimizer in stepper.torch_optimizers:
        torch_optimizer.step(lambda: loss.item())
    return loss


def _closure(stepper: TorchStepper, closure: Closure, first: Tensor | None = None) -> Tensor:
    losses = [] if first is None else [first]

    def evaluate() -> Tensor:
        losses.append(stepper.evaluate(closure))
        return losses[-1]

    (torch_optimizer,) = stepper.torch_optimizers
    torch_optimizer.step(evaluate)
    return losses[0]


def _gradient_and_closure(stepper: TorchStepper, closure: Closure) -> Tensor:
    return _closure(stepper, closure, stepper.evaluate(closure))


def _pair(stepper: TorchStepper, closure: Closure) -> Tensor:
    (torch_optimizer,) = stepper.torch_optimizers
    return torch_optimizer.step(lambda: (None, stepper.evaluate(closure)))[1]


def _graph(stepper: TorchStepper, closure: Closure) -> Tensor:
    with warnings.catch_warnings():
        # The graph hangs on the gradients, which are let go of below.
        warnings.filterwarnings("ignore", "Using backward\\(\\) with create_graph=True", UserWarning)
        loss = stepper.evaluate(closure)
    if not any(parameter.grad is not None and parameter.grad.requires_grad for parameter in stepper.parameters):
        raise RuntimeError("the closure has to call backward with create_graph=stepper.needs_graph")
    for torch_optimizer in stepper.torch_optimizers:
        torch_optimizer.step()
    for parameter in stepper.parameters:
        parameter.grad = None if parameter.grad is None else parameter.grad.detach()
    return loss


FEEDS: dict[str, Callable[[TorchStepper, Any], Tensor | None]] = {
    "gradient": _gradient,
    "accumulate": _accumulate,
    "backward": _backward,
    "loss": _loss,
    "closure": _closure,
    "gradient and closure": _gradient_and_closure,
    "pair": _pair,
    "graph": _graph,
    "sparse": _sparse,
}


def stepper(optimizer: Optimizer, net: nn.Module, *, decay: float = 0.0, seed: int = 0, plain: bool = False) -> Stepper:
    """What takes the steps of `optimizer` on `net`, both in place.

    `decay`: decoupled weight decay; `seed`: of the draws of those of the library that draw. The net has to be on
    its device, in its memory format; `plain` says that its parameters are such as every library can work on: vectors
    and matrices, row by row in memory. Raises `ChoiceError` where settings do not go together.
    """
    if isinstance(optimizer, Rule) and twin(optimizer) is None:
        return RuleStepper(optimizer, net, decay)
    if isinstance(optimizer, (Rule, NetOptimizer)):
        return TorchStepper(optimizer, net, decay, seed, plain)
    raise ChoiceError("{optimizer} cannot train a net.", optimizer=optimizer.label)
