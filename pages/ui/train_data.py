"""Images that are not there yet: fetched once for everybody, or sent as a zip. Both go on when the page is left."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import streamlit as st

from pages.ui import controls
from pages.ui.link import sentence
from playground.choices.datasets import Dataset, OwnImages
from playground.data import own
from playground.jobs import Job, Running, Threads, with_progress
from playground.jobs.reports import Work
from playground.messages import NOTHING, Message, tr
from playground.registry import ChoiceError

MEGA = 1 << 20


LOADS = Threads(8, name="images")
_loads: dict[Hashable, Running] = {}  # by data set, and by visitor and file


def dataset(data: Dataset, key: str) -> Dataset:
    """The knobs of a data set, and how to get its images where they are not there."""
    if isinstance(data, OwnImages):
        return _upload(data, key)
    data = controls.knobs(data, key)
    if data.missing():
        _fetch(data, key)
    return data


def _fetch(data: Dataset, key: str) -> None:
    """The button that fetches a data set into the cache, and how far that is; the images are read again by the run."""
    load = _loads.get(data)
    if load and not load.is_over:
        _progress(data)
        return
    title = Message("Fetching {title}", title=Message(data.label))
    if load and (problem := _problem(load, title)):
        st.warning(sentence(problem), icon=":material/cloud_off:")

    def on_fetch() -> None:
        _loads[data] = _begin(lambda on_progress: data.load(on_progress) and None)

    label = tr("Fetch {title}", title=Message(data.label))
    st.button(label, icon=":material/download:", key=f"{key}.fetch", on_click=on_fetch, width="stretch")


def _upload(data: OwnImages, key: str) -> Dataset:
    """A zip becomes its digest, which is all that the link holds."""
    limits = own.LIMITS
    upload = st.file_uploader(
        tr("Zip with one folder per class"), type="zip", key=f"{key}.zip", max_upload_size=limits.zip_bytes // MEGA,
        help=tr(
            "At most {images:count} images in {classes} classes, {per_class} of each class at least; folders train/ "
            "and test/ above the classes are understood.",
            images=limits.images, classes=limits.classes, per_class=limits.per_class,
        ),
    )  # fmt: skip
    if upload is not None:
        name = (st.session_state.get("visitor"), upload.file_id)
        if name not in _loads:
            contents, file = [upload.getvalue()], upload.name.rsplit(".", 1)[0]  # taken out, so that no memory is held
            _loads[name] = _begin(lambda on_progress: own.keep(contents.pop(), on_progress, file))
        load, title = _loads[name], Message("Reading {name}", name=upload.name)
        if not load.is_over:
            _progress(name)
        elif problem := _problem(load, title):
            st.error(sentence(problem), icon=":material/folder_off:")
        elif data.digest != load.result() and st.session_state.get(f"{key}.taken") != upload.file_id:
            st.session_state[f"{key}.taken"] = upload.file_id
            data = replace(data, digest=load.result())
    if not data.missing():
        digest = data.digest[:12]
        st.caption(
            tr("The link names this zip by its digest, {digest}; the images stay on this server.", digest=digest)
        )
    return data


def _begin(work: Work) -> Running:
    return LOADS.submit(Job(work=with_progress, arguments=(work,)))


def _problem(load: Running, title: Message) -> Message:
    """Why it did not succeed, nothing where it did."""
    try:
        load.result()
    except ChoiceError as problem:
        return problem.message
    except Exception as problem:  # whatever it is, the page shows it
        about = {"kind": type(problem).__name__, "why": str(problem)}
        return Message("{title} did not succeed ({kind}: {why}).", title=title, **about)
    return NOTHING


@st.fragment(run_every=0.4)
def _progress(name: Hashable) -> None:
    load = _loads[name]
    if load.is_over:
        st.rerun()
    share = load.progress.share
    st.progress(min(max(share, 0.0), 1.0) if share == share else 0.0, text=sentence(load.progress.message))
