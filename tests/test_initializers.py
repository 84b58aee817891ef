"""Initializers: against PyTorch's of the same name, by their statistics, and by what the lectures show of them."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from playground.choices.activations import activations
from playground.choices.initializers import initializers
from playground.choices.networks import networks
from playground.choices.normalizations import normalizations
from playground.layers.blueprint import Act, Dense, Norm, Parts
from playground.layers.build import build, initialize

SHAPES = [(48, 80), (48, 80, 1, 1), (24, 16, 3, 3), (80, 48)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def filled(name, shape, leak=0.0, **knobs):
    weight = torch.empty(shape)
    initializers[name](**knobs).fill(weight, generator(), leak)
    return weight


ORACLES = {
    "zero": lambda w, leak: nn.init.zeros_(w),
    "constant": lambda w, leak: nn.init.constant_(w, 0.01),
    "small_normal": lambda w, leak: nn.init.normal_(w, 0, 0.01, generator=generator()),
    "large_normal": lambda w, leak: nn.init.normal_(w, 0, 1.0, generator=generator()),
    "normal": lambda w, leak: nn.init.normal_(w, 0, 0.05, generator=generator()),
    "xavier_normal": lambda w, leak: nn.init.xavier_normal_(w, generator=generator()),
    "xavier_uniform": lambda w, leak: nn.init.xavier_uniform_(w, generator=generator()),
    "he_normal": lambda w, leak: nn.init.kaiming_normal_(w, leak, generator=generator()),
    "he_uniform": lambda w, leak: nn.init.kaiming_uniform_(w, leak, generator=generator()),
    "lecun": lambda w, leak: nn.init.kaiming_normal_(w, nonlinearity="linear", generator=generator()),
}


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ORACLES)
def test_agrees_with_torch(name, shape, leak):
    assert torch.allclose(filled(name, shape, leak), ORACLES[name](torch.empty(shape), leak), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", sorted(set(initializers) - set(ORACLES)))
def test_the_others_are_orthogonal(name, shape):
    weight = filled(name, shape).flatten(1)
    if weight.shape[0] > weight.shape[1]:
        weight = weight.T
    assert torch.allclose(weight @ weight.T, torch.eye(len(weight)), atol=1e-5)
    assert abs(float(weight.mean())) < 0.02, "no direction is preferred"


def test_the_gain_of_orthogonal_weights():
    assert filled("orthogonal", (20, 30), gain=2.0).norm(dim=1).tolist() == pytest.approx([2.0] * 20)


def test_every_draw_is_of_the_generator():
    before = torch.random.get_rng_state()
    for name in initializers:
        drawn = generator()
        weight = torch.empty(9, 7)
        initializers[name]().fill(weight, drawn, 0.0)
        again = torch.empty(9, 7)
        initializers[name]().fill(again, generator(), 0.0)
        assert torch.equal(weight, again)
        constant = name in ("zero", "constant")
        assert torch.equal(drawn.get_state(), generator().get_state()) is constant
    assert torch.equal(before, torch.random.get_rng_state())


# -- in nets -----------------------------------------------------------------------------------------------------------


def net_of(blueprint, activation="relu", initializer="he_normal", shape=(3, 32, 32), normalization="none", **knobs):
    parts = Parts(
        activation=activations[activation](),
        normalization=normalizations[normalization](),
        initializer=initializers[initializer](**knobs),
        dropout=0.2,
        dropout_form="vanilla",
        dropconnect=0.2,
        stochastic_depth=0.3,
    )
    return build(blueprint, parts, generator=generator(), masks=generator(1), shape=shape)


def images(count=256):
    return torch.randn(count, 3, 32, 32, generator=generator(2))


@pytest.mark.parametrize("name", initializers)
def test_biases_begin_where_the_knob_says(name):
    net = net_of(networks["convnetjs"]().blueprint(), initializer=name, bias=0.25)
    assert all(torch.equal(stage.weight.bias, torch.full_like(stage.weight.bias, 0.25)) for stage in net.stages)


def test_he_counts_with_the_leak_of_the_activation():
    for name, leak in {"relu": 0.0, "prelu": 0.25, "tanh": 0.0}.items():
        first = net_of(networks["mlp"](hidden=1, width=512).blueprint(), name).stages[0].weight
        assert first.weight.std().item() == pytest.approx(math.sqrt(2 / (1 + leak**2) / 3072), rel=0.01)


@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "maxout", "gelu"])
@pytest.mark.parametrize("name", networks)
def test_lsuv_gives_every_layer_unit_variance(name, activation, normalization):
    knobs = {"mlp": {"width": 32, "hidden": 4}, "vgg": {"width": 8}, "resnet": {"width": 8}, "airbench": {"width": 0.2}}
    blueprint = networks[name](**knobs.get(name, {})).blueprint()
    net, batch, variances = net_of(blueprint, activation, "lsuv", normalization=normalization, bias=0.1), images(64), []
    before = {key: value.clone() for key, value in net.named_buffers()}
    initialize(net, initializers["lsuv"](bias=0.1), generator(), batch)
    assert net.training and all(torch.equal(value, before[key]) for key, value in net.named_buffers())
    for stage in net.stages:
        stage.weight.register_forward_hook(
            lambda module, inputs, output: variances.append(float(output.var(correction=0)))
        )
    with torch.no_grad():
        net.eval()(batch)
    assert variances == pytest.approx([1.0] * len(net.stages), rel=1e-3)


def test_lsuv_leaves_a_layer_alone_whose_sums_do_not_vary():
    net = net_of(networks["mlp"]().blueprint(), initializer="lsuv")
    before = [stage.weight.weight.clone() for stage in net.stages]
    initialize(net, initializers["lsuv"](), generator(), torch.zeros(8, 3, 32, 32))
    assert all(torch.equal(stage.weight.weight, old) for stage, old in zip(net.stages, before))


# -- the lectures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network, knobs, tolerance",
    [
        ("softmax", {"initializer": "normal", "std": 1e-3}, 0.01),
        ("softmax", {"initializer": "zero"}, 1e-6),
        ("mlp", {"initializer": "small_normal"}, 0.01),
        ("convnetjs", {"initializer": "small_normal"}, 0.01),
        ("vgg", {"initializer": "small_normal"}, 0.01),
    ],
)
def test_the_first_loss_of_small_weights_is_ln_10(network, knobs, tolerance):
    net, x = net_of(networks[network]().blueprint(), **knobs), images(64)
    with torch.no_grad():
        loss = F.cross_entropy(net(x), torch.arange(64) % 10)
    assert loss.item() == pytest.approx(math.log(10), abs=tolerance)


def activation_stds(activation, initializer, **knobs):
    """Of ten layers of 500 units on unit normal inputs, as in Stanford's CS231n; and the last layer's outputs."""
    blueprint = (*[Dense(500), Norm(), Act()] * 10, Dense())
    net, outputs = net_of(blueprint, activation, initializer, (500,), **knobs).eval(), []
    for stage in net.stages[:-1]:
        stage.output.register_forward_hook(lambda module, inputs, output: outputs.append(output.clone()))
    with torch.no_grad():
        net(torch.randn(1000, 500, generator=generator(3)))
    return [output.std().item() for output in outputs], outputs[-1]


def test_small_weights_let_tanh_activations_vanish():
    stds, _ = activation_stds("tanh", "small_normal")
    assert stds[0] == pytest.approx(0.213, abs=0.005), "the lecture's number"
    assert all(later < 0.3 * earlier for earlier, later in pairwise(stds)) and stds[-1] < 1e-5


def test_large_weights_saturate_tanh():
    stds, last = activation_stds("tanh", "large_normal")
    assert min(stds) > 0.95
    assert activations["tanh"]().saturated(last).float().mean() > 0.9


def test_xavier_keeps_tanh_activations():
    stds, last = activation_stds("tanh", "xavier_normal")
    assert stds[0] == pytest.approx(0.628, abs=0.01) and stds[-1] == pytest.approx(0.24, abs=0.02)
    assert activations["tanh"]().saturated(last).float().mean() < 0.01


def test_relu_activations_decay_with_xavier_and_keep_with_he():
    halved, _ = activation_stds("relu", "xavier_normal")
    stds, _ = activation_stds("relu", "he_normal")
    shrinking = [later / earlier for earlier, later in pairwise(halved)]
    assert halved[0] == pytest.approx(0.582, abs=0.01)
    assert sum(shrinking) / 9 == pytest.approx(math.sqrt(0.5), abs=0.05)
    assert stds[0] == pytest.approx(0.825, abs=0.01) and all(0.6 < std < 1.1 for std in stds)


def test_batch_normalization_makes_up_for_small_weights():
    blueprint = networks["mlp"](hidden=6, width=100).blueprint()
    spread = {}
    for normalization in ("none", "batch"):
        net = net_of(blueprint, "relu", "small_normal", normalization=normalization)
        with torch.no_grad():
            spread[normalization] = net(images()).std().item()
    assert spread["none"] < 1e-6 < 0.02 < spread["batch"]


def test_zero_weights_never_reach_the_first_layer():
    net = net_of(networks["mlp"](hidden=2, width=16).blueprint(), initializer="zero")
    F.cross_entropy(net(images(16)), torch.arange(16) % 10).backward()
    assert not net.stages[0].weight.weight.grad.any() and net.stages[-1].weight.bias.grad.any()


def test_constant_weights_stay_copies_of_each_other():
    net = net_of(networks["mlp"](hidden=1, width=16).blueprint(), "tanh", "constant").eval()
    for _ in range(3):
        net.zero_grad()
        F.cross_entropy(net(images(16)), torch.arange(16) % 10).backward()
        with torch.no_grad():
            for parameter in net.parameters():
                parameter -= 0.1 * parameter.grad
    rows = net.stages[0].weight.weight.detach()
    assert rows.std(0).max() < 1e-6 < rows.std(1).min()
