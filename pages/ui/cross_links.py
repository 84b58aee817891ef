"""Links to the other labs that ask something of the same racers on the same surface."""

from __future__ import annotations

from typing import Any

import streamlit as st

import playground as pg
from pages.ui import page_cache, shell
from playground.labs import labs
from playground.messages import Message, tr, translate
from playground.specs import Question, Spec


def links(spec: Spec) -> None:
    """One for each such lab but the spec's own; each takes over what it can."""
    if not isinstance(spec, pg.Race | Question):
        return
    for lab in labs().values():
        if lab.related and lab.spec is not type(spec):
            about = tr("Ask of these racers: {question}", question=Message(lab.related))
            pairs = page_cache.query_pairs(_spec_of_kind(lab.spec, spec))
            st.page_link(shell.page_of(lab.name), label=translate(lab.title), help=about, query_params=pairs)


def _spec_of_kind(kind: Any, spec: pg.Race | Question) -> Spec:
    """The spec of another kind that asks of the same racers."""
    return kind.of(spec)
