"""Images that are not there yet: fetched once for everybody, or sent as a zip. Both go on when the page is left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.ui import controls
from pages.ui.link import sentence
from playground.choices.datasets import Dataset, OwnImages
from playground.data import own
from playground.data.images import Progress
from playground.messages import NOTHING, Message, tr
from playground.registry import ChoiceError

MEGA = 1 << 20


class Job:
    """Work in a thread of its own, and how far it has come; `result` is what it returned, `problem` why it did not."""

    def __init__(self, title: Message, work: Callable[[Progress], object]) -> None:
        self.title, self.text, self.share = title, Message("Starting"), 0.0
        self.result: Any = None
        self.problem = NOTHING
        self.thread = threading.Thread(target=self._run, args=(work,), daemon=True, name=str(title))
        self.thread.start()

    def _run(self, work: Callable[[Progress], object]) -> None:
        try:
            self.result = work(self._tell)
        except ChoiceError as problem:
            self.problem = problem.message
        except Exception as problem:  # whoever waits must be told, whatever it is
            about = {"kind": type(problem).__name__, "why": str(problem)}
            self.problem = Message("{title} did not succeed ({kind}: {why}).", title=self.title, **about)

    def _tell(self, text: Message, share: float) -> None:
        self.text, self.share = text, share


_jobs: dict[Hashable, Job] = {}


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
    job = _jobs.get(data)
    if job and job.thread.is_alive():
        _progress(data)
        return
    if job and job.problem:
        st.warning(sentence(job.problem), icon=":material/cloud_off:")

    def fetch() -> None:
        _jobs[data] = Job(Message("Fetching {title}", title=Message(data.label)), lambda tell: data.load(tell) and None)

    label = tr("Fetch {title}", title=Message(data.label))
    st.button(label, icon=":material/download:", key=f"{key}.fetch", on_click=fetch, width="stretch")


def _upload(data: OwnImages, key: str) -> Dataset:
    """A zip becomes its digest, which is all that the link holds."""
    limits = own.LIMITS
    sent = st.file_uploader(
        tr("Zip with one folder per class"), type="zip", key=f"{key}.zip", max_upload_size=limits.zip_bytes // MEGA,
        help=tr(
            "At most {images:count} images in {classes} classes, {per_class} of each class at least; folders train/ "
            "and test/ above the classes are understood.",
            images=limits.images, classes=limits.classes, per_class=limits.per_class,
        ),
    )  # fmt: skip
    if sent is not None:
        name = (st.session_state.get("visitor"), sent.file_id)
        if name not in _jobs:
            _jobs[name] = _reading(sent)
        job = _jobs[name]
        if job.thread.is_alive():
            _progress(name)
        elif job.problem:
            st.error(sentence(job.problem), icon=":material/folder_off:")
        elif data.digest != job.result and st.session_state.get(f"{key}.taken") != sent.file_id:
            st.session_state[f"{key}.taken"] = sent.file_id
            data = replace(data, digest=job.result)
    if not data.missing():
        digest = data.digest[:12]
        st.caption(
            tr("The link names this zip by its digest, {digest}; the images stay on this server.", digest=digest)
        )
    return data


def _reading(sent) -> Job:
    content, title = sent.getvalue(), sent.name.rsplit(".", 1)[0]
    return Job(Message("Reading {name}", name=sent.name), lambda tell: own.keep(content, tell, title))


@st.fragment(run_every=0.4)
def _progress(name: Hashable) -> None:
    job = _jobs[name]
    if not job.thread.is_alive():
        st.rerun()
    st.progress(min(max(job.share, 0.0), 1.0), text=sentence(job.text))
