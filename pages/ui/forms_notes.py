"""The part beside the paths of a comparison of forms: verdicts, formulas, and how one form becomes the other."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import about, link
from pages.ui.shell import theme
from playground.choices.optimizers.formula import formula
from playground.messages import Message, tr, translate
from playground.record import FormsRecord
from playground.view.theme import racer_style


def verdicts(record: FormsRecord) -> None:
    """One sentence for each pair, with a mark for same or not."""
    signs = (":material/equal:" if same else ":material/call_split:" for same in record.same)
    st.markdown("  \n".join(f"{sign} {link.plain(str(line))}" for sign, line in zip(signs, record.sentences)))


def formulas(spec: pg.Forms) -> None:
    """The variants side by side, each derived from the rule that was run."""
    variants = spec.form.variants()
    for cell, index, variant in zip(st.columns(len(variants)), range(len(variants)), variants):
        style = racer_style(index)
        with cell:
            label = link.plain(translate(variant.label))
            st.markdown(f'**:color[{style.sign}]{{foreground="{getattr(style, theme())}"}} {label}**')
            st.latex(_align(formula(variant.rule, scheduled=not spec.constant_rate())))
            if variant.mapping:
                first = Message(variants[0].label)
                st.caption(link.plain(tr("Its state, from that of the form {form} (there)", form=first)))
                st.latex(variant.mapping)
    st.markdown(f"**{link.plain(translate(spec.form.label))}.** {link.plain(translate(spec.form.look))}")
    st.caption(about.reference(spec.form.reference))


def _align(equations: tuple[str, ...]) -> str:
    """Equations below each other, at their equals signs."""
    rows = r" \\ ".join(equation.replace(" = ", " &= ", 1) for equation in equations)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"
