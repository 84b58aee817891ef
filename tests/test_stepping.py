"""Every optimizer on a net: against the rule, against the library driven by hand, changed and resumed on the way."""

import io
import random
import types
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
import pytorch_optimizer as po
import torch
from torch import nn
from torch.nn import functional as F

from playground.choices.optimizers import Rule, optimizers
from playground.choices.optimizers.ecosystem import PYTORCH_OPTIMIZER
from playground.choices.optimizers.networks import net_optimizers
from playground.choices.optimizers.whole_net import NetOptimizer, changeable, momentum_knob, split
from playground.engine.training.plain_data import Draws, as_plain, from_plain
from playground.engine.training.stepper import RuleStepper
from playground.engine.training.torch_stepper import TWINS, TorchStepper, stepper, twin
from playground.registry import ChoiceError

torch.set_num_threads(1)
RULES = [name for name, cls in net_optimizers.items() if issubclass(cls, Rule)]
WHOLE = [name for name, cls in net_optimizers.items() if issubclass(cls, NetOptimizer)]
LIBRARY = [name for name in WHOLE if net_optimizers[name].group == PYTORCH_OPTIMIZER.group]
# Knobs with which a few steps are fast, or show what takes many.
QUICK = {
    "po_spectralsphere": {"solver_max_iterations": 3, "power_iteration_steps": 2},
    "po_dadaptlion": {"beta2": 0.3},
}
TWO_FORMS = [name for name in RULES if twin(net_optimizers[name]())]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def filled(net, seed=0):
    """The net with small random weights, in channels_last."""
    draws = generator(seed)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draws, dtype=parameter.dtype) * 0.3)
    return net.to(memory_format=torch.channels_last)


def convolutions():
    """Filters, three kinds of normalization and activation parameters, two dense layers."""
    return filled(
        nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1, bias=False), nn.GroupNorm(2, 8), nn.PReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 5),
        )
    )  # fmt: skip


def dense():
    return filled(nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 7), nn.Linear(7, 5)))


def batch(net, seed=1):
    """Inputs and labels for it."""
    draws = generator(seed)
    shape = (16, 3, 8, 8) if isinstance(net[0], nn.Conv2d) else (16, 6)
    x = torch.randn(shape, generator=draws)
    x = x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x
    return x, torch.randint(0, 5, (16,), generator=draws)


def factor(t):
    return 1.0 / t**0.5


def closure_of(net, x, y, graph=False):
    def closure():
        net.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward(create_graph=graph)
        return loss

    return closure


def train(net, steps, first, last, factor=factor, seeds=None):
    """The losses before steps `first` to `last`. `seeds(t)`: of the batch at a step, else it is always the same."""
    closure = closure_of(net, *batch(net), steps.needs_graph)
    losses = []
    for t in range(first, last + 1):
        closure = closure_of(net, *batch(net, seeds(t)), steps.needs_graph) if seeds else closure
        if steps.needs_closure:
            losses.append(steps.step(t, factor(t), closure).item())
        else:
            losses.append(closure().item())
            assert steps.step(t, factor(t)) is None
    return losses


def weights(net):
    return [parameter.detach().clone() for parameter in net.parameters()]


def equal(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture
def float64():
    """torch keeps NAdam's product of momenta in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


# -- the menu ----------------------------------------------------------------------------------------------------------


def test_the_menu_holds_the_rules_of_the_surfaces_first():
    names = list(net_optimizers)
    assert names[: len(RULES)] == [name for name, cls in optimizers.items() if issubclass(cls, Rule)]
    assert all(net_optimizers[name] is optimizers[name] for name in RULES)
    assert names[len(RULES) :] == ["muon", "lbfgs", *LIBRARY] and len(LIBRARY) > 100
    assert all(name.startswith("po_") for name in LIBRARY)
    labels = [cls.label for cls in net_optimizers.values()]
    assert len(set(labels)) == len(labels)
    with pytest.raises(TypeError, match="two optimizers"):
        net_optimizers.include(optimizers["sgd"])


@pytest.mark.parametrize("name", WHOLE)
def test_text_of_the_class(name):
    cls = net_optimizers[name]
    assert "Formula:" in cls.__doc__ and "Reference:" in cls.__doc__ and cls.reference and cls.group
    assert len(cls.summary()) <= 120 and cls.summary().endswith(".")
    for field, knob in cls.knobs().items():
        assert knob.help or knob.label, field


def test_every_class_of_the_library_is_listed():
    entries = PYTORCH_OPTIMIZER.read()
    listed = {cls.__name__.lower() for cls in po.optimizer.OPTIMIZER_LIST if cls.__module__.startswith("pytorch_opt")}
    assert listed == set(po.get_supported_optimizers()) - {"lbfgs", "sgd", "adam", "adamw", "nadam", "rmsprop"}
    assert listed <= {name.lower() for name in entries}
    unable = PYTORCH_OPTIMIZER.unable("train a net")
    assert {PYTORCH_OPTIMIZER.name(entry) for entry in entries if entry not in unable} == set(LIBRARY)


# -- one step of each --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", net_optimizers)
def test_takes_steps_on_a_net(name):
    net = convolutions()
    before, strides = weights(net), [parameter.stride() for parameter in net.parameters()]
    outside = torch.get_rng_state()
    steps = stepper(net_optimizers[name](), net)
    losses = train(net, steps, 1, 12)
    assert np.isfinite(losses).all() and all(torch.isfinite(parameter).all() for parameter in net.parameters())
    assert not equal(before, weights(net))
    assert strides == [parameter.stride() for parameter in net.parameters()]
    assert torch.equal(outside, torch.get_rng_state())
    assert steps.rate is None or steps.rate > 0


@pytest.mark.parametrize("name", [name for name in LIBRARY if net_optimizers[name].feed == "gradient"])
def test_the_order_in_memory_does_not_matter(name):
    """Several of the library's classes fail or go astray on channels_last."""
    results = []
    for layout in (torch.channels_last, torch.contiguous_format):
        net = convolutions().to(memory_format=layout)
        steps = stepper(net_optimizers[name](), net)
        for t in range(1, 4):
            draws = generator(t)
            for parameter in net.parameters():
                parameter.grad = torch.randn(parameter.shape, generator=draws)
            steps.step(t, factor(t))
        results.append(weights(net))
    assert equal(*results)


@pytest.mark.parametrize("name", LIBRARY)
def test_knobs_can_go_to_their_ends(name):
    cls = net_optimizers[name]
    for field, knob in cls.knobs().items():
        ends = [not knob.default] if isinstance(knob.default, bool) else knob.options or (knob.low, knob.high)
        for value in ends:
            net = dense()
            train(net, stepper(cls(**QUICK.get(name, {}) | {field: value}), net), 1, 1)


def test_what_a_library_refuses_is_a_sentence():
    optimizer = net_optimizers["po_alice"](rank=50, leading_basis=200)
    with pytest.raises(ChoiceError, match=r"Alice of pytorch_optimizer refuses its settings: rank - .*[^.]\.$"):
        stepper(optimizer, dense())


def test_searches_and_minimizers_do_not_train_nets():
    with pytest.raises(ChoiceError, match="Newton cannot train a net"):
        stepper(optimizers["newton"](), dense())


# -- rules and their twins ---------------------------------------------------------------------------------------------


def variants(name):
    """The rule with its defaults, and with every knob that takes part in the step changed."""
    cls = net_optimizers[name]
    yield cls()
    for field, knob in cls.knobs().items():
        if isinstance(knob.default, bool):
            yield cls(**{field: not knob.default})
        elif knob.options:
            yield from (cls(**{field: option}) for option in knob.options[1:])
        else:
            yield cls(**{field: max(0.8 * knob.default, knob.low + 0.01) if isinstance(knob.default, float) else 3})


def gradients(net, t):
    """Gradients for step `t`, those of filters laid out in memory in another way than the filters."""
    draws = generator(t)
    for parameter in net.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=draws, dtype=parameter.dtype)
        if t % 3 == 0:
            parameter.grad[..., 0] = 0


def by_hand(rule, net, steps, decay=0.0, change=None):
    """The weights after `steps` of the rule on each tensor; `change` (step, field, value)."""
    net.zero_grad()
    tensors = weights(net)
    states = [rule.init(tensor.clone()) for tensor in tensors]
    for t in range(1, steps + 1):
        if change and t == change[0]:
            rule = replace(rule, **{change[1]: change[2]})
        gradients(net, t)
        for i, parameter in enumerate(net.parameters()):
            x = tensors[i]
            if decay and x.ndim > 1:
                x = x - rule.lr * factor(t) * decay * x
            tensors[i], states[i] = rule.step(x, parameter.grad, states[i], t, factor(t))
    return tensors, states


def by_stepper(steps, net, count, change=None):
    for t in range(1, count + 1):
        if change and t == change[0]:
            steps.set(change[1], change[2])
        gradients(net, t)
        steps.step(t, factor(t))
    return weights(net)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("name", RULES)
def test_the_net_goes_where_the_rule_goes(name, decay, float64):
    for rule in variants(name):
        net = convolutions()
        expected, _ = by_hand(rule, net, 25, decay)
        for first, second in zip(by_stepper(stepper(rule, net, decay=decay), net, 25), expected, strict=True):
            torch.testing.assert_close(first, second, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("name", TWO_FORMS)
def test_torch_and_the_rule_itself_give_the_same_weights(name, decay):
    """In float32, where rounding differs."""
    for rule in filter(twin, variants(name)):
        net, other = convolutions(), convolutions()
        theirs = by_stepper(stepper(rule, net, decay=decay), net, 25)
        ours = by_stepper(RuleStepper(rule, other, decay), other, 25)
        for first, second in zip(theirs, ours, strict=True):
            torch.testing.assert_close(first, second, rtol=2e-4, atol=2e-5)


def test_torch_computes_those_that_it_has():
    assert set(TWO_FORMS) == {cls.name for cls in TWINS}
    without = {"polyak", "adabelief", "lion", "rprop"}
    assert set(RULES) - set(TWO_FORMS) == without
    for name in RULES:
        assert type(stepper(net_optimizers[name](), dense())) is (RuleStepper if name in without else TorchStepper)
    for rule in (net_optimizers["momentum"](form="rho_v_minus_alpha_g"), net_optimizers["adam"](bias_correction=False)):
        assert type(stepper(rule, dense())) is RuleStepper
    for name, fused in {"sgd": True, "nesterov": True, "adam": True, "adagrad": True, "rmsprop": False}.items():
        (torch_optimizer,) = stepper(net_optimizers[name](), dense()).torch_optimizers
        defaults = torch_optimizer.defaults
        assert bool(defaults.get("fused")) is fused and bool(defaults["foreach"]) is not fused


def test_rprop_without_a_schedule_is_torchs():
    net, other = convolutions(), convolutions()
    theirs = torch.optim.Rprop(other.parameters(), lr=0.05)
    steps = stepper(net_optimizers["rprop"](), net)
    for t in range(1, 20):
        gradients(net, t)
        gradients(other, t)
        steps.step(t)
        theirs.step()
    for first, second in zip(weights(net), weights(other), strict=True):
        torch.testing.assert_close(first, second)


@pytest.mark.parametrize("name, knobs", [("momentum", {}), ("nesterov", {})])
def test_the_velocity_is_remembered_through_a_momentum_of_zero(name, knobs, float64):
    rule = net_optimizers[name](rho=0.0)
    net = convolutions()
    expected, _ = by_hand(rule, net, 10, change=(5, "rho", 0.9))
    ours = by_stepper(stepper(rule, net), net, 10, change=(5, "momentum", 0.9))
    for first, second in zip(ours, expected, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-12, atol=1e-12)


def test_decay_spares_biases_and_normalizations():
    net = convolutions()
    before = weights(net)
    steps = stepper(net_optimizers["sgd"](lr=0.1), net, decay=0.5)
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    steps.step(1, 0.5)
    for parameter, old in zip(net.parameters(), before, strict=True):
        torch.testing.assert_close(parameter.detach(), old * (1 - 0.1 * 0.5 * 0.5) if parameter.ndim > 1 else old)


def test_decay_needs_a_learning_rate():
    with pytest.raises(ChoiceError, match="A2Grad has no learning rate"):
        stepper(net_optimizers["po_a2grad"](), dense(), decay=0.1)


def test_parameters_without_gradients_and_frozen_ones():
    for name in ("lion", "nesterov", "po_adabound"):
        net = dense()
        net[0].weight.requires_grad_(False)
        steps, before = stepper(net_optimizers[name](), net, decay=0.1), weights(net)
        net[3].weight.grad = torch.ones_like(net[3].weight)
        steps.step(1)
        assert torch.equal(net[0].weight, before[0]) and not torch.equal(net[3].weight, before[4])


# -- the library, driven by hand ---------------------------------------------------------------------------------------


def hand_driven(name, net):
    """Twelve steps of the library's class with its own defaults, as its documentation says; the weights after them."""
    cls = net_optimizers[name]
    kind, entry = getattr(po, cls.source), cls.entry
    parameters = list(net.parameters())
    hidden = [net[0].weight, net[3].weight]
    rest = [parameter for parameter in parameters if all(parameter is not other for other in hidden)]
    needed = {key: value for key, value in entry.get("needed", {}).items() if key not in ("base", "lr", "adamw_lr")}
    adamw = partial(torch.optim.AdamW, lr=0.001)
    special = {
        **dict.fromkeys(("AdaGO", "AdaMuon", "Muon", "MuonClip", "NorMuon"), lambda: kind(
            [{"params": hidden, "use_muon": True}, {"params": rest, "use_muon": False}])),
        **dict.fromkeys(("GaLore", "Fira", "APOLLO"), lambda: kind(
            [{"params": hidden, **needed, "projection_type": "random" if cls.source == "APOLLO" else "std"},
             {"params": rest}])),
        "AdamWSN": lambda: kind([{"params": hidden, "sn": True}, {"params": rest, "sn": False}]),
        "AdamC": lambda: kind([{"params": hidden, "normalized": True}, {"params": rest}]),
        "SpectralSphere": lambda: kind(hidden),
        "SaRA": lambda: kind(parameters, lr=0.0007),
        **dict.fromkeys(("LOMO", "AdaLOMO", "AdamMini"), lambda: kind(net)),
        **dict.fromkeys(("SAM", "FriendlySAM", "LookSAM"), lambda: kind(parameters, torch.optim.AdamW, lr=0.001)),
        "WSAM": lambda: kind(net, parameters, torch.optim.AdamW, lr=0.001),
        "GSAM": lambda: kind(parameters, adamw(parameters), net, types.SimpleNamespace(step=lambda: 0.05)),
        **dict.fromkeys(("Lookahead", "OrthoGrad", "TRAC", "Magma", "ScheduleFreeWrapper"), lambda: kind(
            adamw(parameters))),
    }  # fmt: skip
    optimizer = special.get(cls.source, lambda: kind(parameters, **needed))()
    others = torch.optim.AdamW(rest, lr=0.001, weight_decay=0.0) if cls.source == "SpectralSphere" else None
    if hasattr(optimizer, "train"):
        optimizer.train()
    x, y = batch(net)
    closure = closure_of(net, x, y)
    for _ in range(12):
        if cls.feed == "backward":
            net.zero_grad()
            optimizer.fused_backward(F.cross_entropy(net(x), y), lr=0.001)
        elif cls.feed == "accumulate":
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        elif cls.feed == "graph":
            net.zero_grad()
            loss = F.cross_entropy(net(x), y)
            for parameter, grad in zip(parameters, torch.autograd.grad(loss, parameters, create_graph=True)):
                parameter.grad = grad
            optimizer.step()
        elif cls.feed == "loss":
            loss = closure().item()
            optimizer.step(lambda: loss)  # noqa: B023
        elif cls.feed == "pair":
            optimizer.set_closure(F.cross_entropy, x, y)
            optimizer.step()
        elif cls.feed == "closure":
            net.zero_grad(set_to_none=False)
            for parameter in parameters:
                parameter.grad = torch.zeros_like(parameter)
            optimizer.step(closure)
        else:
            closure()
            if others:
                others.step()
            optimizer.step(closure) if cls.feed == "gradient and closure" else optimizer.step()
    return weights(net)


@pytest.mark.filterwarnings("ignore::ImportWarning")
@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_driven_by_hand_goes_the_same_way(name):
    net, other = dense(), dense()
    train(net, stepper(net_optimizers[name](), net, seed=5), 1, 12, factor=lambda t: 1.0)
    with Draws(5, torch.device("cpu")):
        expected = hand_driven(name, other)
    for first, second in zip(weights(net), expected, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-7)


def test_a_schedule_is_what_torchs_schedulers_do():
    net, other = dense(), dense()
    steps = stepper(net_optimizers["po_adabound"](), net)
    train(net, steps, 1, 12)
    theirs = po.AdaBound(other.parameters())
    x, y = batch(other)
    for t in range(1, 13):
        theirs.param_groups[0]["lr"] = 0.001 * factor(t)
        closure_of(other, x, y)()
        theirs.step()
    assert equal(weights(net), weights(other)) and steps.rate == 0.001


def test_a_rate_that_the_optimizer_adapts_is_its_own():
    """A schedule shortens the step, and leaves the rate alone."""
    net, other = dense(), dense()
    steps, scheduled = stepper(net_optimizers["po_asgd"](), net), stepper(net_optimizers["po_asgd"](), other)
    before = weights(net)
    train(net, steps, 1, 1, lambda t: 1.0)
    train(other, scheduled, 1, 1, lambda t: 0.25)
    for old, whole, part in zip(before, weights(net), weights(other), strict=True):
        torch.testing.assert_close(part, old + 0.25 * (whole - old))
    assert steps.rate == scheduled.rate != 0.01
    stands = weights(other)
    train(other, scheduled, 2, 2, lambda t: 0.0)
    assert equal(stands, weights(other)) and 0.01 < scheduled.rate < 0.02


@pytest.mark.parametrize("name", net_optimizers)
def test_a_schedule_may_end_at_zero(name):
    net = dense()
    steps = stepper(net_optimizers[name](**QUICK.get(name, {})), net)
    train(net, steps, 1, 2, lambda t: 1.0)
    rate = steps.rate
    train(net, steps, 3, 4, lambda t: 0.0)
    assert all(torch.isfinite(parameter).all() for parameter in net.parameters())
    assert steps.rate == rate or net_optimizers[name].adapts


def pieces(*shapes):
    draws = generator(3)
    return [nn.Parameter(torch.randn(shape, generator=draws)) for shape in shapes]


def unable_demo():
    with pytest.raises(ImportError, match="einops"):
        po.DeMo(pieces((3, 4)))


def unable_distributedmuon():
    with pytest.raises((ValueError, RuntimeError), match="process group"):
        po.DistributedMuon([{"params": pieces((3, 4)), "use_muon": True}])


def unable_lorarite():
    left, right, alone = parameters = pieces((2, 8), (6, 2), (3, 4))
    before = [parameter.detach().clone() for parameter in parameters]
    optimizer = po.LoRARite(parameters, lr=0.1)
    for t in range(3):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator(t))
        optimizer.step()
    assert not torch.equal(left, before[0]) and not torch.equal(right, before[1]) and torch.equal(alone, before[2])


def unable_pcgrad():
    (ours,), (theirs,) = pieces((3, 4)), pieces((3, 4))
    optimizer, plain = po.PCGrad(torch.optim.AdamW([ours])), torch.optim.AdamW([theirs])
    for _ in range(5):
        optimizer.pc_backward([(ours**2).sum()])
        optimizer.step()
        plain.zero_grad()
        (theirs**2).sum().backward()
        plain.step()
    assert torch.equal(ours, theirs)


def unable_safefp16optimizer():
    (ours,) = pieces((3, 4))
    before = ours.detach().clone()
    optimizer = po.optimizer.SafeFP16Optimizer(torch.optim.SGD([ours], lr=1.0))
    ours.grad, optimizer.needs_sync = torch.ones_like(ours), True
    optimizer.step()
    torch.testing.assert_close(ours.detach(), before - 2.0**-15, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", PYTORCH_OPTIMIZER.unable(""))
def test_those_that_cannot_say_why_and_it_is_true(name):
    sentence = str(net_optimizers.refused[PYTORCH_OPTIMIZER.name(name)])
    assert sentence.startswith(f"{name} of pytorch_optimizer cannot train a net here: it ") and sentence.endswith(".")
    globals()[f"unable_{name.lower()}"]()


def test_contractions_are_put_in_a_good_order():
    assert torch.backends.opt_einsum.is_available()


# -- Muon and L-BFGS ---------------------------------------------------------------------------------------------------


def test_muon_turns_all_directions_by_the_same_amount():
    """Against the singular value decomposition; five iterations bring singular values to between 0.7 and 1.2."""
    net = convolutions()
    rule = net_optimizers["muon"](lr=0.01, momentum=0.8)
    hidden, rest = split(list(net.parameters()))
    assert [tuple(weight.shape) for weight in hidden] == [(6, 3, 3, 3), (8, 6, 3, 3), (7, 8)]
    assert any(weight is net[-1].weight for weight in rest)
    steps, mean = stepper(rule, net), [torch.zeros_like(weight) for weight in hidden]
    for t in range(1, 4):
        gradients(net, t)
        before = weights(net)
        steps.step(t, 0.5)
        for i, weight in enumerate(hidden):
            mean[i] = 0.8 * mean[i] + 0.2 * weight.grad
            u, _, v = torch.linalg.svd((0.8 * mean[i] + 0.2 * weight.grad).flatten(1), full_matrices=False)
            old = next(b for b, p in zip(before, net.parameters(), strict=True) if p is weight)
            update = (old - weight.detach()).flatten(1) / (0.01 * 0.5 * max(1, len(u) / v.shape[1]) ** 0.5)
            rotated = u.T @ update @ v.T
            assert rotated.diagonal().min() > 0.5 and rotated.diagonal().max() < 1.3
            assert (rotated - torch.diag(rotated.diagonal())).abs().max() < 0.05


def test_muon_leaves_the_rest_to_adamw():
    net, other = convolutions(), convolutions()
    steps = stepper(net_optimizers["muon"](), net)
    theirs = torch.optim.AdamW(split(list(other.parameters()))[1], lr=0.001, weight_decay=0.0)
    for t in range(1, 5):
        gradients(net, t)
        gradients(other, t)
        steps.step(t)
        theirs.step()
    for first, second in zip(split(list(net.parameters()))[1], split(list(other.parameters()))[1], strict=True):
        torch.testing.assert_close(first, second)


def test_muon_trains_a_net_without_hidden_layers():
    net = filled(nn.Sequential(nn.Linear(6, 5)))
    losses = train(net, stepper(net_optimizers["muon"](), net), 1, 20)
    assert losses[-1] < losses[0]


def test_lbfgs_solves_least_squares():
    draws = generator(4)
    x, y = torch.randn((40, 6), generator=draws), torch.randn((40, 1), generator=draws)
    net = filled(nn.Sequential(nn.Linear(6, 1, bias=False)))
    steps = stepper(net_optimizers["lbfgs"](iterations=20), net)

    def closure():
        net.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        return loss

    for t in range(1, 4):
        steps.step(t, 1.0, closure)
    torch.testing.assert_close(net[0].weight.detach().T, torch.linalg.lstsq(x, y).solution, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("search", ["strong_wolfe", "none"])
def test_lbfgs_is_torchs(search):
    net, other = dense(), dense()
    train(net, stepper(net_optimizers["lbfgs"](lr=0.5, line_search=search), net), 1, 5)
    theirs = torch.optim.LBFGS(
        other.parameters(), lr=0.5, max_iter=4, history_size=10, line_search_fn=None if search == "none" else search
    )
    x, y = batch(other)
    for t in range(1, 6):
        theirs.param_groups[0]["lr"] = 0.5 * factor(t)
        theirs.step(closure_of(other, x, y))
    for first, second in zip(weights(net), weights(other), strict=True):
        torch.testing.assert_close(first, second)


# -- changes on the way ------------------------------------------------------------------------------------------------

CHANGED = [(name, field) for name, cls in net_optimizers.items() for field in changeable(cls)]


def far(cls, field, knob):
    """A value far from the default."""
    default = cls.knobs()[knob].default if knob else 0.0
    return {"lr": 0.3 * default, "weight_decay": 2.0, "momentum": 0.5 if default < 0.3 else 0.02}[field]


def soon(cls):
    """Knobs without which a change would show too late."""
    early = {"warmup_steps": 3, "d0": 0.01, "s_prev": 0.01, "threshold": 0.9}
    return QUICK.get(cls.name, {}) | {
        name: value
        for name, value in early.items()
        if name in cls.knobs() and type(value) is type(cls.knobs()[name].default)
    }


def trained(name, field="", value=0.0, other_batches=False):
    """The stepper and the weights after 16 steps of this optimizer, with a change before the sixth."""
    cls, net = net_optimizers[name], dense()
    steps = stepper(cls(**soon(cls)), net)
    seeds = (lambda t: t) if other_batches else None
    train(net, steps, 1, 5, seeds=seeds)
    if field:
        steps.set(field, value)
    train(net, steps, 6, 16, seeds=seeds)
    return steps, weights(net)


@cache
def unchanged(name, other_batches):
    return trained(name, other_batches=other_batches)[1]


@pytest.mark.parametrize("name, field", CHANGED, ids=[f"{name}-{field}" for name, field in CHANGED])
def test_a_change_counts_from_the_next_step_on(name, field):
    knob = changeable(net_optimizers[name])[field]
    value = far(net_optimizers[name], field, knob)
    others = field == "momentum"  # of gradients that keep their signs, some momenta may forget all
    steps, changed = trained(name, field, value, others)
    assert steps.has(field) and not equal(unchanged(name, others), changed)
    assert (getattr(steps.optimizer, knob) if knob else steps.decay) == value


@pytest.mark.parametrize(
    "name, field", [(name, f) for name, f in CHANGED if name in RULES and changeable(net_optimizers[name])[f]]
)
def test_a_changed_rule_goes_on_as_the_rule_with_the_new_knob(name, field, float64):
    knob = changeable(net_optimizers[name])[field]
    value = 0.5 if field == "momentum" else 0.02
    net = convolutions()
    expected, _ = by_hand(net_optimizers[name](), net, 12, change=(6, knob, value))
    for first, second in zip(
        by_stepper(stepper(net_optimizers[name](), net), net, 12, (6, field, value)), expected, strict=True
    ):
        torch.testing.assert_close(first, second, rtol=1e-9, atol=1e-11)


def test_what_cannot_be_changed_is_a_sentence():
    with pytest.raises(ChoiceError, match=r"^SGD has no momentum to change .* but only lr, weight_decay\.$"):
        stepper(net_optimizers["sgd"](), dense()).set("momentum", 0.5)
    with pytest.raises(ChoiceError, match=r"^Rprop has no lr to change .* only weight_decay\.$"):
        stepper(net_optimizers["rprop"](), dense()).set("lr", 0.5)
    with pytest.raises(ChoiceError, match=r"^A2Grad has no lr .* nothing can be changed.$"):
        stepper(net_optimizers["po_a2grad"](), dense()).set("lr", 0.5)
    with pytest.raises(ChoiceError, match=r"^Adam: lr is 99, but must be a number from 1e-06 to 10\.$"):
        stepper(net_optimizers["adam"](), dense()).set("lr", 99.0)
    with pytest.raises(ChoiceError, match=r"^weight_decay is -1, but must be a number from 0 to 10.$"):
        stepper(net_optimizers["adam"](), dense()).set("weight_decay", -1)
    assert not stepper(net_optimizers["rmsprop"](), dense()).has("momentum"), "its rho is not a velocity's"


def test_the_momentum_of_each_kind():
    momentum_knobs = {
        name: momentum_knob(net_optimizers[name])
        for name in ("nesterov", "adam", "muon", "lbfgs", "po_tiger", "adagrad")
    }
    expected = {"nesterov": "rho", "adam": "beta1", "muon": "momentum", "po_tiger": "beta", "lbfgs": "", "adagrad": ""}
    assert momentum_knobs == expected


# -- state -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", net_optimizers)
def test_resumes_to_the_last_bit(name):
    """Through a file that holds plain data only."""
    net, straight, again = dense(), dense(), dense()
    start = partial(
        stepper,
        net_optimizers[name](**QUICK.get(name, {})),
        decay=0.01 if "lr" in net_optimizers[name].knobs() else 0.0,
    )
    train(straight, start(straight), 1, 10)
    steps = start(net)
    train(net, steps, 1, 5)
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "steps": steps.state_dict()}, file)
    content = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    train(net, steps, 6, 7)  # what was saved is a copy
    steps = start(again)
    again.load_state_dict(content["net"])
    steps.load_state_dict(content["steps"])
    train(again, steps, 6, 10)
    assert equal(straight.state_dict().values(), again.state_dict().values())


def test_a_resumed_run_keeps_its_changes():
    net = dense()
    steps = stepper(net_optimizers["adam"](), net)
    steps.set("lr", 0.5)
    steps.set("weight_decay", 0.25)
    other = stepper(net_optimizers["adam"](), dense())
    other.load_state_dict(steps.state_dict())
    assert (other.rate, other.decay, other.optimizer.lr) == (0.5, 0.25, 0.5)


def test_draws_are_the_seeds_and_nobody_elses():
    results = []
    for seed in (1, 1, 2**62):
        torch.rand(7)
        net = dense()
        train(net, stepper(net_optimizers["po_magma"](), net, seed=seed), 1, 6)
        results.append(weights(net))
    assert equal(results[0], results[1]) and not equal(results[0], results[2])


def test_draws_that_were_loaded_can_be_kept_again_before_any_is_made():
    cpu = torch.device("cpu")
    first, second, third = (Draws(seed, cpu) for seed in (1, 2, 3))
    second.load(first.state())
    third.load(second.state())
    drawn_numbers = []
    for draws in (first, third):
        with draws:
            drawn_numbers.append((torch.rand(1).item(), np.random.rand(), random.random()))
    assert drawn_numbers[0] == drawn_numbers[1]


def test_only_plain_data_is_kept():
    assert from_plain(as_plain({"a": [1, (2.0, None)], "b": "c"})) == {"a": [1, (2.0, None)], "b": "c"}
    with pytest.raises(TypeError, match="plain"):
        as_plain({"a": object()})
    with pytest.raises(TypeError, match="not part"):
        from_plain({"is": "os:system", "of": {}})


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("name", [*RULES, "muon", "lbfgs", "po_adabound", "po_schedulefreeadamw", "po_sam", "po_lomo"])
def test_every_device_takes_the_same_steps(name, device):
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    results = []
    for net in (convolutions(), convolutions().to(device)):
        steps = stepper(net_optimizers[name](), net)

        def closure(net=net):
            net.zero_grad()
            loss = sum((parameter**4).sum() for parameter in net.parameters())
            loss.backward()
            return loss

        for t in range(1, 6):
            if not steps.needs_closure:
                closure()
            steps.step(t, factor(t), closure)
        results.append([weight.cpu() for weight in weights(net)])
    for first, second in zip(*results, strict=True):
        torch.testing.assert_close(first, second, rtol=2e-3, atol=2e-4)


# -- the answer --------------------------------------------------------------------------------------------------------


def test_the_answer_of_polyaks_method_is_the_mean(float64):
    rule, net = net_optimizers["polyak"](lr=0.1), convolutions()
    _, states = by_hand(rule, net, 10)
    steps = stepper(rule, net)
    after = by_stepper(steps, net, 10)
    with steps.answer():
        for parameter, state in zip(net.parameters(), states, strict=True):
            torch.testing.assert_close(parameter.detach(), state.average)
    assert equal(after, weights(net))


@pytest.mark.parametrize("name", ["po_schedulefreesgd", "po_schedulefreeadamw", "po_splus", "po_schedulefreewrapper"])
def test_looking_at_the_answer_changes_nothing(name):
    net, other = convolutions(), convolutions()
    steps, undisturbed = (stepper(net_optimizers[name](), model) for model in (net, other))
    with steps.answer():
        assert equal(weights(net), weights(other)), "before the first step there is no other"
    for t in range(1, 11):
        train(net, steps, t, t)
        train(other, undisturbed, t, t)
        with steps.answer():
            assert t == 1 or not equal(weights(net), weights(other))
        assert equal(weights(net), weights(other))


def test_schedule_free_answers_with_the_average():
    """x of the paper: by hand from the iterates z and y."""
    net = filled(nn.Sequential(nn.Linear(3, 2, bias=False)))
    steps = stepper(net_optimizers["po_schedulefreesgd"](lr=0.1, momentum=0.9), net)
    x = z = y = net[0].weight.detach().clone()
    for t in range(1, 6):
        gradient = torch.randn((2, 3), generator=generator(t))
        net[0].weight.grad = gradient.clone()
        steps.step(t)
        z = z - 0.1 * gradient
        x = x + (z - x) / t
        y = 0.9 * x + 0.1 * z
        torch.testing.assert_close(net[0].weight.detach(), y)
        with steps.answer():
            torch.testing.assert_close(net[0].weight.detach(), x)


def test_most_have_no_other_answer_than_the_weights():
    for name in ("adam", "lion", "muon", "po_adabound"):
        net = dense()
        steps = stepper(net_optimizers[name](), net)
        train(net, steps, 1, 3)
        before = weights(net)
        with steps.answer():
            assert equal(before, weights(net))
