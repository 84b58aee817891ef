"""What stands beside the paths of a comparison of forms: verdicts, formulas, and how one form becomes the other."""

from __future__ import annotations

import streamlit as st

import playground as pg
from pages.ui import link
from pages.ui.shell import theme
from playground.choices.optimizers.formula import formula
from playground.record import FormsRecord
from playground.view.theme import look


def verdicts(record: FormsRecord) -> None:
    """One sentence for each pair, with a mark for same or not."""
    signs = (":material/equal:" if same else ":material/call_split:" for same in record.same)
    st.markdown("  \n".join(f"{sign} {link.plain(str(line))}" for sign, line in zip(signs, record.sentences)))


def formulas(spec: pg.Forms) -> None:
    """The variants side by side, each derived from the rule that was run."""
    variants = spec.form.variants()
    for cell, place, one in zip(st.columns(len(variants)), range(len(variants)), variants):
        style = look(place)
        with cell:
            st.markdown(f'**:color[{style.sign}]{{foreground="{getattr(style, theme())}"}} {link.plain(one.label)}**')
            st.latex(_aligned(formula(one.rule, scheduled=not spec.constant_rate())))
            if one.mapping:
                st.caption(f"Its state, from that of the form {link.plain(variants[0].label)} (there)")
                st.latex(one.mapping)
    st.markdown(f"**{link.plain(spec.form.label)}.** {link.plain(spec.form.look)}")
    st.caption(f"Reference: {spec.form.reference}")


def _aligned(equations: tuple[str, ...]) -> str:
    """Equations below each other, at their equals signs."""
    rows = r" \\ ".join(one.replace(" = ", " &= ", 1) for one in equations)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"
