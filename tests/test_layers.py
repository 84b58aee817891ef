"""The modules of nets that PyTorch has not: by hand, by their means, and by gradcheck. The activations' facts."""

import math

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from playground.choices.activations import activations
from playground.layers import modules
from playground.layers.modules import (
    DROPOUTS,
    BatchNorm1d,
    Conv,
    DropConnectConv,
    DropConnectLinear,
    FractionalPool,
    InvertedDropout,
    Maxout,
    Mean,
    Pad,
    Residual,
    Scale,
    VanillaDropout,
    keep_mask,
)

CHANNELS_LAST = {"memory_format": torch.channels_last}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0, dtype=torch.float32):
    return torch.randn(*shape, generator=generator(seed), dtype=dtype)


def drop_connect(module, p=0.3):
    module.p, module.masks = p, generator(5)
    return module


# -- masks and dropout ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", [1e-4, 0.1, 0.5, 0.95])
def test_masks_drop_their_share(drop):
    count = 1_000_000
    mask = keep_mask(torch.empty(count), drop, generator())
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert abs((1 - mask).mean() - drop) < 5 * math.sqrt(drop * (1 - drop) / count)


def test_neighbours_in_a_mask_are_independent():
    """Four come from one random number of 64 bits."""
    mask = keep_mask(torch.empty(400_000), 0.5, generator()).view(-1, 4)
    together = torch.corrcoef(mask.T)
    assert (together - torch.eye(4)).abs().max() < 0.02


@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 3, 5, 7)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_masks_are_like_what_they_are_for(shape, dtype):
    like = torch.empty(shape, dtype=dtype)
    mask = keep_mask(like, 0.3, generator())
    assert (mask.shape, mask.dtype) == (like.shape, like.dtype)
    if len(shape) == 4:
        assert keep_mask(like.contiguous(**CHANNELS_LAST), 0.3, generator()).is_contiguous(**CHANNELS_LAST)


def test_inverted_dropout_keeps_the_mean_and_changes_nothing_in_use():
    layer, x = InvertedDropout(0.3, generator()), torch.full((1000, 1000), 2.0)
    y = layer(x)
    assert y.mean() == pytest.approx(2.0, abs=0.01)
    assert y.unique().tolist() == pytest.approx([0.0, 2 / 0.7])
    assert layer.eval()(x) is x


def test_vanilla_dropout_scales_in_use():
    layer, x = VanillaDropout(0.3, generator()), torch.full((1000, 1000), 2.0)
    y = layer(x)
    assert y.unique().tolist() == [0.0, 2.0]
    assert torch.allclose(layer.eval()(x), torch.full_like(x, 1.4))
    assert y.mean() == pytest.approx(1.4, abs=0.01), "in use it gives the mean of training"


@pytest.mark.parametrize("form", DROPOUTS)
def test_gradients_pass_where_units_stay(form):
    x = torch.ones(1000, requires_grad=True)
    y = DROPOUTS[form](0.5, generator())(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_dropout_of_nothing_draws_nothing():
    masks = generator()
    before = masks.get_state()
    x = normal(4, 5)
    for kind in DROPOUTS.values():
        assert kind(0.0, masks)(x) is x
    assert torch.equal(before, masks.get_state())


# -- DropConnect -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_dropconnect_silences_weights(kind):
    layer = drop_connect(DropConnectLinear(6, 5) if kind == "dense" else DropConnectConv(2, 5, 3, padding=1), 0.4)
    plain = (nn.Linear if kind == "dense" else nn.Conv2d).forward
    x = normal(3, 6) if kind == "dense" else normal(3, 2, 6, 6)
    with torch.no_grad():
        mask = keep_mask(layer.weight, 0.4, generator(5)) / 0.6
        y, weight = layer(x), layer.weight.clone()
        assert 0 < (mask == 0).sum() < mask.numel()
        layer.weight.mul_(mask)
        assert torch.allclose(y, plain(layer, x), atol=1e-6)
        layer.weight.copy_(weight)
        layer.eval()
        assert torch.equal(layer(x), plain(layer, x))


def test_dropconnect_keeps_the_mean_of_the_sums():
    layer, x = drop_connect(DropConnectLinear(20, 4)), normal(1, 20)
    with torch.no_grad():
        outputs = torch.stack([layer(x) for _ in range(4000)])
        assert torch.allclose(outputs.mean(0), layer.eval()(x), atol=5 * float(outputs.std()) / math.sqrt(4000))


# -- stochastic depth and shortcuts ------------------------------------------------------------------------------------


def block(drop, pieces=1, body=None, seed=0):
    return Residual(body or Scale(2.0), nn.Identity(), pieces, drop, generator(seed))


def test_blocks_survive_with_their_probability():
    layer, x = block(0.3), torch.ones(1, 1)
    outputs = [float(layer(x)) for _ in range(5000)]
    assert set(outputs) == {1.0, 3.0}
    assert outputs.count(1.0) / 5000 == pytest.approx(0.3, abs=5 * math.sqrt(0.21 / 5000))
    assert float(layer.eval()(x)) == pytest.approx(1 + 0.7 * 2)
    assert sum(outputs) / 5000 == pytest.approx(2.4, abs=0.07), "in use it gives the mean of training"


def test_a_skipped_block_may_be_written_over():
    x = torch.tensor([[-1.0]])
    skipped = block(1.0)(x)
    skipped.fill_(7.0)
    assert float(x) == -1.0


def test_survival_falls_along_the_net():
    from playground.choices.initializers import initializers
    from playground.choices.networks import networks
    from playground.choices.normalizations import normalizations
    from playground.layers.blueprint import Parts
    from playground.layers.build import build

    parts = Parts(
        activation=activations["relu"](),
        normalization=normalizations["none"](),
        initializer=initializers["zero"](),
        stochastic_depth=0.6,
    )
    network = networks["resnet"](width=4, blocks=2)
    net = build(network.blueprint(), parts, generator=generator(), masks=generator())
    drops = [module.drop for module in net.modules() if isinstance(module, Residual)]
    assert drops == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])


def test_padding_leaves_out_pixels_and_adds_channels():
    x = torch.arange(2 * 3 * 5 * 5.0).view(2, 3, 5, 5).contiguous(**CHANNELS_LAST)
    y = Pad(7, 2)(x)
    assert torch.equal(y[:, :3], x[:, :, ::2, ::2]) and not y[:, 3:].any() and y.shape == (2, 7, 3, 3)


def test_every_sum_of_a_maxout_unit_gets_the_shortcut():
    """max(x + f1, x + f2) = x + max(f1, f2)."""
    x, weights = normal(4, 3), nn.Linear(3, 6)
    out = Maxout(2)(Residual(weights, nn.Identity(), 2, 0.0, generator())(x))
    assert torch.allclose(out, x + Maxout(2)(weights(x)))


# -- pooling, maxout, normalization ------------------------------------------------------------------------------------


def test_maxout_by_hand():
    x = torch.tensor([[1.0, 5.0, -2.0, 3.0, 4.0, -7.0]])
    assert Maxout(2)(x).tolist() == [[3.0, 5.0, -2.0]]
    assert Maxout(3)(x).tolist() == [[4.0, 5.0]]
    picture = normal(2, 6, 3, 3).contiguous(**CHANNELS_LAST)
    y = Maxout(2)(picture)
    assert torch.equal(y, torch.maximum(picture[:, :3], picture[:, 3:])) and y.is_contiguous(**CHANNELS_LAST)


def test_fractional_regions_are_squares_that_go_on_by_one_or_two():
    """A picture of its own column numbers shows which columns each region holds."""
    ramp = torch.arange(24.0).expand(40, 2, 24, 24)
    y = FractionalPool((16, 16), generator())(ramp)
    ends, rows = y[:, 0, 0, :], y[:, :, :, 0]
    assert torch.equal(y, ends[:, None, None, :].expand_as(y)), "all rows and channels of an image share its regions"
    assert rows.unique().numel() == 1
    steps = ends.diff(dim=1)
    assert set(steps.unique().tolist()) == {1.0, 2.0}
    assert bool((ends[:, -1] == 23).all()) and bool((ends[:, 0] <= 1).all())
    first = -FractionalPool((16, 16), generator())(-ramp)[:, 0, 0, :]
    assert torch.equal(first, ends - 1), "two columns each, which overlap where the next is one further"
    assert len({tuple(end.tolist()) for end in ends}) > 5, "images have regions of their own"


def test_fractional_pooling_is_the_same_for_every_use():
    layer, x = FractionalPool((5, 5), generator()), normal(3, 4, 8, 8)
    assert not torch.equal(layer(x), layer(x))
    layer.eval()
    assert torch.equal(layer(x), layer(x))
    assert torch.equal(layer(x)[1:], layer(x[1:])), "it does not depend on the rest of the batch"
    assert layer(x.contiguous(**CHANNELS_LAST)).is_contiguous(**CHANNELS_LAST)


def test_batch_normalization_of_one_image_leaves_the_offset():
    layer = BatchNorm1d(3)
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
    before = layer.running_var.clone()
    assert layer(normal(1, 3)).tolist() == [[1.0, 2.0, 3.0]]
    assert torch.equal(before, layer.running_var)
    assert torch.equal(layer(normal(4, 3)), nn.BatchNorm1d.forward(layer, normal(4, 3)))


def test_a_convolution_of_single_pixels_is_that_of_pytorch():
    layer = Conv(4, 8, 1, stride=2)
    plain = nn.Conv2d(4, 8, 1, stride=2)
    plain.load_state_dict(layer.state_dict())
    for side in (7, 8):
        x = normal(3, 4, side, side)
        assert torch.allclose(layer(x.contiguous(**CHANNELS_LAST)), plain(x), atol=1e-6)
        layer(x.contiguous(**CHANNELS_LAST).requires_grad_()).sum().backward()


def test_mean_and_scale():
    x = normal(2, 3, 4, 5)
    assert torch.allclose(Mean()(x), x.flatten(2).mean(2)) and torch.equal(Scale(0.5)(x), x / 2)


# -- gradients ---------------------------------------------------------------------------------------------------------

SMALL = {
    InvertedDropout: lambda: (InvertedDropout(0.4, generator()), (3, 4)),
    VanillaDropout: lambda: (VanillaDropout(0.4, generator()), (3, 4)),
    DropConnectLinear: lambda: (drop_connect(DropConnectLinear(4, 3)), (2, 4)),
    Conv: lambda: (Conv(2, 3, 1, stride=2), (2, 2, 4, 4)),
    DropConnectConv: lambda: (drop_connect(DropConnectConv(2, 3, 3, padding=1)), (2, 2, 4, 4)),
    BatchNorm1d: lambda: (BatchNorm1d(3), (4, 3)),
    Maxout: lambda: (Maxout(3), (2, 6, 2, 2)),
    FractionalPool: lambda: (FractionalPool((3, 3), generator()), (2, 2, 5, 5)),
    Pad: lambda: (Pad(5, 2), (2, 3, 4, 4)),
    Residual: lambda: (block(0.5, 2, nn.Linear(3, 6), seed=1), (4, 3)),
    Scale: lambda: (Scale(3.0), (2, 3)),
    Mean: lambda: (Mean(), (2, 3, 4, 4)),
}


def test_every_module_has_its_gradients_checked():
    written = {item for item in vars(modules).values() if isinstance(item, type) and issubclass(item, nn.Module)}
    assert {kind for kind in written if kind.__module__ == modules.__name__} == set(SMALL)


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("training", [True, False])
def test_gradients(kind, training):
    layer, shape = SMALL[kind]()
    layer = layer.double().train(training)
    masks = getattr(layer, "masks", None)
    state = masks.get_state() if masks else None
    names, values = zip(*layer.named_parameters()) if list(layer.parameters()) else ((), ())

    def run(x, *parameters):
        if masks:
            masks.set_state(state)  # the same masks at every evaluation
        return torch.func.functional_call(layer, dict(zip(names, parameters)), (x,))

    x = normal(*shape, dtype=torch.float64).requires_grad_()
    assert gradcheck(run, (x, *(value.detach().clone().requires_grad_() for value in values)))


# -- activations -------------------------------------------------------------------------------------------------------


def apply(choice, x):
    return choice.module(x.shape[1] // choice.pieces)(x.clone())


ORACLES = {
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "tanh": lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()),
    "relu": lambda x: x.clamp_min(0),
    "leaky_relu": lambda x: torch.maximum(0.01 * x, x),
    "prelu": lambda x: x.clamp_min(0) + 0.25 * x.clamp_max(0),
    "elu": lambda x: torch.where(x > 0, x, x.exp() - 1),
    "maxout": lambda x: x.view(len(x), 2, -1).amax(1),
    "gelu": lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + (-x).exp()),
}


def test_every_activation_has_an_oracle():
    assert set(ORACLES) == set(activations)


@pytest.mark.parametrize("name", activations)
def test_activations_are_their_formulas(name):
    x = torch.linspace(-6, 6, 240).view(10, 24)
    assert torch.allclose(apply(activations[name](), x), ORACLES[name](x), atol=1e-5)


@pytest.mark.parametrize("name", activations)
def test_saturation_is_where_the_slope_is_gone(name):
    choice = activations[name]()
    x = torch.linspace(-12, 12, 4800, dtype=torch.float64).view(-1, 2).requires_grad_()
    y = choice.module(2 // choice.pieces).double()(x * 1.0)
    y.sum().backward()
    y = y.detach()
    saturated = choice.saturated(y)
    assert bool(saturated.any()) is choice.bounded
    if choice.bounded:
        assert x.grad[saturated].max() < 0.2 < x.grad[~saturated].max()
        ends = [end for end in (choice.low, choice.high) if end is not None]
        assert min(float((y - end).abs().min()) for end in ends) < 1e-3


def test_saturation_by_hand():
    assert activations["sigmoid"]().saturated(torch.tensor([0.04, 0.06, 0.94, 0.96])).tolist() == [1, 0, 0, 1]
    assert activations["tanh"]().saturated(torch.tensor([-0.91, -0.89, 0.89, 0.91])).tolist() == [1, 0, 0, 1]
    assert activations["elu"](alpha=2.0).saturated(torch.tensor([-1.91, -1.89, 5.0])).tolist() == [1, 0, 0]


@pytest.mark.parametrize("name, leak", [("relu", 0.0), ("leaky_relu", 0.01), ("prelu", 0.25), ("tanh", None)])
def test_the_leak_is_the_slope_for_negative_sums(name, leak):
    choice = activations[name]()
    assert choice.leak == leak
    if leak is not None:
        assert apply(choice, torch.tensor([[-1.0]])).item() == pytest.approx(-leak)


def test_only_prelu_learns():
    assert {name: activations[name]().count(7) for name in activations if activations[name]().count(7)} == {"prelu": 7}
    assert sum(parameter.numel() for parameter in activations["prelu"]().module(7).parameters()) == 7
