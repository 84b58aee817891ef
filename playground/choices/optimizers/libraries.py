"""The optimizers of the libraries, listed behind our own: first torch.optim's, then pytorch_optimizer's."""

from __future__ import annotations

from playground.choices.optimizers.base import optimizers
from playground.choices.optimizers.ecosystem import LIBRARIES, TORCH, classes
from playground.messages import marked

_taken = {kind.label.lower() for kind in optimizers.values()} | {source.lower() for source in TORCH.read()}
for _library in LIBRARIES:
    for _kind in classes(_library):
        _same = _kind.source.lower() in _taken  # the label says whose it is where another one is called so
        optimizers(_library.name(_kind.source), f"{_kind.source} ({_library.group})" if _same else _kind.source)(_kind)
    for _source, _sentence in _library.unable(marked("{source} of {library} cannot race here: {why}.")).items():
        optimizers.refuse(_library.name(_source), _sentence)
