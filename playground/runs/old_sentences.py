"""Sentences of runs that were stored before logs held messages (schema 1), read back as messages.

What they say in English is kept, with today's way to write the numbers in them. The list is closed: it holds what
that version could write, so that its runs stay translatable whatever the program says today.
"""

from __future__ import annotations

import re
from functools import cache

from playground.messages import NOTHING, Message, marked

OLD = (
    marked(
        "The loss before the first step is {loss}, well above ln {classes} = {even}, the loss of an even guess: the "
        "first scores are sure of something they cannot know. Try smaller initial weights."
    ),
    marked(
        "The loss before the first step is {loss}, somewhat above ln {classes} = {even}, the loss of an even guess: "
        "the first scores differ a little, which the first steps put right."
    ),
    marked(
        "The loss before the first step is {loss}, close to ln {classes} = {even}, the loss of an even guess: a sound "
        "beginning."
    ),
    marked(
        "The training loss is higher than before the first step: the learning rate is too high. Try a tenth of it, or "
        "a warm-up."
    ),
    marked(
        "Validation loss rises since epoch {epoch} (from {low} to {high}) while training loss falls (to {train}): "
        "overfitting. Try augmentation, dropout, weight decay or early stopping."
    ),
    marked(
        "Training accuracy stays at {training:percent} and validation at {validation:percent}: underfitting. Try a "
        "larger net, a higher learning rate or less regularization."
    ),
    marked("Validation loss was still falling at the end (to {loss}): more epochs would help."),
    marked(
        "After {epochs} epoch accuracy is {accuracy:percent}, what guessing gives ({chance:percent}): nothing is "
        "learnt. Look at the gradients of every layer."
    ),
    marked(
        "After {epochs} epochs accuracy is {accuracy:percent}, what guessing gives ({chance:percent}): nothing is "
        "learnt. Look at the gradients of every layer."
    ),
    marked(
        "{share:percent} of the units of {layer} give the same value for every image: dead. Try other initial "
        "weights, a lower learning rate or a leaky activation."
    ),
    marked(
        "{share:percent} of the outputs of {layer} are saturated, where the gradient is almost zero. Try smaller "
        "initial weights (Xavier) or normalization."
    ),
    marked(
        "Gradients are vanishing towards the first layer: from {from_} to {to} (root mean square). Try He or Xavier "
        "initialization, normalization or another activation."
    ),
    marked(
        "Gradients are exploding towards the first layer: from {from_} to {to} (root mean square). Try He or Xavier "
        "initialization, normalization or another activation."
    ),
    marked(
        "No hidden layer gets a gradient: all its weights are alike, or every unit is at rest. Try He or Xavier "
        "initialization, normalization or another activation."
    ),
    marked("Updates are {ratio} of the weights (healthy: about 1e-3): the learning rate is too high."),
    marked("Updates are {ratio} of the weights (healthy: about 1e-3): the learning rate is too low."),
    marked("Trained {epochs} epoch."),
    marked("Trained {epochs} epochs."),
    marked("Stopped early: no lower validation loss for {epochs} epochs; epoch {best}'s weights are kept."),
    marked(
        "The loss left the finite numbers at step {step} (epoch {epoch}), first in layer {layer}. Lower the learning "
        "rate, clip the gradient or start from smaller weights."
    ),
    marked("Stopped at step {step}: {seconds} s of training are allowed on this server."),
    marked("Stopped at step {step}: nobody watched it."),
    marked("Stopped at step {step}: its program did not go on with it."),
    marked("Stopped at step {step}: its program was interrupted."),
    marked("Stopped at step {step}: interrupted."),
    marked("Stopped at step {step}."),
    marked("The training ran out of memory: take fewer images a batch, a smaller net or fewer images."),
    marked("The training failed ({kind}: {problem})."),
    marked("The process that trained has died, most likely for want of memory."),
)


def from_sentence(sentence: str) -> Message:
    """The message that a stored sentence was made of; one that is not known is kept as it is."""
    if not sentence:
        return NOTHING
    for template, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            percents = set(re.findall(r"{(\w+):percent}", template))
            values = {name: _number(text, name in percents) for name, text in found.groupdict().items()}
            return Message(template, **values)
    return Message("{sentence}", sentence=sentence)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((template, re.compile(_pattern(template))) for template in OLD)


def _pattern(template: str) -> str:
    """A percentage was written with a space before its sign, and before that without one."""
    pattern = re.sub(r"\\{(\w+):percent\\}", r"(?P<\1>[<>]? ?\\d+) ?%", re.escape(template))
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", pattern)


def _number(text: str, percent: bool) -> float | str:
    """A share, or what the sentence had at this place, letter by letter."""
    return float(text) / 100 if percent else text
