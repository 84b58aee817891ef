"""Optimizers of nets: the rules of the surfaces, those for matrices and curvature, and a library's."""

from __future__ import annotations

from playground.choices.optimizers.base import Optimizer, Rule, optimizers
from playground.choices.optimizers.ecosystem import PYTORCH_OPTIMIZER
from playground.choices.optimizers.whole_net import NetOptimizer, split
from playground.messages import marked
from playground.registry import Registry, knob

net_optimizers: Registry[Optimizer] = Registry("optimizer")
for _rule in optimizers.values():
    if issubclass(_rule, Rule):
        net_optimizers.include(_rule)


@net_optimizers("muon", "Muon")
class Muon(NetOptimizer):
    """Momentum whose step turns all directions of a matrix by the same amount.

    Formula: m <- mu m + (1 - mu) G, W <- W - lr sqrt(max(1, rows / columns)) O, where O is the orthogonal matrix
    nearest to mu m + (1 - mu) G (or to m), found by Newton-Schulz iterations. Filters are matrices with a row for each
    output. The last layer, biases and the parameters of normalizations are trained by AdamW.

    Watch: the update-to-weight ratio is alike in all hidden layers, whatever their gradients are.

    Reference: Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024; `torch.optim.Muon`.
    """

    group = "matrices and curvature"
    reference = "Jordan et al., Muon: an optimizer for hidden layers in neural networks, 2024"
    formula_text = (
        r"M_t = \mu M_{t-1} + (1 - \mu) G_t, \quad N_t = \mu M_t + (1 - \mu) G_t = U S V^\top",
        r"W_{t+1} = W_t - \alpha \lambda W_t - \alpha \sqrt{\max(1, \text{rows} / \text{columns})} \; U V^\top",
    )
    matrices = True

    lr: float = knob(0.02, 1e-6, 10.0, log=True, symbol=r"\alpha", help="learning rate of the hidden layers' weights")
    momentum: float = knob(0.95, 0.0, 0.9999, symbol=r"\mu", help="how slowly the mean of gradients forgets")
    nesterov: bool = knob(True, help="mix the present gradient in once more")
    iterations: int = knob(5, 1, 20, symbol="k", help="Newton-Schulz iterations towards the orthogonal matrix")
    weight_decay: float = knob(0.0, 0.0, 10.0, symbol=r"\lambda", help="share of each weight lost per unit of rate")
    adamw_lr: float = knob(0.001, 1e-6, 10.0, log=True, symbol=r"\alpha'", help="AdamW's rate for everything else")

    def make(self, net, parameters):
        import torch

        hidden, rest = split(parameters)
        torch_optimizers: list[torch.optim.Optimizer] = []
        if hidden:
            torch_optimizers.append(
                torch.optim.Muon(
                    hidden,
                    lr=self.lr,
                    momentum=self.momentum,
                    nesterov=self.nesterov,
                    ns_steps=self.iterations,
                    weight_decay=self.weight_decay,
                )
            )
        return [*torch_optimizers, torch.optim.AdamW(rest, lr=self.adamw_lr, weight_decay=0.0)]


@net_optimizers("lbfgs", "L-BFGS")
class LBFGS(NetOptimizer):
    """Newton's jump from the last few steps, taken several times on the same batch.

    Formula: d = -H g with H rebuilt from the last `history` pairs (s, y) of changes of weights and gradient, then
    w <- w + a d; a is lr, or found by a line search under the strong Wolfe conditions.

    Watch: with all images in one batch it leaves everything else behind; with small ones it fits their noise. Every
    step costs several gradients.

    Reference: Nocedal and Wright, Numerical optimization, 2006, Algorithms 7.4, 7.5 and 3.5; `torch.optim.LBFGS`.
    """

    group = "matrices and curvature"
    reference = "Nocedal and Wright, Numerical optimization, 2006, Algorithms 7.4 and 7.5"
    formula_text = (
        r"w_{t+1} = w_t - a_t H_t g_t, \quad a_t = \alpha \text{ or by line search}",
        r"H_t \text{ from the last } k \text{ pairs } s_i = w_{i+1} - w_i, \; y_i = g_{i+1} - g_i",
    )
    feed = "closure"

    lr: float = knob(1.0, 1e-6, 10.0, log=True, symbol=r"\alpha", help="share of the jump that is taken or tried first")
    history: int = knob(10, 1, 100, symbol="k", help="number of steps remembered")
    iterations: int = knob(4, 1, 50, symbol="n", help="jumps on each batch")
    line_search: str = knob("strong_wolfe", options=("strong_wolfe", "none"), help="how the length of a jump is found")

    def make(self, net, parameters):
        import torch

        search = "strong_wolfe" if self.line_search == "strong_wolfe" else None
        return [
            torch.optim.LBFGS(
                parameters, lr=self.lr, max_iter=self.iterations, history_size=self.history, line_search_fn=search
            )
        ]


for _kind in optimizers.values():
    if _kind.group == PYTORCH_OPTIMIZER.group:
        net_optimizers.include(_kind)
for _source, _sentence in PYTORCH_OPTIMIZER.unable(
    marked("{source} of {library} cannot train a net here: {why}.")
).items():
    net_optimizers.refuse(PYTORCH_OPTIMIZER.name(_source), _sentence)
