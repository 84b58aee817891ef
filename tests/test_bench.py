"""The command for a day with a GPU: its parts keep their limits, and what they told is in the table."""

import json

import pytest

from bench import gpu

LOG = """\
[gw0] [ 1%] PASSED tests/test_race.py::test_one[adam-cuda] 
[gw1] [ 2%] FAILED tests/test_stepping.py::test_two[lbfgs-cuda]
[gw1] [ 3%] SKIPPED tests/test_basins.py::test_three
FAILED tests/test_stepping.py::test_two[lbfgs-cuda] - AssertionError: 1 - 2
"""


def test_cases_are_counted_also_of_a_run_that_was_stopped():
    rows, red = gpu.case_rows(LOG)
    assert rows == [("cases of the tests for a GPU", "1 passed, 1 failed, 1 skipped", "all pass")]
    assert red == ["tests/test_stepping.py::test_two[lbfgs-cuda]"]
    assert gpu.case_rows("")[0][0][1] == "none ran"


def test_a_part_that_fails_or_outruns_its_time_leaves_its_rows(tmp_path, monkeypatch, capsys):
    row = json.dumps(["what", "1 s", ""])
    programs = {
        "training": f"print('''{row}''', flush=True); import time; time.sleep(60)",
        "maps": f"print('''{row}''', flush=True); raise SystemExit('no memory')",
        "tests": f"print('''{LOG}''')",
    }
    monkeypatch.setattr(gpu, "_command", lambda part, options: ["-c", programs[part]])
    monkeypatch.setattr(gpu, "SECONDS", dict.fromkeys(programs, 2))
    assert gpu.main(["--device", "cpu", "--parts", "training,maps,tests", "--out", str(tmp_path)]) == 1
    results = json.loads((tmp_path / "gpu.json").read_text())
    assert [what for what, *_ in results["rows"]].count("what") == 2 and len(results["rows"]) == 6
    assert results["problems"] == [f"training: stopped after 2 s: {row}", "maps: ended with 1: no memory"]
    assert results["red"] == ["tests/test_stepping.py::test_two[lbfgs-cuda]"]
    assert (tmp_path / "gpu.md").read_text() in capsys.readouterr().out


def test_it_ends_before_the_machine_is_taken_back():
    assert sum(gpu.SECONDS.values()) <= 480
    with pytest.raises(SystemExit):
        gpu.main(["--device", "tpu"])


@pytest.mark.whole
def test_the_part_of_maps_runs_without_a_gpu():
    from bench.gpu_parts import maps

    assert len(list(maps("cpu", small=True))) == 2
