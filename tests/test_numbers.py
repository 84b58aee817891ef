"""Numbers as text; the same cases are put to the browser's module by `node --test`."""

import json
import math
import random
import subprocess
from pathlib import Path

import numpy as np
import pytest

from playground import numbers
from playground.messages import tr
from playground.numbers import FORMATS, exact, latex, latex_digits, quoted
from tests.test_javascript import node as find_node

ROOT = Path(__file__).parents[1]
CASES = json.loads((ROOT / "tests" / "number_cases.json").read_text())


@pytest.mark.parametrize(("name", "value", "text"), CASES)
def test_a_number_as_text(name, value, text):
    assert FORMATS[name](float(value)) == text == FORMATS[name](np.float64(value))


def test_every_format_has_cases():
    assert {name for name, *_ in CASES} == set(FORMATS) - {"quoted"}


def test_a_message_takes_the_formats():
    assert tr("{share:percent} of {n:count}, {it:quoted}", share=0.5, n=2000, it="a") == "50 % of 2,000, 'a'"


def test_an_exact_text_reads_back():
    rng = random.Random(0)
    for value in [rng.uniform(-1, 1) * 10 ** rng.randint(-20, 20) for _ in range(200)]:
        assert float(exact(value)) == value


def test_what_somebody_gave_is_quoted_and_cut():
    assert [quoted(v) for v in (0.5, 3, "x", math.inf)] == ["0.5", "3", "'x'", "inf"]
    assert len(quoted("x" * 100)) == 40


def test_numbers_in_formulas():
    assert [latex(v) for v in (0.999, 1e-8, -1e-8, 1 / 3, 12345678.0)] == [
        "0.999", "10^{-8}", "-10^{-8}", "0.333", r"1.23 \cdot 10^{7}",
    ]  # fmt: skip
    assert [latex_digits(v) for v in (1234.5, -2e-7, math.nan, -math.inf)] == [
        "1234",
        r"-2 \cdot 10^{-7}",
        r"\text{NaN}",
        r"-\infty",
    ]
    assert numbers.power(-12) == "10⁻¹²"


def test_the_browser_writes_the_same_of_any_number():
    rng = random.Random(1)
    values = [rng.choice((1, -1)) * 10 ** rng.uniform(-12, 12) for _ in range(400)]
    values += [round(value, 3) for value in values if abs(value) < 1e4] + [abs(value) for value in values]
    code = (
        f"import {{ FORMATS }} from '{(ROOT / 'assets' / 'kit' / 'numbers.js').as_uri()}';"
        "import { readFileSync } from 'node:fs'; const values = JSON.parse(readFileSync(0, 'utf8'));"
        "const whole = (name, value) => name === 'bytes' ? Math.round(value) : value;"
        "const all = ([name, write]) => [name, values.map((value) => write(whole(name, value)))];"
        "console.log(JSON.stringify(Object.fromEntries(Object.entries(FORMATS).map(all))));"
    )
    node = [find_node(), "--input-type=module", "-e", code]
    process = subprocess.run(node, input=json.dumps(values), capture_output=True, text=True, check=True)
    for name, texts in json.loads(process.stdout).items():
        for value, text in zip(values, texts):
            if value >= 0 or name not in ("amount", "bytes", "duration"):
                value = round(value) if name == "bytes" else value
                assert text == FORMATS[name](value), (name, value)
