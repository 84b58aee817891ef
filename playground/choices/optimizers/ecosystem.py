"""The libraries torch.optim and pytorch_optimizer: each of their classes that can be used here, as a choice.

What there is to list is in a file for each library, a line for each class, so that listing loads no torch.
`describe` reads `arguments` and `options` off the installed library. The rest of a line is written by hand:

- `about`, `reference`: what it does, in one sentence, and where it was published
- `unable`: why it cannot be used here, as the end of a sentence; such a class is no choice
- `watch`: what to know of it on a surface
- `needed`: arguments that the library gives no default for, with ours
- `left`: arguments that stay as they are; `ranges`: of knobs for which the usual one does not do
- `build`: what its constructor takes: "parameters" (if nothing is said), the "model", an optimizer that it "wraps", the
  class of one that it "extends", and "gsam" and "model extends" for the two that take it all
- `hidden`, `rest`: what it wants to be told of the weights of the hidden layers and of all others ("adamw": leave them
  to AdamW); `moved`: arguments that belong there too
- `feed`, `matrices`, `row`, `single`, `adapts`, `inertia`, `fixed`: as in `NetOptimizer`
"""

from __future__ import annotations

import inspect
import json
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, get_args, get_type_hints

from playground.choices.optimizers.whole_net import NetOptimizer, split
from playground.messages import Message
from playground.registry import ChoiceError, knob

if TYPE_CHECKING:
    import torch

READ = ("arguments", "options")  # the parts of an entry that `describe` makes
TOLD = ("feed", "matrices", "row", "single", "adapts", "inertia")  # those that the class says of itself
TECHNICAL = {  # how, not what, it computes
    "foreach",
    "fused",
    "maximize",
    "check_numerics",
    "compress_state_dict",
    "capturable",
    "differentiable",
}
OPTIONS = {"base": ["adamw", "momentum"], "line_search_fn": ["none", "strong_wolfe"]}  # of those that are `needed`

RATES = {"lr", "adamw_lr", "lr_1d", "final_lr", "init_lr", "warm_down_min_lr"}
WORDS = {  # argument: LaTeX, help
    "lr": (r"\alpha", "learning rate"),
    "adamw_lr": (r"\alpha'", "AdamW's rate for everything that is no hidden matrix"),
    "final_lr": (r"\alpha^*", "the rate that it ends with"),
    "momentum": (r"\mu", "share of the velocity that is kept"),
    "nesterov": ("", "look ahead along the velocity"),
    "dampening": ("", "share of the new gradient that is left out of the velocity"),
    "weight_decay": (r"\lambda", "pull of the weights towards zero"),
    "adamw_wd": (r"\lambda'", "AdamW's weight decay"),
    "weight_decouple": ("", "take the decay off the weights instead of adding it to the gradient"),
    "fixed_decay": ("", "do not multiply the decay by the learning rate"),
    "eps": (r"\epsilon", "keeps the divisor above zero"),
    "ams_bound": ("", "divide by the largest second moment so far, as AMSGrad does"),
    "rectify": ("", "trust the divisor only after some steps, as RAdam does"),
    "bias_correction": ("", "undo the pull of the zeros that the moments start from"),
    "correct_bias": ("", "undo the pull of the zeros that the moments start from"),
    "adaptive": ("", "measure the neighbourhood relative to each weight"),
    "rank": ("r", "dimensions of the subspace"),
    "update_proj_gap": ("", "steps after which the subspace is renewed"),
    "warmup_steps": ("", "steps of warm-up of its own"),
    "ns_steps": ("", "Newton-Schulz iterations towards the orthogonal matrix"),
    "base": ("", "the optimizer that takes the steps"),
    "num_data": ("n", "images to learn from"),
    "num_iterations": ("T", "steps of the whole run"),
    "use_gc": ("", "take the mean off each filter's gradient"),
    "centralize_gradients": ("", "take the mean off each filter's gradient"),
    "precondition_frequency": ("", "steps after which the preconditioner is renewed"),
    "clip_threshold": ("", "largest root mean square of a step"),
    "growth_rate": ("", "by how much the estimated rate may grow at a step"),
    "d0": ("d_0", "first guess of the distance to the solution"),
    "line_search_fn": ("", "how the length of a jump is found"),
    "max_iter": ("", "jumps at each step"),
    "history_size": ("", "number of steps remembered"),
    "etas": ("", "factor of a stride after a turn (the first) and after none (the second)"),
    "step_sizes": ("", "shortest and longest stride"),
    "tolerance_grad": ("", "largest gradient at which it rests"),
    "tolerance_change": ("", "smallest change with which it goes on"),
    "lambd": (r"\lambda", "how fast the rate shrinks"),
    "lr_decay": ("", "how fast the rate shrinks"),
    "amsgrad": ("", "divide by the largest second moment so far"),
    "centered": ("", "divide by the variance of the gradient instead of its mean square"),
}
WATCH = {
    "row": "on a surface it is given the point as a matrix of one row.",
    "single": "on a surface it computes in single precision, because it fails in double.",
}
FIRST = {  # what a constructor of each `build` takes first, in the text of a call
    "parameters": "[point]",
    "model": "model",
    "wraps": "base([point], lr=lr)",
    "extends": "[point], base",
    "model extends": "model, [point], base",
    "gsam": "[point], base([point], lr=lr), model, radius",
}


@dataclass(frozen=True)
class Library:
    """A library of optimizers.

    `group` is its name and that of its group in the menu; `prefix` begins the names of its choices; `module` is where
    its classes are, `home` where they are defined.
    """

    group: str
    prefix: str
    module: str
    home: str

    @property
    def file(self) -> Path:
        """Where its entries stand."""
        return Path(__file__).with_name(f"{self.group.replace('.', '_')}.json")

    def read(self) -> dict[str, dict[str, Any]]:
        """The entries of the file: name of the class -> entry, as in the text above."""
        return json.loads(self.file.read_text())

    def write(self, entries: dict[str, dict[str, Any]]) -> None:
        """Put `entries` into the file, one a line."""
        lines = (f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())
        self.file.write_text("{\n" + ",\n".join(lines) + "\n}\n")

    def name(self, source: str) -> str:
        """The name of the choice that a class of the library is."""
        return f"{self.prefix}_{source.lower()}"

    def unable(self, template: str) -> dict[str, Message]:
        """Name of each class that cannot be used here -> `template`'s sentence on the class, the library and why."""
        return {
            source: Message(template, source=source, library=self.group, why=Message(entry["unable"]))
            for source, entry in self.read().items()
            if "unable" in entry
        }


TORCH = Library("torch.optim", "to", "torch.optim", "torch.optim")
PYTORCH_OPTIMIZER = Library("pytorch_optimizer", "po", "pytorch_optimizer.optimizer", "pytorch_optimizer.optimizer")
LIBRARIES = (TORCH, PYTORCH_OPTIMIZER)


class LibraryOptimizer(NetOptimizer):
    """An optimizer of a library; `entry` is its line in the file."""

    library: ClassVar[Library]
    source: ClassVar[str]  # name of the library's class
    entry: ClassVar[dict[str, Any]]

    def arguments(self) -> dict[str, Any]:
        """The knobs as the library calls them, those of `needed` too."""
        values = {
            name: tuple(getattr(self, knob_name) for knob_name in _numbered(name, default))
            if isinstance(default, (list, tuple))
            else getattr(self, name)
            for name, default in _all_arguments(self.entry).items()
        }
        return {name: None if value == "none" else value for name, value in values.items()}

    def code(self):
        first = FIRST[self.entry.get("build", "parameters")]
        arguments = [f"{name}={value!r}" for name, value in self.arguments().items()]
        return "\n".join(
            [f"{self.group}.{self.source}(", *(f"    {argument}," for argument in [first, *arguments]), ")"]
        )

    def make(self, net, parameters):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ImportWarning)  # of packages for training on many machines
                return self._build(net, parameters)
        except (ValueError, TypeError, NotImplementedError, ZeroDivisionError) as problem:
            raise ChoiceError(
                "{source} of {library} refuses its settings: {why}.",
                source=self.source,
                library=self.group,
                why=str(problem).rstrip("."),
            ) from problem

    def _build(self, net: torch.nn.Module, parameters: list[torch.nn.Parameter]) -> list[torch.optim.Optimizer]:
        import torch

        kind, arguments = getattr(import_module(self.library.module), self.source), self.arguments()
        build = self.entry.get("build", "parameters")
        if build == "model":
            return [kind(_model(net, parameters), **arguments)]
        if build == "parameters":
            adamw_lr = arguments.pop("adamw_lr") if self.entry.get("rest") == "adamw" else None
            groups, rest = self._groups(parameters, arguments)
            torch_optimizers = [kind(groups, **arguments)] if groups else []
            return (
                [*torch_optimizers, torch.optim.AdamW(rest, lr=adamw_lr, weight_decay=0.0)]
                if rest and adamw_lr
                else torch_optimizers
            )
        base, rate = arguments.pop("base"), arguments.pop("lr")
        Base: Any
        Base, more = (torch.optim.AdamW, {}) if base == "adamw" else (torch.optim.SGD, {"momentum": 0.9})
        if build == "extends":
            return [kind(parameters, Base, lr=rate, **more, **arguments)]
        if build == "model extends":
            return [kind(net, parameters, Base, lr=rate, **more, **arguments)]
        inside = Base(parameters, lr=rate, **more)
        if build == "wraps":
            return [kind(inside, **arguments)]
        radius = arguments.pop("rho")
        return [kind(parameters, inside, net, SimpleNamespace(step=lambda: radius), **arguments)]

    def _groups(self, parameters: list[Any], arguments: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        """What the constructor takes, and what is left over."""
        if "hidden" not in self.entry:
            return parameters, []
        hidden, rest = split(parameters)
        hidden_settings = self.entry["hidden"] | {name: arguments.pop(name) for name in self.entry.get("moved", ())}
        groups = [{"params": hidden, **hidden_settings}] if hidden else []
        if self.entry.get("rest") == "adamw":
            return groups, rest
        return [*groups, *([{"params": rest, **self.entry.get("rest", {})}] if rest else [])], []


def _model(net: torch.nn.Module, parameters: list[torch.nn.Parameter]) -> torch.nn.Module:
    """A module that holds the parameters under the net's names, as well as a flat one can."""
    import torch

    model = torch.nn.Module()
    names = (name for name, parameter in net.named_parameters() if parameter.requires_grad)
    for name, parameter in zip(names, parameters):
        model.register_parameter(name.replace(".", "_"), parameter)
    return model


def _numbered(name: str, values: Sequence[float]) -> list[str]:
    """Names of the knobs for a tuple: `betas` -> beta1, beta2; `betas_1d` -> beta1_1d, beta2_1d."""
    stem, _, end = name.partition("s_") if "betas_" in name else (name.removesuffix("s"), "", "")
    return [f"{stem}{i + 1}{'_' * bool(end)}{end}" for i in range(len(values))]


def _all_arguments(entry: dict[str, Any]) -> dict[str, Any]:
    return entry.get("needed", {}) | entry["arguments"]


def _range(name: str, default: float) -> dict[str, Any]:
    """A knob's range: that of the kind of argument, or around its default."""
    if name in RATES:
        return {"low": min(1e-6, default), "high": max(10.0, default), "log": True}
    if name.startswith(("eps", "tolerance")) or name.endswith("_eps") or name == "d0":
        return {"low": min(1e-30, default), "high": 1.0, "log": default > 0}
    if name.endswith("weight_decay") or name.endswith("wd"):
        return {"low": 0.0, "high": 10.0}
    if isinstance(default, int):
        return {"low": min(default, 5 if name == "n_sma_threshold" else 1), "high": max(10 * default, 10)}
    if default <= 0:
        return {"low": 0.0, "high": 0.9999} if default == 0 else {"low": min(10 * default, -1.0), "high": -1e-4}
    if default >= 1:
        return {"low": default / 1000, "high": 10 * default if "beta" not in name or default > 1 else default}
    low = 0.0 if "beta" in name or name == "momentum" else min(1e-4, default)
    return {"low": low, "high": max(0.9999, default)}


def _fields(entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name and dataclass field of each knob."""
    options = OPTIONS | entry.get("options", {})
    for name, value in _all_arguments(entry).items():
        symbol, words = WORDS.get(name, ("", ""))
        spread = isinstance(value, list)
        for knob_name, default in zip(_numbered(name, value), value) if spread else [(name, value)]:
            facts: dict[str, Any] = {"label": knob_name.replace("_", " "), "symbol": symbol, "help": words}
            if spread:
                facts |= {
                    "symbol": rf"\beta_{knob_name[4]}" if knob_name[:4] == "beta" else "",
                    "help": words or "how slowly a mean forgets",
                }
            if isinstance(default, str):
                facts["options"] = tuple(options[name])
            elif not isinstance(default, bool):
                facts |= _range(knob_name, default)
                facts["low"], facts["high"] = entry.get("ranges", {}).get(knob_name, (facts["low"], facts["high"]))
            yield knob_name, knob(default, **facts)


def classes(library: Library) -> Iterator[type[LibraryOptimizer]]:
    """The class of each that can be used here; not yet registered."""
    for source, entry in library.read().items():
        if "unable" in entry:
            continue
        fields = dict(_fields(entry))
        watch = " ".join(
            [entry.get("watch", ""), *(words for setting, words in WATCH.items() if entry.get(setting))]
        ).strip()
        watch = f"\n\nWatch: {watch}" if watch else ""
        about = f"{entry['about']}\n\nFormula: as `{library.group}.{source}` computes it.{watch}\n\n"
        space = {
            "__doc__": f"{about}Reference: {entry['reference']}.",
            "__module__": __name__,
            "__annotations__": {name: type(field.default).__name__ for name, field in fields.items()},
            "library": library,
            "source": source,
            "entry": entry,
            "group": library.group,
            "reference": entry["reference"],
            "fixed": tuple(entry.get("fixed", ())),
            **{name: entry[name] for name in TOLD if name in entry},
            **fields,
        }
        yield type(source, (LibraryOptimizer,), space)


# -- what is read off the library -------------------------------------------------------------------------------------


def describe(library: Library, hand_written: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The entries anew: `hand_written` as far as it is written by hand, the rest as the installed library has it.

    A class that `hand_written` does not hold gets an entry without `about` and `reference`, to be written by hand.
    """
    import torch

    module, entries = import_module(library.module), {}
    for name in sorted(module.__all__, key=str.lower):
        kind = getattr(module, name)
        from_library = inspect.isclass(kind) and kind.__module__.startswith(library.home)
        if from_library and issubclass(kind, torch.optim.Optimizer) and kind is not torch.optim.Optimizer:
            entry = {part: value for part, value in hand_written.get(name, {}).items() if part not in READ}
            entries[name] = entry | _signature(kind, entry)
    return entries


def _signature(kind: Any, entry: dict[str, Any]) -> dict[str, Any]:
    """The arguments with simple defaults, and the options of those that are words."""
    arguments: dict[str, Any] = {}
    options: dict[str, list[str]] = {}
    hints = get_type_hints(kind.__init__)
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        default, allowed = parameter.default, get_args(hints.get(name)) or (hints.get(name),)
        words = [w for w in allowed if isinstance(w, str)]
        if name in TECHNICAL or name in entry.get("needed", {}) or name in entry.get("left", ()):
            continue
        if type(default) is int and float in allowed:
            default = float(default)
        if type(default) is str and words:
            arguments[name], options[name] = default, words
        elif type(default) in (bool, int) or (type(default) is float and math.isfinite(default)):
            arguments[name] = default
        elif (
            type(default) is tuple and 1 < len(default) <= 3 and all(type(number) in (int, float) for number in default)
        ):
            arguments[name] = [float(number) for number in default]
    return {"arguments": arguments} | ({"options": options} if options else {})
