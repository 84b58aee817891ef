"""Every text that a page shows, and what of it is English: for the test in a made-up language."""

import json
import re
from collections.abc import Iterator
from typing import Any

import made_up

import playground as pg
from playground.registry import Registry

UNSEEN = {  # fields of an element that nobody reads
    "id", "key", "name", "icon", "url", "query_string", "page", "page_script_hash", "form_id", "element_hash", "css",
    "style", "script", "html_content", "js_content", "css_content", "color", "format", "data_hash",
    "component_name", "page_name", "type", "raw_value", "deferred_file_id", "image_url", "mime", "selection_mode",
    "external", "script_path", "user_key", "url_pathname", "app_home", "default_value_json",
}  # fmt: skip
SPOKEN = {"title", "subtitle", "description", "text", "label", "labels", "alt", "help", "legend"}
"""Keys in the data of a chart or a component whose texts somebody reads."""

PROPER = {
    *(cls.label for kinds in (pg.optimizers, pg.net_optimizers) for cls in kinds.values()),
    *(getattr(cls, "source", "") or "-" for kinds in (pg.optimizers, pg.net_optimizers) for cls in kinds.values()),
    "ms",
    "Adam", "Nesterov", "Newton", "SciPy", "PyTorch", "torch", "CIFAR", "Himmelblau", "Rosenbrock", "Taylor",
    "Polyak", "Dask", "Streamlit", "NumPy", "CS231n", "Stanford", "ReLU", "SVG", "PNG", "PDF", "CSV", "NPZ",
    "HTML", "lr", "ln", "min", "max", "eps", "rho", "beta", "MB", "kB", "GB", "NaN", "GPU", "RGB", "zip", "pip",
    "Python", "float32", "float64", "Optimizer Playground", "torch.optim", "pytorch_optimizer",
}  # fmt: skip
CITED = [
    text
    for registry in vars(pg).values() if isinstance(registry, Registry)
    for cls in registry.values()
    for text in (getattr(cls, "source", ""), getattr(cls, "reference", ""), cls.paragraphs().get("Reference", ""))
    if text and " " in text
] + ["Dolan and Moré, Benchmarking optimization software with performance profiles"]  # fmt: skip
NAMES = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(PROPER, key=len, reverse=True))) + r")\b")
KEPT = re.compile(
    r"<(script|style)>.*?</\1>|```.*?```|#[0-9a-f]{6}\b|[\w.-]+\.(?:toml|py|csv|png|svg|npz|pdf|json|log)\b|"
    + made_up.KEPT.pattern,
    re.S,
)
WORD = re.compile(r"[A-Za-z]{2,}")


def english(text: str) -> list[str]:
    """The words of a text that have not gone through a catalogue and are no names, formulas or code."""
    for cited in CITED:
        text = text.replace(cited, " ")
    return WORD.findall(NAMES.sub(" ", KEPT.sub(" ", text)))


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """Where and what: every text of an element of a page and of all elements in it."""
    if getattr(node, "proto", None) is not None and hasattr(node.proto, "ListFields"):
        kind = getattr(node, "type", type(node).__name__)
        yield from ((f"{kind}.{where}", text) for where, text in _fields(node.proto))
    for child in getattr(node, "children", {}).values():
        yield from texts(child)


def _fields(proto: Any) -> Iterator[tuple[str, str]]:
    for field, value in proto.ListFields():
        if field.name in UNSEEN:
            continue
        for item in value if field.is_repeated else [value]:
            if field.name == "json":
                yield from _json(field.name, item)
            elif isinstance(item, str):
                yield from _json(field.name, item) if item[:1] in "{[" else [(field.name, item)]
            elif hasattr(item, "ListFields"):
                yield from ((f"{field.name}.{where}", text) for where, text in _fields(item))


def _json(name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        data = json.loads(text)
    except ValueError:
        return iter([(name, text)])
    return spoken(data, name)


def spoken(part: Any, where: str, is_spoken: bool = False) -> Iterator[tuple[str, str]]:
    """The texts below a key of `SPOKEN` in what JSON holds."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from spoken(value, f"{where}.{key}", key in SPOKEN)
    elif isinstance(part, list):
        for value in part:
            yield from spoken(value, where, is_spoken)
    elif isinstance(part, str) and is_spoken:
        yield where, part
