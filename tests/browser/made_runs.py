"""Logs of trainings that were never run, as the engine would write them, and a small server that gives them out."""

import json
import math
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import numpy as np

from pages.ui.modules import KINDS
from playground.messages import Message
from playground.paths import ASSETS
from playground.record import Change, End, Filters, Finding, Preparation, Probe, Samples, Start, Tick, Validation
from playground.runs.log import encode

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LAYERS = ("conv 1", "conv 2", "conv 3", "conv 4", "conv 5", "dense 1", "scores")
BINS = 64


def made(
    seed=0, *, epochs=10, per_epoch=155, seconds=96.0, layers=LAYERS, floor=0.45, overfits=0.0, averaged=False,
    diverges_at=0, dead=(), saturated=(), changes=(), probes=380, ticks=None, ends=True, lr=0.05,
):  # fmt: skip
    """The events of one run, in order."""
    rng = np.random.default_rng(seed)
    steps = epochs * per_epoch
    every = np.arange(1, steps + 1)
    losses = floor + (2.3 - floor) * np.exp(-4.2 * every / steps) + 0.09 * rng.standard_normal(steps)
    accuracies = np.clip(
        0.1 + (0.93 - floor) * (1 - np.exp(-4.2 * every / steps)) + 0.04 * rng.standard_normal(steps), 0, 1
    )
    if diverges_at:
        losses[diverges_at - 60 :] *= np.exp(np.arange(steps - diverges_at + 60) / 12)
    last = diverges_at or steps
    rates = lr * np.where(
        every < 0.25 * steps, every / (0.25 * steps), np.maximum(0, 1 - (every / steps - 0.25) / 0.75)
    )
    timed = dict(zip(("tick", "probe"), (ticks or int(seconds * 4), probes)))
    marks = {kind: sorted({int(s) for s in np.linspace(1, steps, count + 1)[1:]}) for kind, count in timed.items()}
    yield Preparation(text=Message("Reading the images"), share=0.4)
    yield Start(
        key=f"{seed:032x}", query="v=1", title="CIFAR-10 (8,068 of 50,000 images)", stamp="", classes=CLASSES,
        layers=tuple(layers), parameters=242_186, operations=18_400_000, images=7260, validation_images=808, batch=128,
        steps=steps, steps_per_epoch=per_epoch, device="cpu", threads=2, precision="float32",
        bounded=tuple(bool(saturated) for _ in layers), initial_loss=2.31,
    )  # fmt: skip
    yield Samples(step=0, **_samples(rng))
    previous = 0
    for step in range(1, last + 1):
        clock = seconds * step / steps
        for at, field, value in changes:
            if at == step:
                yield Change(step=step, field=field, value=value)
        if step in (1, per_epoch // 2) or step % per_epoch == 0:
            yield Filters(step=step, pictures=_filters(seed, step / steps))
        if step in marks["probe"] or step == 1:
            yield _probe(rng, step, clock, steps, len(layers), dead, saturated, lr)
        if step in marks["tick"] or step == last:
            part = slice(previous, step)
            yield Tick(
                step=step, epoch=step / per_epoch, seconds=clock, rate=float(rates[step - 1]),
                loss=float(losses[part].mean()), accuracy=float(accuracies[part].mean()),
                speed=128 * steps / seconds * (1 + 0.03 * rng.standard_normal()),
                losses=losses[part].astype("<f4"), accuracies=accuracies[part].astype("<f4"),
            )  # fmt: skip
            if previous == 0:
                sentence = "The loss before the first step is 2.31, close to ln 10 = 2.3, the loss of an even guess: "
                sentence += "a sound beginning."
                yield Finding(
                    step=1, name="first loss", sentence=Message(sentence), curve="loss", first=0, last=1, layer=""
                )
            previous = step
        if dead and step == steps // 3:
            sentence = f"68 % of the units of {layers[dead[0]]} give the same value for every image: dead. "
            sentence += "Try other initial weights."
            yield Finding(
                step=step,
                name="dead",
                sentence=Message(sentence),
                curve="activations",
                first=step,
                last=step,
                layer=layers[dead[0]],
            )
        if step % per_epoch == 0:
            yield _validation(rng, step, per_epoch, clock, losses, accuracies, overfits * (step / steps) ** 2, averaged)
        if overfits and step == steps * 8 // 10:
            sentence = (
                "Validation loss rises since epoch 5 (from 0.94 to 1.12) while training loss falls (to 0.46): "
                "overfitting. Try augmentation, dropout, weight decay or early stopping."
            )
            yield Finding(
                step=step,
                name="overfitting",
                sentence=Message(sentence),
                curve="loss",
                first=steps // 2,
                last=step,
                layer="",
            )
        if step % (2 * per_epoch) == 0:
            yield Samples(step=step, **_samples(rng))
    if ends:
        word, sentence = "finished", f"Finished after {seconds:.0f} s; the best validation loss was at epoch {epochs}."
        if diverges_at:
            word, sentence = "diverged", f"The loss left the finite numbers at step {last}; it began in {layers[0]}."
        yield End(
            word=word, sentence=Message(sentence), step=last, seconds=seconds * last / steps,
            best_step=last // per_epoch * per_epoch, layer=layers[0] if diverges_at else "",
        )  # fmt: skip


@cache
def _pictures():
    """Ten by eight pictures that can be told apart: (10, 8, 32, 32, 3) uint8."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[-1:1:32j, -1:1:32j]
    out = np.empty((10, 8, 32, 32, 3), np.uint8)
    for c in range(10):
        for k in range(8):
            ground, ink = rng.uniform(40, 220, 3), rng.uniform(20, 250, 3)
            turn = math.pi * c / 10 + 0.2 * rng.standard_normal()
            wave = np.sin((3 + c) * (x * math.cos(turn) + y * math.sin(turn)) + rng.uniform(0, 6))
            shape = np.hypot(x - rng.uniform(-0.3, 0.3), y - rng.uniform(-0.3, 0.3)) < 0.65
            part = (shape * (0.5 + 0.5 * wave))[..., None]
            out[c, k] = np.clip(ground * (1 - part) + ink * part + 8 * rng.standard_normal((32, 32, 3)), 0, 255)
    return out


def _samples(rng):
    labels = rng.integers(0, 10, 18).astype("u1")
    images = _pictures()[labels, rng.integers(0, 8, 18)].copy()
    partners, shares = labels.copy(), np.ones(18, "<f4")
    for i in range(0, 18, 3):
        partners[i], shares[i] = rng.integers(0, 10), np.float32(rng.beta(0.5, 0.5))
        other = _pictures()[partners[i], 0]
        images[i] = (shares[i] * images[i] + (1 - shares[i]) * other).astype("u1")
    images[::2] = images[::2, :, ::-1]
    return {"images": images, "labels": labels, "partners": partners, "shares": shares}


@cache
def _grains(seed):
    return np.random.default_rng(seed).standard_normal((32, 5, 5, 3))


def _filters(seed, part):
    y, x = np.mgrid[-1:1:5j, -1:1:5j]
    turn = np.linspace(0, math.pi, 32)[:, None, None]
    wave = np.sin(4 * (x * np.cos(turn) + y * np.sin(turn)))[..., None] * np.array([1, 0.6, -0.8])
    values = part * 2 * wave + (1 - part) * _grains(seed)
    low, high = values.min((1, 2, 3), keepdims=True), values.max((1, 2, 3), keepdims=True)
    return ((values - low) / (high - low) * 255).astype("u1")


def _counted(values):
    """A histogram as the engine makes it: counts in 65535ths of the fullest bin, and its ends."""
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, BINS, (low, high if high > low else low + 1e-6))
    return (counts * (65535 / counts.max())).astype("<u2"), (low, high)


def _probe(rng, step, clock, steps, count, dead, saturated, lr):
    part = step / steps
    rows = {}
    for layer in range(count):
        noise = rng.standard_normal(1500)
        spread = (0.6 + 0.9 * part) * (1 + 0.1 * layer)
        if layer == count - 1:
            activations = noise * (0.3 + 3 * part)
        elif layer in saturated:
            activations = np.tanh(noise * (1.5 + 4 * part))
        else:
            activations = np.maximum(0, noise * spread - 0.2 - (2.2 * part if layer in dead else 0))
        size = 10 ** (-2 - 0.22 * (count - layer)) * (1 - 0.7 * part)
        gradients, weights = (
            noise * size * (1 + 0.3 * rng.standard_normal()),
            noise * (0.08 + 0.03 * part / (1 + layer)),
        )
        row = {}
        for name, values in (("activation", activations), ("gradient", gradients), ("weight", weights)):
            row[f"{name}s"], row[f"{name}_range"] = _counted(values)
            row[f"{name}_mean"], row[f"{name}_std"] = values.mean(), values.std()
        row["dead"] = min(0.95, part * 1.3 + 0.05) if layer in dead else 0.02 * layer * part
        row["saturated"] = float((np.abs(activations) > 0.95).mean()) if layer in saturated else 0.0
        row["update_ratio"] = (
            lr * 0.04 * (1.2 - part) * 10 ** (0.25 * math.sin(layer)) * math.exp(0.2 * rng.standard_normal())
        )
        row["gradient_norm"] = size * 40 * math.exp(0.1 * rng.standard_normal())
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    arrays = {
        name: np.array(values, "<u2" if name in ("activations", "gradients", "weights") else "<f4")
        for name, values in rows.items()
    }
    return Probe(step=step, seconds=clock, total_norm=float(np.sqrt((arrays["gradient_norm"] ** 2).sum())), **arrays)


def _validation(rng, step, per_epoch, clock, losses, accuracies, gap, averaged):
    here = slice(step - per_epoch, step)
    loss = float(losses[here].mean()) + 0.12 + gap
    accuracy = float(np.clip(accuracies[here].mean() - 0.04 - 0.2 * gap, 0, 1))
    confusion = np.zeros((10, 10), "<u2")
    for true in range(10):
        right = rng.binomial(81, np.clip(accuracy + 0.15 * math.sin(3 * true), 0.02, 0.98))
        wrong = rng.multinomial(81 - right, rng.dirichlet(np.full(9, 0.4)))
        confusion[true] = np.insert(wrong, true, right)
    labels = rng.integers(0, 10, 12).astype("u1")
    guesses = np.stack([(labels + 1 + rng.integers(0, 4, 12)) % 10, labels, (labels + 6) % 10], 1).astype("u1")
    sure = rng.uniform(0.6, 0.99, 12)
    chances = np.stack([sure, (1 - sure) * 0.7, (1 - sure) * 0.25], 1).astype("<f4")
    if rng.random() < 0.5:
        guesses[:4, [1, 2]] = guesses[:4, [2, 1]]
    return Validation(
        step=step, epoch=step / per_epoch, seconds=clock, loss=loss, accuracy=accuracy,
        average_loss=loss - 0.08 if averaged else math.nan, average_accuracy=accuracy + 0.02 if averaged else math.nan,
        confusion=confusion, mistakes=_pictures()[labels, rng.integers(0, 8, 12)], labels=labels, guesses=guesses,
        probabilities=chances,
    )  # fmt: skip


class Log:
    """One run on the server: all its frames, and how many of its bytes are there already."""

    def __init__(self, events=(), state="finished", **facts):
        bodies = [(getattr(event, "seconds", 0.0), encode(event)) for event in events]
        self.data = b"".join(body for _, body in bodies)
        self.ends = np.cumsum([len(body) for _, body in bodies])
        self.clocks = np.maximum.accumulate([clock for clock, _ in bodies]) if bodies else np.zeros(0)
        self.size = len(self.data)
        self.state = state
        self.facts = {"position": None, "watchers": 1, "resumable": False, "generation": 0, **facts}
        self.asked = []

    def until(self, seconds):
        """As much as was written after so many seconds of training."""
        there = int(np.searchsorted(self.clocks, seconds, "right"))
        self.size = int(self.ends[there - 1]) if there else 0
        return self

    def answer(self, offset, visitor):
        self.asked.append((offset, visitor))
        header = {"state": self.state, "size": self.size, **self.facts}
        return self.data[offset : min(self.size, offset + 4_000_000)], json.dumps(header)


PAGE = """<!doctype html><meta charset="utf-8"><title>Observatory</title><link rel="icon" href="data:,">
<style>
  body { margin: 0; padding: 12px 16px; font-family: sans-serif; background: var(--st-background-color); }
  :root { --header: 0px; --st-font: "Source Sans 3", "Source Sans Pro", "DejaVu Sans", sans-serif; %(light)s }
  @media (prefers-color-scheme: dark) { :root { %(dark)s } }
</style>
<div id="host"></div>
<script type="module">
  import mount from "./assets/0/observatory/observatory.js";
  const parent = document.querySelector("#host").attachShadow({ mode: "open" });
  window.told = [];
  window.show = (data) => {
    window.last = data;
    mount({ parentElement: parent, data, setTriggerValue: (name, value) => window.told.push([name, value]) });
  };
  window.ready = true;
</script>"""


def page():
    """A page that mounts the component as Streamlit does, without Streamlit."""
    from playground.view.theme import THEMES

    def colours(theme):
        return (
            f"--st-background-color: {theme.background}; --st-secondary-background-color: {theme.panel}; "
            f"--st-text-color: {theme.text}; --st-border-color: {theme.grid};"
        )

    return PAGE % {name: colours(theme) for name, theme in THEMES.items()}


class LogServer:
    """Serves the page, the component and the logs in `logs` at a loopback address, below the path /lab/."""

    def __init__(self):
        self.logs = {}
        self.known = {}  # also those that were there: a question may be under way
        self.broken = False
        self.delay = 0.0  # seconds before a log is answered
        here = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                here.serve(self)

            def log_message(self, *_):
                pass

        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.httpd.daemon_threads = True
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.httpd.server_port}/lab/train"

    def serve(self, request):
        address = urlparse(request.path)
        parts = address.path.strip("/").split("/")
        headers, status = {}, 200
        if parts == ["lab", "train"]:
            body, kind = page().encode(), "text/html"
        elif parts[:3] == ["lab", "assets", "0"]:
            path = ASSETS.joinpath(*parts[3:])
            body, kind = path.read_bytes(), KINDS[path.suffix]
        elif len(parts) == 4 and parts[:2] == ["lab", "runs"] and not self.broken:
            self.known.update(self.logs)
            time.sleep(self.delay)
            query = parse_qs(address.query)
            body, headers["X-Run"] = self.known[parts[2]].answer(int(query["from"][0]), query["visitor"][0])
            kind = "application/octet-stream"
        else:
            body, kind, status = b"not here", "text/plain", 503
        request.send_response(status)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def end(self):
        self.httpd.shutdown()
        self.httpd.server_close()
