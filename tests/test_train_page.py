"""The page Train without a browser: it opens, every choice can be selected, nothing the user made is lost."""

import shutil
from dataclasses import replace

import opened
import pytest
from opened import open_page, quiet, widget

import playground as pg
from pages.ui import runs, train_clock, train_data, train_facts, train_status
from playground.choices.live import live
from playground.formats import formats
from playground.messages import NOTHING
from playground.presets.training import TRAININGS, training
from playground.record import End
from playground.runs.store import Status, Store


class Stand:
    """A Runner that remembers what it was asked, and says what it was told to."""

    problem = ""

    def __init__(self, folder):
        self.asked, self.states, self.unbegun, self.store = [], {}, (), self
        self.folder = folder

    def warm(self):
        self.asked.append("warm")

    def status(self, key):
        return self.states.get(key, status())

    def submit(self, spec, visitor):
        self.asked.append(("submit", spec.key))
        self.states[spec.key] = status(state="running", watchers=15)
        return self.states[spec.key]

    def leave(self, key, visitor):
        self.asked.append(("leave", key))
        self.states[key] = status(state="stopped", resumable=True)

    def change(self, spec, field, value, visitor):
        changed = spec.at(205, field, value)
        self.states[changed.key] = self.states[spec.key]
        return changed

    def has_record(self, key):
        return key not in self.unbegun

    def test(self, spec):
        raise pg.ChoiceError("test: this run is 7, but must have ended.")


def status(state="missing", **facts):
    return Status(state=state, **facts)


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    opened.in_root(monkeypatch)
    stand = Stand(tmp_path)
    monkeypatch.setattr(runs, "runner", lambda: stand)
    return stand


def open_train(query=""):
    """The page Train at a link."""
    return open_page("train", query)


def spec(app):
    return app.session_state["train.spec"]


def press(app, part):
    widget("button", app, part).click()
    return quiet(app.run())


def set_to(kind, app, part, value):
    widget(kind, app, part).set_value(value)
    return quiet(app.run())


def test_it_opens_with_the_first_preset_and_writes_it_into_the_address(here):
    app = open_train()
    assert spec(app) == TRAININGS[0].comparison() and "warm" in here.asked and not app.warning
    pairs = [(name, [value] if isinstance(value, str) else value) for name, value in app.query_params.items()]
    query = "&".join(f"{name}={value}" for name, values in pairs for value in values)
    assert pg.Comparison.from_query(query) == spec(app)


@pytest.mark.parametrize("preset", TRAININGS, ids=lambda preset: preset.name)
def test_a_link_restores_the_whole_comparison(preset):
    app = open_train(preset.comparison().to_query())
    assert spec(app) == preset.comparison() and not app.warning
    assert app.selectbox(key="train.preset").value == preset.question


def test_every_preset_can_be_selected():
    app = open_train()
    for preset in TRAININGS:
        app.selectbox(key="train.preset").set_value(preset.question)
        quiet(app.run())
        assert spec(app) == preset.comparison()


SECTIONS = {"data": "Data", "preprocessing": "Data", "network": "Net", "activation": "Net", "normalization": "Net",
            "initializer": "Init", "optimizer": "Optimizer", "schedule": "Schedule"}  # fmt: skip


@pytest.mark.parametrize("field", SECTIONS)
def test_every_choice_of_every_menu_can_be_selected(field):
    app = press(open_train(training().to_query()), f"run0.{SECTIONS[field]}.line")
    for name, cls in pg.Training.fields()[field].registry.items():
        set_to("selectbox", app, f"run0.{field}", name)
        assert getattr(spec(app).runs[0], field).name == name
        fresh = train_facts.fitting(cls) if field == "optimizer" else cls()
        assert getattr(spec(app).runs[0], field) == fresh or name == getattr(training(), field).name


@pytest.mark.parametrize("field, title", [("regularizers", "Regularize"), ("augmentations", "Augment")])
def test_every_regularizer_and_augmentation_can_be_chosen_together(field, title):
    app = press(open_train(training().to_query()), f"run0.{title}.line")
    registry = pg.Training.fields()[field].registry
    set_to("multiselect", app, f"run0.{field}", list(registry))
    assert getattr(spec(app).runs[0], field) == tuple(cls() for cls in registry.values())
    set_to("multiselect", app, f"run0.{field}", [])
    assert getattr(spec(app).runs[0], field) == ()


def test_every_section_opens_at_once_and_its_knobs_reach_the_spec():
    app = open_train(training(regularizers=["l2", "dropout"], augmentations=["flip"]).to_query())
    for title in (*dict.fromkeys(SECTIONS.values()), "Regularize", "Augment", "Seed"):
        press(app, f"run0.{title}.line")
    set_to("number_input", app, "run0.regularizers.dropout.p", 0.3)
    set_to("number_input", app, "run0.epochs", 3)
    set_to("number_input", app, "run0.seed", 7)
    set_to("selectbox", app, "run0.schedule_by", "epoch")
    run = spec(app).runs[0]
    assert [regularizer.name for regularizer in run.regularizers] == ["l2", "dropout"] and run.regularizers[1].p == 0.3
    assert (run.epochs, run.seed, run.schedule_by) == (3, 7, "epoch")
    assert "Dropout 0.3" in widget("button", app, "run0.Regularize.line").label


def test_a_regularizer_without_effect_says_so():
    app = press(
        open_train(training(network="mlp", regularizers=["stochastic_depth"]).to_query()), "run0.Regularize.line"
    )
    assert any("No effect" in caption.value and "residual" in caption.value for caption in app.caption)


def test_runs_are_copied_edited_and_removed():
    app = press(open_train(training().to_query()), "run0.Optimizer.line")
    app = press(app, "copy")
    assert len(spec(app).runs) == 2 and any("the same" in caption.value for caption in app.caption)
    set_to("selectbox", app, "run1.optimizer", "adam")  # the copy is what is edited, and its section is open as well
    assert [run.optimizer.name for run in spec(app).runs] == [training().optimizer.name, "adam"]
    assert "Adam" in widget("button", app, "run1.pick").label
    press(app, "run0.pick")
    set_to("number_input", app, "run0.optimizer.nesterov.lr", 0.125)
    assert spec(app).runs[0].optimizer.lr == 0.125 and spec(app).runs[1].optimizer == pg.net_optimizers["adam"](
        lr=0.001
    )
    press(app, "copy")
    press(app, "copy")
    assert len(spec(app).runs) == 4 and widget("button", app, "copy").disabled
    press(app, "remove")
    press(app, "run0.pick")
    press(app, "remove")
    assert [run.optimizer.name for run in spec(app).runs] == ["nesterov", "adam"]
    press(app, "remove")
    assert [run.optimizer.name for run in spec(app).runs] == ["adam"]


def test_a_bad_link_says_one_sentence_and_keeps_the_rest():
    app = open_train("v=1&net=mlp&epochs=0&seed=5")
    run = spec(app).runs[0]
    assert run.network.name == "mlp" and run.seed == 5 and run.epochs == training().epochs
    assert len(app.warning) == 1 and "Epochs is 0" in app.warning[0].value
    press(app, "run0.Seed.line")
    set_to("number_input", app, "run0.seed", 6)
    assert not app.warning


def test_start_stop_and_resume(here):
    two = pg.Comparison(runs=(training(), training(seed=1)))
    app = press(open_train(two.to_query()), "start")
    assert [call for call in here.asked if call[0] == "submit"] == [("submit", run.key) for run in two.runs]
    assert not [button for button in app.button if button.key.endswith(".start")]
    assert any("shared with 14 others" in caption.value for caption in app.caption)
    press(app, "stop")
    assert [call for call in here.asked if call[0] == "leave"] == [("leave", run.key) for run in two.runs]
    assert widget("button", app, "start").label == "Resume"
    assert not [caption for caption in app.caption if "resumed" in caption.value]  # the figures say it


def test_a_new_start_leaves_what_was_asked_for_before(here):
    app = press(press(open_train(training().to_query()), "start"), "run0.Seed.line")
    set_to("number_input", app, "run0.seed", 6)
    press(app, "start")
    assert [call for call in here.asked if call != "warm"][-2:] == [
        ("leave", training().key),
        ("submit", training(seed=6).key),
    ]


def test_a_stored_run_can_be_started_and_has_files_to_take_away(here):
    here.states = {training().key: status("stored", size=1000)}
    app = open_train(training().to_query())
    assert widget("button", app, "start").label == "Start"
    assert {button.proto.label for button in app.get("download_button")} == {kind.label for kind in formats().values()}
    press(app, "start")
    assert ("submit", training().key) in here.asked


def test_a_run_that_failed_before_its_first_step_has_no_files(here):
    here.states, here.unbegun = {training().key: status("failed", size=1000)}, (training().key,)
    app = open_train(training().to_query())
    assert not app.get("download_button") and not app.exception


@pytest.mark.parametrize("state", train_status.WORDS)
def test_every_state_has_words_and_a_button(here, state):
    here.states = {training().key: status(state, resumable=state in ("stopped", "lost"))}
    app = open_train(training().to_query())
    assert train_status.line_of(status(state))
    assert [b for b in app.button if b.key.rpartition(".")[2] in ("start", "stop", "again")]


def test_wrong_settings_of_the_server_are_one_sentence(monkeypatch):
    def wrong():
        raise pg.ChoiceError("settings.toml has a key called 'epoch', but may have only epochs.")

    monkeypatch.setattr(runs, "runner", wrong)
    app = open_train()
    assert len(app.error) == 1 and "called 'epoch'" in app.error[0].value and not app.button


def test_a_refusal_is_one_sentence(here):
    def refuse(spec, visitor):
        raise pg.ChoiceError("epochs is 900, but must be at most 20 on this server.")

    here.submit = refuse
    app = press(open_train(training().to_query()), "start")
    assert [warning.value for warning in app.warning] == ["Epochs is 900, but must be at most 20 on this server."]


def test_a_change_while_it_trains_becomes_part_of_the_link(here):
    app = press(open_train(training(regularizers=["dropout"]).to_query()), "start")
    for field, value in (("lr", 0.01), ("momentum", 0.5), ("weight_decay", 0.001), ("dropout", 0.25)):
        set_to("number_input", app, f"change0.{field}", value)
    run = spec(app).runs[0]
    assert {switch.field: switch.value for switch in run.switches} == {
        "lr": 0.01, "momentum": 0.5, "weight_decay": 0.001, "dropout": 0.25
    }  # fmt: skip
    assert str(app.query_params["switch"]).count("205:") == 4
    assert widget("number_input", app, "change0.lr").value == 0.01
    press(app, "change0.205:lr:0.01")
    assert "lr" not in {switch.field for switch in spec(app).runs[0].switches}


def test_a_value_that_only_this_optimizer_takes_can_be_changed(here):
    app = press(open_train(training(optimizer=("adadelta", {"lr": 50.0})).to_query()), "start")
    assert widget("number_input", app, "change0.lr").value == 50 and not app.exception


def test_what_the_optimizer_lacks_cannot_be_changed(here):
    app = press(open_train(training(optimizer="adagrad").to_query()), "start")
    fields = {text_input.key.rpartition("change0.")[2]: text_input.disabled for text_input in app.text_input}
    assert fields == {"momentum.none": True, "dropout.none": True}
    assert set(live) - {"momentum", "dropout"} == {"lr", "weight_decay"}


@pytest.mark.parametrize("preset", TRAININGS, ids=lambda preset: preset.name)
def test_the_tabs_open(preset):
    app = open_train(preset.comparison().to_query())
    for tab in ("What to look at", "Formulas and sources", "Without a browser"):
        app.session_state["train.tabs"] = tab
        quiet(app.run())


def test_cifar_that_is_not_there_is_fetched_with_a_progress_that_outlives_the_page(monkeypatch, tmp_path):
    import threading

    goes_on = threading.Event()

    def load(progress, source=None):
        progress("Fetching CIFAR-10: 17 of 170 MB", 0.1)
        goes_on.wait(20)
        raise pg.ChoiceError("CIFAR-10 could not be fetched from here: it needs a network once.")

    monkeypatch.delenv("PLAYGROUND_DATA_DIR", raising=False)
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr("playground.data.cifar10.load", load)
    query = training(data="cifar10").to_query()
    app = press(open_train(query), "run0.Data.line")
    assert any("170 MB" in caption.value for caption in app.caption)
    press(app, "run0.data.cifar10.fetch")
    load = train_data._loads[pg.datasets["cifar10"]()]
    for visit in (app, press(open_train(query), "run0.Data.line")):  # a refresh is a new session
        assert not visit.warning and not [b for b in visit.button if b.key.endswith("fetch")]
    goes_on.set()
    assert load.wait(20)
    quiet(app.run())
    assert "needs a network once" in app.warning[0].value
    train_data._loads.clear()


def test_without_a_zip_there_is_nothing_to_start(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    app = open_train(training(data="own").to_query())
    assert widget("button", app, "start").disabled and any("send a zip" in caption.value for caption in app.caption)


def test_words_for_the_line():
    assert str(train_status.line_of(status(state="queued", position=2, watchers=15))) == (
        "Number 2 in line, shared with 14 others"
    )


def test_the_summary_counts_what_the_engine_will_count():
    run = training(images=1000, validation=0.2, batch=100, epochs=3)
    assert train_facts.steps(run) == 24 and train_facts.steps(replace(run, batch=0)) == 3
    assert "48 steps: about 1.5 min" in train_facts.cost(pg.Comparison(runs=(run, run)), 90)


def test_the_expected_time_learns_from_the_runs_before(tmp_path):
    run, other = training(images=1000, batch=100, epochs=3), training(network="mlp")
    store = Store(tmp_path)
    first = train_clock.seconds(run, store)
    store.make(run.key, run.to_query())
    end = End(word="finished", sentence=NOTHING, step=24, seconds=3 * first, best_step=8, layer="")
    store.put_end(run.key, end)
    newer = store.of("0" * 32)
    shutil.copytree(store.of(run.key), newer)
    (newer / "end.json").write_text('{"schema": 99}')
    (tmp_path / "cluster.log").touch()
    assert train_clock.seconds(run, store) == pytest.approx(3 * first)
    assert train_clock.seconds(replace(run, seed=5, epochs=6), store) == pytest.approx(6 * first)
    assert train_clock.seconds(other, store) > 0


def test_what_has_ended_can_be_trained_again_with_another_seed(here):
    two = pg.Comparison(runs=(training(), training(seed=4)))
    here.states = {run.key: status("finished") for run in two.runs}
    app = press(press(open_train(two.to_query()), "run0.Seed.line"), "again")
    assert [run.seed for run in spec(app).runs] == [1, 5] and widget("number_input", app, "run0.seed").value == 1
    assert [call for call in here.asked if call[0] == "submit"] == [("submit", run.key) for run in spec(app).runs]


def test_a_test_that_cannot_be_done_is_one_sentence(here):
    here.states = {training().key: status("finished")}
    app = press(open_train(training().to_query()), "test")
    assert [warning.value for warning in app.warning] == [r"Test\: this run is 7, but must have ended."]


def test_an_optimizer_begins_with_a_learning_rate_for_nets():
    rates = {
        name: train_facts.fitting(pg.net_optimizers[name]).lr for name in ("sgd", "momentum", "adam", "lion", "muon")
    }
    assert rates == {"sgd": 0.1, "momentum": 0.01, "adam": 0.001, "lion": 0.001, "muon": 0.02}
