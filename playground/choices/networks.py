"""Nets, as blueprints: which layer follows which. Activation, normalization and dropout are choices of their own."""

from __future__ import annotations

from playground.layers.blueprint import (
    Act,
    Conv,
    Dense,
    Drop,
    Flatten,
    Layer,
    Mean,
    Norm,
    Pool,
    Residual,
    Scale,
)
from playground.registry import Choice, Registry, knob

networks: Registry[Network] = Registry("network")

Blueprint = tuple[Layer, ...]


class Network(Choice):
    """Base of all nets for images of 32 x 32 pixels with three colours."""

    def blueprint(self) -> Blueprint:
        """The layers in order; see `playground.layers.blueprint`."""
        raise NotImplementedError


def _block(channels: int, kernel: int = 3, pooled: bool = False) -> Blueprint:
    """A convolution with what follows it.

    The activation comes after pooling: for one that rises throughout that is the same, at a quarter of the cost.
    """
    return (Conv(channels, kernel), Norm(), *[Pool()] * pooled, Act(), Drop())


@networks("softmax", "Softmax regression")
class SoftmaxRegression(Network):
    """One linear layer: a template for each class.

    Formula: scores = W x + b.

    Watch: its filters are the templates; one for each class cannot show a horse that looks left and one that looks
    right.

    Reference: Stanford CS231n, notes on linear classification.
    """

    def blueprint(self):
        return (Flatten(), Dense())


@networks("mlp", "Multilayer perceptron")
class MLP(Network):
    """Fully connected layers.

    Formula: h_k = f(W_k h_(k-1) + b_k), scores = W h + b.

    Watch: where initialization is taught: with many layers, activations and gradients fade or explode.

    Reference: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986.
    """

    hidden: int = knob(2, 0, 6, help="hidden layers")
    width: int = knob(256, 4, 2048, help="units of the first hidden layer")
    shape: str = knob("constant", options=("constant", "halving"), help="whether later layers are as wide")

    def blueprint(self):
        layers: list[Layer] = [Flatten()]
        for layer in range(self.hidden):
            units = self.width if self.shape == "constant" else max(self.width >> layer, 2)
            layers += [Dense(units), Norm(), Act(), Drop()]
        return (*layers, Dense())


@networks("convnetjs", "ConvNetJS demo net")
class ConvNetJS(Network):
    """Three convolutions of 5 x 5, each followed by pooling: the net of ConvNetJS's CIFAR-10 demo.

    Formula: 16, 20 and 20 filters of 5 x 5, each with 2 x 2 max pooling and activation; scores = W x + b.

    Watch: 22 thousand parameters: it underfits rather than overfits.

    Reference: Karpathy, ConvNetJS CIFAR-10 demo, 2014.
    """

    def blueprint(self):
        layers: list[Layer] = []
        for channels in (16, 20, 20):
            layers += _block(channels, 5, pooled=True)
        return (*layers, Flatten(), Dense())


@networks("vgg", "Small VGG")
class SmallVGG(Network):
    """Blocks of 3 x 3 convolutions; the picture halves and the channels double from block to block.

    Formula: per block `convs` times 3 x 3 convolution, normalization, activation, the last time with 2 x 2 max pooling
    before the activation; at the end the mean over the picture (or all of it) into scores = W x + b.

    Watch: the workhorse: it learns to generalise well within minutes on two cores.

    Reference: Simonyan and Zisserman, Very deep convolutional networks, 2015, section 2.1; with the mean at the end
    as in Lin, Chen and Yan, Network in network, 2014, section 3.2.
    """

    width: int = knob(32, 4, 256, help="channels of the first block")
    blocks: int = knob(3, 1, 4, help="blocks, each followed by pooling")
    convs: int = knob(2, 1, 4, help="convolutions in each block")
    head: str = knob("mean", options=("mean", "flatten"), help="what the last layer reads: the mean, or every place")

    def blueprint(self):
        layers: list[Layer] = []
        for block in range(self.blocks):
            channels = self.width << block
            layers += [*_block(channels) * (self.convs - 1), *_block(channels, pooled=True)]
        return (*layers, Mean() if self.head == "mean" else Flatten(), Dense())


@networks("resnet", "Small ResNet")
class SmallResNet(Network):
    """Blocks of two convolutions around which the input is led and added again.

    Formula: y = f(x + F(x)) with F two 3 x 3 convolutions; three groups of blocks, each with twice the channels of
    the one before and half its picture.

    Watch: gradients reach the first layer along the shortcuts; stochastic depth acts here.

    Reference: He et al., Deep residual learning, 2016, section 4.2; the shortcuts are options A (identity) and B
    (projection) of section 3.3.
    """

    width: int = knob(16, 4, 128, help="channels of the first group")
    blocks: int = knob(1, 1, 9, help="blocks in each of the three groups; n blocks are 6 n + 2 layers")
    shortcut: str = knob(
        "projection",
        options=("projection", "identity"),
        help="how an input gets to a new size: by a 1 x 1 convolution, or with pixels left out and zeros added",
    )

    def blueprint(self):
        layers: list[Layer] = [*_block(self.width)]
        for block in range(3 * self.blocks):
            group, first = block // self.blocks, block % self.blocks == 0
            channels, stride = self.width << group, 2 if group and first else 1
            body = (Conv(channels, 3, stride), Norm(), Act(), Drop(), Conv(channels), Norm())
            layers += [Residual(body, block + 1, 3 * self.blocks, self.shortcut == "projection"), Act()]
        return (*layers, Mean(), Dense())


@networks("airbench", "Airbench-shaped net")
class Airbench(Network):
    """The shape of the fastest CIFAR-10 trainings on one GPU.

    Formula: a 2 x 2 convolution to 24 channels, then three blocks of convolution, pooling, normalization, activation,
    convolution, normalization, activation with 64, 256 and 256 channels; 3 x 3 max pooling; scores / 9.

    Watch: made for a GPU and GELU. The original also fixes the first layer to whiten patches of the images, sets its
    other layers to pass them on, and has neither scales in its normalization nor a bias at the end; here all layers
    begin as the initializer says, and all of that is learned.

    Reference: Jordan, 94% on CIFAR-10 in 3.29 seconds on a single GPU, 2024, section 3.1.
    """

    width: float = knob(1.0, 0.125, 4.0, log=True, help="multiple of the original's channels")

    def blueprint(self):
        layers: list[Layer] = [Conv(24, 2, 1, 0), Act()]
        for channels in (64, 256, 256):
            wide = max(round(channels * self.width), 1)
            layers += [Conv(wide), Pool(), Norm(), Act(), Drop(), Conv(wide), Norm(), Act(), Drop()]
        return (*layers, Pool(3), Flatten(), Dense(), Scale(1 / 9))
