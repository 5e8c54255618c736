"""The grid by keyboard, as the grid pattern of WAI-ARIA has it."""

import pytest
from playwright.sync_api import expect

from grids import IF_NEEDED, answer_grid, cell, drag, focus, focused, grid, places, rectangle

# Five days of eight hours in half hours.
LAST_COLUMN, LAST_ROW = 4, 15


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def said(page):
    return page.locator("#announcements")


def test_the_grid_is_one_tab_stop_that_remembers_its_cell(api, open_page):
    page = answer_grid(api, open_page)
    expect(grid(page).locator("[tabindex='0']")).to_have_count(1)
    focus(page, 2, 3)
    press(page, "Tab")
    assert focused(page) is None
    press(page, "Shift+Tab")
    assert focused(page) == (2, 3)
    press(page, "Shift+Tab")
    assert focused(page) is None


@pytest.mark.parametrize("key,to", [
    ("ArrowRight", (3, 5)), ("ArrowLeft", (1, 5)), ("ArrowDown", (2, 6)), ("ArrowUp", (2, 4)), ("Home", (0, 5)), ("End", (LAST_COLUMN, 5)),
    ("Control+Home", (0, 0)), ("Control+End", (LAST_COLUMN, LAST_ROW))])
def test_keys_move_the_focus(api, open_page, key, to):
    page = answer_grid(api, open_page)
    focus(page, 2, 5)
    press(page, key)
    assert focused(page) == to


def test_nothing_wraps_around(api, open_page):
    page = answer_grid(api, open_page)
    focus(page, 0, 0)
    press(page, "ArrowLeft", "ArrowUp", "PageUp")
    assert focused(page) == (0, 0)
    press(page, "Control+End", "ArrowRight", "ArrowDown", "PageDown")
    assert focused(page) == (LAST_COLUMN, LAST_ROW)


def test_page_keys_go_several_rows_and_come_back(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "00:00", "to": "24:00"}))
    focus(page, 1, 0)
    press(page, "PageDown")
    column, row = focused(page)
    assert column == 1 and row > 3
    press(page, "PageUp")
    assert focused(page) == (1, 0)


def test_arrows_follow_what_is_seen_from_right_to_left(api, open_page):
    page = answer_grid(api, open_page, locale="ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    focus(page, 2, 5)
    before = cell(page, 2, 5).bounding_box()["x"]
    press(page, "ArrowLeft")
    assert focused(page) == (3, 5)
    assert cell(page, 3, 5).bounding_box()["x"] < before
    press(page, "ArrowRight", "ArrowRight")
    assert focused(page) == (1, 5)
    press(page, "Home")
    assert focused(page) == (0, 5)


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_paints_the_cell_and_takes_it_away(api, open_page, key):
    page = answer_grid(api, open_page)
    focus(page, 1, 2)
    press(page, key)
    assert places(page) == {(1, 2)}
    expect(said(page)).to_contain_text("Tuesday 9 March, 10:00–10:30: Available")
    press(page, key)
    assert places(page) == set()


def test_shift_and_arrows_select_a_rectangle_that_is_painted_as_one(api, open_page):
    page = answer_grid(api, open_page)
    focus(page, 1, 2)
    press(page, "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(grid(page).locator("[aria-selected=true]")).to_have_count(6)
    expect(said(page)).to_contain_text("6 cells, from Tuesday 9 March, 10:00–10:30 to Wednesday 10 March, 11:00–11:30")
    press(page, "Space")
    assert places(page) == rectangle(1, 2, 2, 4)
    press(page, "ArrowDown")
    expect(grid(page).locator("[aria-selected=true]")).to_have_count(0)
    press(page, "Control+z")
    assert places(page) == set()
    press(page, "Control+y")
    assert places(page) == rectangle(1, 2, 2, 4)
    press(page, "Control+z", "Control+Shift+Z")
    assert places(page) == rectangle(1, 2, 2, 4)


@pytest.mark.parametrize("key,painted", [
    ("Control+Space", rectangle(1, 0, 1, LAST_ROW)), ("Shift+Space", rectangle(0, 2, LAST_COLUMN, 2)),
    ("Control+a", rectangle(0, 0, LAST_COLUMN, LAST_ROW))])
def test_a_day_a_time_or_all_is_selected_by_one_key(api, open_page, key, painted):
    page = answer_grid(api, open_page)
    focus(page, 1, 2)
    press(page, key)
    assert places(page) == set()
    expect(grid(page).locator("[aria-selected=true]")).to_have_count(len(painted))
    press(page, "Enter")
    assert places(page) == painted


def test_escape_ends_the_selection(api, open_page):
    page = answer_grid(api, open_page)
    focus(page, 1, 2)
    press(page, "Shift+ArrowRight", "Escape", "Space")
    assert places(page) == {(2, 2)}


def test_selecting_all_outside_the_grid_is_left_to_the_browser(api, open_page):
    page = answer_grid(api, open_page)
    page.get_by_role("button", name="Form").focus()
    press(page, "Control+a")
    expect(grid(page).locator("[aria-selected=true]")).to_have_count(0)
    assert page.evaluate("getSelection().toString()") != ""


def test_the_brush_of_the_toolbar_is_that_of_the_keys(api, open_page):
    page = answer_grid(api, open_page)
    page.get_by_role("button", name="If needed").focus()
    press(page, "Enter")
    focus(page, 0, 0)
    press(page, "Space")
    assert places(page, IF_NEEDED) == {(0, 0)}


def test_undo_by_key_takes_back_what_the_mouse_has_painted(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (1, 1), (2, 2))
    press(page, "Control+z")
    assert places(page) == set()


@pytest.mark.parametrize("settings", [{"viewport": {"width": 1280, "height": 640}}, {"phone": True}], ids=["desktop", "phone"])
def test_what_has_the_focus_is_never_below_what_sticks_to_the_window(api, open_page, settings):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "00:00", "to": "24:00"}), **settings)
    focus(page, 2, 0)
    covers = """cell => {
        const box = cell.getBoundingClientRect();
        return [box.top + 2, box.bottom - 2].map(y => document.elementFromPoint(box.left + box.width / 2, y)).every(found => found === cell);
    }"""
    for keys in (["ArrowDown"] * 47, ["ArrowUp"] * 47):
        for key in keys:
            press(page, key)
            assert cell(page, *focused(page)).evaluate(covers), focused(page)
