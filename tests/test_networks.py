"""Nets: every combination is built, measured and makes a step; sizes by hand; what draws from which generator."""

import copy
import math
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from playground.choices.activations import activations
from playground.choices.initializers import initializers
from playground.choices.networks import networks
from playground.choices.normalizations import normalizations
from playground.layers.blueprint import Act, Conv, Dense, Flatten, Norm, Parts, Pool, measure
from playground.layers.build import build

ROOT = Path(__file__).parents[1]
NARROW = {
    "softmax": {},
    "mlp": {"hidden": 3, "width": 16, "shape": "halving"},
    "convnetjs": {},
    "vgg": {"width": 4, "blocks": 2},
    "resnet": {"width": 4},
    "airbench": {"width": 0.125},
}
BUSY = {
    "dropout": 0.2,
    "dropout_form": "vanilla",
    "dropconnect": 0.2,
    "stochastic_depth": 0.4,
    "fractional_pooling": 1.6,
}


def fill(activation="relu", normalization="none", initializer="he_normal", **options):
    return Parts(
        activation=activations[activation](),
        normalization=normalizations[normalization](),
        initializer=initializers[initializer](),
        **options,
    )


def net_of(network, parts, seed=0, masks=1, **shape):
    net = build(
        network.blueprint() if hasattr(network, "blueprint") else network,
        parts,
        generator=torch.Generator().manual_seed(seed),
        masks=torch.Generator().manual_seed(masks),
        **shape,
    )
    return net.to(memory_format=torch.channels_last)


def narrow(name):
    return networks[name](**NARROW[name])


def pictures(count=4, seed=2):
    pictures = torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
    return pictures.contiguous(memory_format=torch.channels_last)


def count(net):
    return sum(parameter.numel() for parameter in net.parameters())


def step(net, x, rate=1e-3):
    """A step of SGD; the loss before it."""
    loss = F.cross_entropy(net(x), torch.arange(len(x)) % 10)
    loss.backward()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.grad is not None:
                parameter -= rate * parameter.grad
    return loss.item()


def finite(net):
    return all(torch.isfinite(tensor).all() for tensor in net.state_dict().values())


def test_every_net_has_a_narrow_form():
    assert set(NARROW) == set(networks)


@pytest.mark.parametrize("activation", activations)
@pytest.mark.parametrize("name", networks)
def test_every_net_with_every_activation_and_initializer(name, activation):
    network, x = narrow(name), pictures()
    for initializer in initializers:
        parts = fill(activation, "none", initializer)
        net = net_of(network, parts)
        assert count(net) == measure(network.blueprint(), parts).parameters
        assert net(x).shape == (4, 10)
        assert math.isfinite(step(net, x)) and finite(net), initializer


@pytest.mark.parametrize("normalization", normalizations)
@pytest.mark.parametrize("name", networks)
def test_every_net_with_every_normalization_and_all_that_is_random(name, normalization):
    network, x = narrow(name), pictures()
    for activation in ("relu", "prelu", "maxout"):
        for options in ({}, BUSY):
            parts = fill(activation, normalization, **options)
            net = net_of(network, parts)
            assert count(net) == measure(network.blueprint(), parts).parameters
            assert math.isfinite(step(net, x)) and finite(net)
            net.eval()
            assert torch.equal(net(x), net(x))


@pytest.mark.parametrize("activation", ["relu", "maxout"])
@pytest.mark.parametrize("name", networks)
def test_operations_and_shapes_are_those_of_the_modules(name, activation):
    network, parts = networks[name](), fill(activation, "batch", fractional_pooling=1.5)
    net, size, measurements = net_of(network, parts).eval(), measure(network.blueprint(), parts), []

    def look(module, inputs, output):
        positions = output.numel() // output.shape[1]
        measurements.append((module.weight.numel() * positions, tuple(output.shape[1:])))

    for stage in net.stages:
        stage.weight.register_forward_hook(look)
    net(pictures(1))
    assert sorted(measurements) == sorted((layer.operations, layer.shape) for layer in size.layers)
    assert size.operations == sum(layer.operations for layer in size.layers)
    assert size.parameters == sum(layer.parameters for layer in size.layers) == count(net)


@pytest.mark.parametrize("name", networks)
def test_stages_are_the_layers_in_order_with_their_activations(name):
    network, parts = narrow(name), fill("tanh", "batch")
    net = net_of(network, parts)
    assert [stage.name for stage in net.stages] == [layer.name for layer in measure(network.blueprint(), parts).layers]
    assert [id(module) for module in net.modules() if isinstance(module, (nn.Conv2d, nn.Linear))] == [
        id(stage.weight) for stage in net.stages
    ]
    assert net.stages[-1].name == "scores" and not net.stages[-1].activated
    for stage in net.stages[:-1]:
        assert stage.activated is isinstance(stage.output, nn.Tanh) is not stage.name.endswith("shortcut")
    outputs = [stage.output for stage in net.stages]
    assert len({id(output) for output in outputs}) == len(outputs)


def test_names_of_layers():
    net = net_of(narrow("resnet"), fill())
    assert [stage.name for stage in net.stages] == [
        "conv1", "block1.conv1", "block1.conv2", "block2.conv1", "block2.conv2", "block2.shortcut", "block3.conv1",
        "block3.conv2", "block3.shortcut", "scores",
    ]  # fmt: skip
    assert [stage.name for stage in net_of(narrow("mlp"), fill()).stages] == ["fc1", "fc2", "fc3", "scores"]


@pytest.mark.parametrize(
    "name, knobs, normalization, parameters, operations",
    [
        ("softmax", {}, "none", 3072 * 10 + 10, 3072 * 10),
        ("mlp", {"hidden": 0}, "none", 30_730, 30_720),
        ("mlp", {"hidden": 2, "width": 100, "shape": "halving"}, "none", 307_300 + 5_050 + 510, 307_200 + 5_000 + 500),
        # 5 x 5 kernels: 3 * 16 * 25 + 16, 16 * 20 * 25 + 20, 20 * 20 * 25 + 20, and 320 * 10 + 10.
        ("convnetjs", {}, "none", 22_466, 1_228_800 + 2_048_000 + 640_000 + 3_200),
        # The same with batch norm: two numbers for each channel in the place of the bias.
        ("convnetjs", {}, "batch", 22_466 + 56, 3_920_000),
        ("vgg", {"width": 16, "blocks": 1, "convs": 1}, "batch", 432 + 32 + 170, 432 * 1024 + 160),
        # ResNet-20 with identity shortcuts has 0.27 million parameters and 41 million multiply-adds.
        ("resnet", {"blocks": 3, "shortcut": "identity"}, "batch", 269_722, 40_551_040),
        ("airbench", {}, "none", 312 + 13_888 + 36_928 + 147_712 + 3 * 590_080 + 2_570, 118_147_360),
    ],
)
def test_sizes_by_hand(name, knobs, normalization, parameters, operations):
    size = measure(networks[name](**knobs).blueprint(), fill("relu", normalization))
    assert (size.parameters, size.operations) == (parameters, operations)


def test_maxout_has_so_many_times_the_sums():
    network = networks["mlp"](hidden=2, width=8)
    parts = replace(fill(), activation=activations["maxout"](sums=3))
    assert measure(network.blueprint(), parts).parameters == (3072 * 24 + 24) + (8 * 24 + 24) + (8 * 10 + 10)


def test_measuring_needs_no_torch():
    code = (
        "import sys, playground as pg; from playground.layers.blueprint import Parts, measure\n"
        "for name in pg.networks:\n"
        "    for act in pg.activations.values():\n"
        "        for norm in pg.normalizations.values():\n"
        "            parts = Parts(activation=act(), normalization=norm(), initializer=pg.initializers['zero']())\n"
        "            assert measure(pg.networks[name]().blueprint(), parts).parameters > 0\n"
        "print('torch' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "False"


def test_a_picture_too_small_is_refused():
    with pytest.raises(ValueError, match="too small"):
        measure((Pool(), Pool(), Flatten(), Dense()), fill(), shape=(3, 2, 2))


def test_other_shapes_and_classes():
    net = net_of(narrow("vgg"), fill(), shape=(3, 48, 40), classes=7)
    assert net(torch.zeros(2, 3, 48, 40)).shape == (2, 7)


@pytest.mark.parametrize("name", networks)
def test_the_same_seed_gives_the_same_weights_whatever_is_random_while_training(name):
    network = narrow(name)
    before = torch.random.get_rng_state()
    plain, again, other = (net_of(network, fill(), seed) for seed in (0, 0, 3))
    busy = net_of(network, fill(**BUSY | {"fractional_pooling": 0.0}))
    assert torch.equal(before, torch.random.get_rng_state()), "the global generator was used"
    for key, value in plain.state_dict().items():
        assert torch.equal(value, again.state_dict()[key])
    assert not torch.equal(plain.stages[0].weight.weight, other.stages[0].weight.weight)
    for first, second in zip(plain.stages, busy.stages, strict=True):
        assert torch.equal(first.weight.weight, second.weight.weight), first.name


def test_the_first_layer_begins_alike_whatever_follows():
    first = net_of(networks["mlp"](hidden=1, width=16), fill()).stages[0].weight.weight
    later = net_of(networks["mlp"](hidden=4, width=16), fill("tanh", "layer")).stages[0].weight.weight
    assert torch.equal(first, later)


@pytest.mark.parametrize("name", networks)
def test_masks_come_from_their_generator_alone(name):
    """The same state of `masks` gives the same step, also in a copy and in one read from a file."""
    network, x = narrow(name), pictures()
    before = torch.random.get_rng_state()
    net = net_of(network, fill(normalization="batch", **BUSY))
    for twin in (
        net_of(network, fill(normalization="batch", **BUSY)),
        copy.deepcopy(net),
        pickle.loads(pickle.dumps(net)),
    ):
        trained = copy.deepcopy(net)
        for _ in range(2):
            assert step(trained, x) == step(twin, x)
        assert [stage.name for stage in twin.stages] == [stage.name for stage in net.stages]
        assert twin.stages[0].weight is next(
            module for module in twin.modules() if isinstance(module, (nn.Conv2d, nn.Linear))
        )
    assert torch.equal(before, torch.random.get_rng_state()), "the global generator was used"


@pytest.mark.parametrize("form", ["inverted", "vanilla"])
def test_dropout_can_be_changed_while_it_trains(form):
    net, x = net_of(networks["mlp"](hidden=2, width=64), fill(dropout=0.0, dropout_form=form)), pictures()
    still = net(x)
    assert torch.equal(still, net(x))
    net.set("dropout", 0.5)
    assert not torch.allclose(net(x), net(x))
    net.set("dropout", 0.0)
    assert torch.equal(still, net(x))


def test_dropconnect_leaves_the_scores_whole():
    net, x = net_of(networks["softmax"](), fill(dropconnect=0.9)), pictures()
    assert torch.equal(net(x), net(x))
    net = net_of(networks["mlp"](hidden=1, width=64), fill(dropconnect=0.9))
    assert not torch.allclose(net(x), net(x))


def test_fractional_pooling_shrinks_by_its_ratio():
    layers = measure(networks["convnetjs"]().blueprint(), fill(fractional_pooling=1.5)).layers
    assert [layer.shape for layer in layers[:3]] == [(16, 32, 32), (20, 21, 21), (20, 14, 14)]


@pytest.mark.parametrize("normalization", normalizations)
@pytest.mark.parametrize("name", networks)
def test_a_batch_of_one_image(name, normalization):
    net, x = net_of(narrow(name), fill(normalization=normalization)), pictures(1)
    assert math.isfinite(step(net, x)) and finite(net)


@pytest.mark.parametrize("channels, groups, expected", [(16, 8, 8), (20, 8, 5), (7, 4, 1), (6, 64, 6)])
def test_groups_divide_the_channels(channels, groups, expected):
    module = normalizations["group"](groups=groups).module((channels, 4, 4))
    assert module.num_groups == expected


@pytest.mark.parametrize("name", ["batch", "layer", "group"])
@pytest.mark.parametrize("shape", [(64, 8, 8), (64,)])
def test_normalizations_normalise(name, shape):
    module = normalizations[name]().module(shape)
    y = module(torch.randn(32, *shape, generator=torch.Generator().manual_seed(0)) * 3 + 5)
    rows = {"batch": 64, "layer": 32, "group": 32 * 8}[name]
    alike = (y.transpose(0, 1) if name == "batch" else y).reshape(rows, -1)
    assert alike.mean(1).abs().max() < 1e-4
    assert alike.var(1, correction=0).sub(1).abs().max() < 1e-3
    assert torch.equal(module.weight, torch.ones(64)) and torch.equal(module.bias, torch.zeros(64))


@pytest.mark.parametrize("name", networks)
def test_all_gradients_arrive(name):
    """No layer is left out of the forward pass, and the in-place activations break nothing."""
    net = net_of(narrow(name), fill("leaky_relu", "batch", dropout=0.1))
    step(net, pictures())
    for key, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, key


def test_results_stay_in_channels_last():
    net, orders = net_of(networks["resnet"](width=8), fill("maxout", "batch", fractional_pooling=1.5)), []
    for net_module in net.modules():
        if not list(net_module.children()):
            net_module.register_forward_hook(
                lambda module, inputs, output: orders.append(
                    output.dim() != 4 or output.is_contiguous(memory_format=torch.channels_last)
                )
            )
    net(pictures())
    assert all(orders)


def test_identity_shortcuts_have_no_weights_and_let_the_input_through():
    network = networks["resnet"](width=4, shortcut="identity")
    net = net_of(network, fill("relu", "none", "zero"))
    assert not [stage.name for stage in net.stages if "shortcut" in stage.name]
    # With all weights zero every block gives its input, which behind the first layer is its bias.
    with torch.no_grad():
        net.stages[0].weight.bias.fill_(2.0)
    x = pictures()
    for module in net.body:
        x = module(x)
        if x.dim() == 4 and x.shape[1] == 16:
            break
    assert torch.equal(x[:, :4], torch.full_like(x[:, :4], 2.0)) and not x[:, 4:].any()


def test_the_net_of_a_list_of_layers_is_that_net():
    """The blueprint against the same net written by hand."""
    blueprint = (
        Conv(8),
        Norm(),
        Act(),
        Pool(),
        Conv(12, 5, 2),
        Norm(),
        Act(),
        Flatten(),
        Dense(20),
        Norm(),
        Act(),
        Dense(),
    )
    net = net_of(blueprint, fill("elu", "batch"))
    by_hand = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ELU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 5, 2, 2, bias=False), nn.BatchNorm2d(12), nn.ELU(), nn.Flatten(),
        nn.Linear(12 * 8 * 8, 20, bias=False), nn.BatchNorm1d(20), nn.ELU(), nn.Linear(20, 10),
    )  # fmt: skip
    by_hand.load_state_dict(dict(zip(by_hand.state_dict(), net.state_dict().values(), strict=True)))
    x = pictures(16)
    assert torch.allclose(net(x), by_hand(x), atol=1e-5)
    assert torch.allclose(net.eval()(x), by_hand.eval()(x), atol=1e-5)
