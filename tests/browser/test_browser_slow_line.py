"""Over a slow line, a visitor changes something before the answer to the change before has arrived."""

from conftest import shown_spec

import playground as pg

LATE = """
    window.WebSocket = class extends window.WebSocket {
        addEventListener(type, listen, ...more) {
            const late = (event) => setTimeout(() => listen(event), 600);
            super.addEventListener(type, type === "message" ? late : listen, ...more);
        }
    };
"""


def test_changes_before_the_answer_are_kept(visit):
    page = visit.page()
    page.add_init_script(LATE)
    player = visit.race(pg.Race(seed=3), page)
    for name, value in (("Start x", "0.5"), ("Start y", "0.25"), ("Seed", "4")):
        field = player.number(name)
        field.fill(value)
        field.press("Enter")
        page.wait_for_timeout(250)
    spec = pg.Race(starts=[(0.5, 0.25)], seed=4)
    player.painted(spec)
    page.wait_for_timeout(1500)
    assert shown_spec(page) == spec


def test_back_leads_to_what_was_before_a_change(visit):
    page = visit.page()
    page.add_init_script(LATE)
    player = visit.race(pg.Race(seed=3), page)
    player.set("Seed", 4)
    player.painted(pg.Race(seed=4))
    page.go_back()
    player.painted(pg.Race(seed=3))
    page.go_forward()
    player.painted(pg.Race(seed=4))
