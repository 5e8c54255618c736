"""Painting when one can come: mouse, finger, two taps, and what fills in many cells at once."""

import pytest
from playwright.sync_api import expect

from grids import (AVAILABLE, IF_NEEDED, NOT_AVAILABLE, PARTLY, answer_grid, at_rest, cell, cells, drag, finger_drag, grid, move_finger, places, rectangle,
                   start_drag, states)
from steps import middle, saved


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def row_of(page, length):
    return page.get_by_role("group", name="A row is").get_by_role("button", name=length)


@pytest.mark.parametrize("first,last", [((1, 2), (3, 5)), ((3, 5), (1, 2)), ((1, 5), (3, 2)), ((3, 2), (1, 5))])
def test_a_drag_paints_the_rectangle_from_its_anchor_in_every_direction(api, open_page, first, last):
    page = answer_grid(api, open_page)
    drag(page, first, last)
    assert places(page) == rectangle(1, 2, 3, 5)


def test_cells_that_leave_the_rectangle_are_as_they_were_before(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (2, 4), (2, 4))
    drag(page, (0, 0), (4, 9), (1, 1))
    assert places(page) == rectangle(0, 0, 1, 1) | {(2, 4)}


def test_the_first_cell_decides_whether_a_drag_adds_or_removes(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (0, 0), (2, 3))
    drag(page, (1, 1), (3, 2))
    assert places(page) == rectangle(0, 0, 2, 3) - rectangle(1, 1, 2, 2)
    drag(page, (3, 1), (1, 2))
    assert places(page) == rectangle(0, 0, 2, 3) | rectangle(1, 1, 3, 2)


def test_if_needed_is_hatched_and_says_so(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (0, 0), (0, 0))
    button(page, "If needed").click()
    drag(page, (1, 0), (1, 1))
    assert places(page, IF_NEEDED) == rectangle(1, 0, 1, 1)
    image = "cell => getComputedStyle(cell).backgroundImage"
    assert "repeating-linear-gradient" in cell(page, 1, 0).evaluate(image)
    assert cell(page, 0, 0).evaluate(image) == "none"


def test_escape_takes_a_drag_back(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (0, 0), (0, 1))
    start_drag(page, (0, 1), (3, 6))
    page.keyboard.press("Escape")
    assert places(page) == rectangle(0, 0, 0, 1)
    page.mouse.move(*middle(cell(page, 4, 8)))
    page.mouse.up()
    assert places(page) == rectangle(0, 0, 0, 1)


def test_a_drag_that_ends_outside_the_grid_paints_up_to_its_edge(api, open_page):
    page = answer_grid(api, open_page)
    start_drag(page, (1, 1))
    box = grid(page).bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2, steps=4)
    page.mouse.up()
    assert places(page) == rectangle(0, 0, 1, 1)


def test_shift_and_a_click_continue_the_last_rectangle(api, open_page):
    page = answer_grid(api, open_page)
    cell(page, 1, 1).click()
    cell(page, 3, 2).click(modifiers=["Shift"])
    assert places(page) == rectangle(1, 1, 3, 2)


def test_a_click_on_a_date_or_a_time_paints_all_of_it(api, open_page):
    page = answer_grid(api, open_page)
    grid(page).get_by_role("columnheader").nth(2).click()
    assert places(page) == rectangle(1, 0, 1, 15)
    grid(page).get_by_role("rowheader").nth(3).click()
    assert places(page) == rectangle(1, 0, 1, 15) | rectangle(0, 3, 4, 3)


def test_a_drag_at_the_edge_of_the_window_scrolls(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "00:00", "to": "24:00"}), viewport={"width": 1280, "height": 500})
    page.mouse.move(*middle(cell(page, 1, 0)))
    page.mouse.down()
    page.mouse.move(cell(page, 2, 0).bounding_box()["x"] + 5, 495, steps=4)
    expect(cell(page, 2, 47)).to_have_accessible_name("Wednesday 10 March, 23:30–0:00: Available")
    page.mouse.up()
    assert places(page) == rectangle(1, 0, 2, 47)


def test_every_change_is_one_step_that_can_be_taken_back_and_again(api, open_page):
    page = answer_grid(api, open_page)
    expect(button(page, "Undo")).to_be_disabled()
    drag(page, (0, 0), (1, 1))
    button(page, "Invert").click()
    assert places(page) == rectangle(0, 0, 4, 15) - rectangle(0, 0, 1, 1)
    button(page, "Clear").click()
    assert places(page) == set()
    for painted in (rectangle(0, 0, 4, 15) - rectangle(0, 0, 1, 1), rectangle(0, 0, 1, 1), set()):
        button(page, "Undo").click()
        assert places(page) == painted
    expect(button(page, "Undo")).to_be_disabled()
    button(page, "Redo").click()
    assert places(page) == rectangle(0, 0, 1, 1)
    drag(page, (4, 0), (4, 0))
    expect(button(page, "Redo")).to_be_disabled()


def test_inverting_leaves_if_needed_as_it_is(api, open_page):
    page = answer_grid(api, open_page)
    button(page, "If needed").click()
    drag(page, (2, 2), (2, 3))
    button(page, "Invert").click()
    assert places(page, IF_NEEDED) == rectangle(2, 2, 2, 3)
    assert places(page) == rectangle(0, 0, 4, 15) - rectangle(2, 2, 2, 3)


def test_two_clicks_paint_without_dragging(api, open_page):
    page = answer_grid(api, open_page)
    button(page, "Tap & scroll").click()
    cell(page, 3, 4).click()
    expect(page.get_by_text("Now tap where it ends")).to_be_visible()
    assert places(page) == {(3, 4)}
    cell(page, 1, 2).click()
    assert places(page) == rectangle(1, 2, 3, 4)
    button(page, "Undo").click()
    assert places(page) == set()


def test_escape_after_the_first_of_two_taps_leaves_that_cell_alone(api, open_page):
    page = answer_grid(api, open_page)
    button(page, "Tap & scroll").click()
    cell(page, 3, 4).click()
    page.keyboard.press("Escape")
    cell(page, 1, 2).click()
    assert places(page) == {(3, 4), (1, 2)}


def test_a_finger_scrolls_until_one_chooses_that_it_paints(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "06:00", "to": "22:00"}), phone=True)
    expect(button(page, "Tap & scroll")).to_have_attribute("aria-pressed", "true")
    before = page.evaluate("scrollY")
    finger_drag(page, (1, 12), (1, 4))
    page.wait_for_function("before => scrollY > before", arg=before)
    assert places(page) == set()
    # The first touch of a page that still rolls on only stops it.
    at_rest(page)
    button(page, "Drag").tap()
    expect(button(page, "Drag")).to_have_attribute("aria-pressed", "true")
    # Away from the edges of the window, near which a finger that paints scrolls.
    cell(page, 2, 6).evaluate("cell => cell.scrollIntoView({ block: 'center' })")
    at_rest(page)
    before = page.evaluate("scrollY")
    finger_drag(page, (1, 8), (3, 5))
    assert places(page) == rectangle(1, 5, 3, 8)
    assert page.evaluate("scrollY") == before


def test_two_taps_paint_on_a_phone(api, open_page):
    page = answer_grid(api, open_page, phone=True)
    cell(page, 0, 1).tap()
    cell(page, 2, 3).tap()
    assert places(page) == rectangle(0, 1, 2, 3)
    saved(page)


def test_a_touch_that_the_system_takes_away_paints_nothing(api, open_page):
    page = answer_grid(api, open_page, phone=True)
    button(page, "Drag").tap()
    finger_drag(page, (0, 1), (2, 3), end="touchCancel")
    assert places(page) == set()
    finger_drag(page, (0, 1), (1, 1))
    assert places(page) == rectangle(0, 1, 1, 1)


def test_a_finger_at_the_tools_scrolls_and_paints_on(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "06:00", "to": "22:00"}), phone=True)
    button(page, "Drag").tap()
    x, y = middle(cell(page, 2, 0))
    tools = page.get_by_role("toolbar").bounding_box()["y"]
    last = cell(page, 2, 31)
    move_finger(page, (x, y), (x, tools - 10), until=lambda: expect(last).to_have_accessible_name("Wednesday 10 March, 21:30–22:00: Available"))
    assert places(page) == rectangle(2, 0, 2, 31)


def test_painting_is_the_same_from_right_to_left(api, open_page):
    page = answer_grid(api, open_page, locale="ar")
    assert cell(page, 0, 0).bounding_box()["x"] > cell(page, 4, 0).bounding_box()["x"]
    drag(page, (1, 2), (3, 5))
    assert places(page, "متاح") == rectangle(1, 2, 3, 5)
    page.get_by_role("button", name="نقر وتمرير").click()
    cell(page, 4, 0).click()
    cell(page, 3, 1).click()
    assert places(page, "متاح") == rectangle(1, 2, 3, 5) | rectangle(3, 0, 4, 1)


def test_the_page_scrolls_beside_the_cells_while_a_finger_paints(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(**{"from": "06:00", "to": "22:00"}), phone=True)
    button(page, "Drag").tap()
    before = page.evaluate("scrollY")
    x, y = middle(grid(page).get_by_role("rowheader").nth(12))
    move_finger(page, (x, y), (x, y - 200))
    page.wait_for_function("before => scrollY > before", arg=before)
    assert places(page) == set()


def test_longer_rows_paint_all_that_they_stand_for(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(granularity_minutes=15))
    expect(cells(page)).to_have_count(5 * 32)
    row_of(page, "1 hr").click()
    expect(cells(page)).to_have_count(5 * 8)
    drag(page, (1, 2), (1, 3))
    assert places(page) == rectangle(1, 2, 1, 3)
    row_of(page, "15 min").click()
    assert places(page) == rectangle(1, 8, 1, 15)
    drag(page, (1, 9), (1, 9))
    row_of(page, "1 hr").click()
    assert places(page) == {(1, 3)} and places(page, PARTLY) == {(1, 2)}


def test_rows_are_half_an_hour_on_a_phone_and_large_enough_to_touch(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(granularity_minutes=15), phone=True)
    expect(cells(page)).to_have_count(5 * 16)
    box = cell(page, 2, 2).bounding_box()
    assert box["height"] >= 24 and box["width"] >= 24


def test_nothing_can_be_painted_into_a_closed_poll(api, open_page):
    poll = api.create_poll()
    person = api.join(poll["id"], "Ada")
    api.answer(poll["id"], person, [("2027-03-08T09:00:00Z", "2027-03-08T10:00:00Z", "yes")])
    api.call("PUT", f"/users/polls/{poll['id']}/decision", {"start": "2027-03-08T09:00:00Z", "end": "2027-03-08T10:00:00Z"}, poll["admin_token"])
    page = open_page(f"/p/{poll['id']}#edit={person['id']}.{person['edit_token']}")
    expect(cell(page, 0, 1)).to_have_accessible_name("Monday 8 March, 9:30–10:00: Available")
    expect(grid(page)).to_have_attribute("aria-readonly", "true")
    drag(page, (2, 2), (3, 3))
    assert places(page) == rectangle(0, 0, 0, 1)
    assert NOT_AVAILABLE in states(page)[2]
    expect(button(page, "Invert")).to_have_count(0)


def test_a_form_says_the_same_as_the_grid(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (1, 2), (1, 3))
    button(page, "Form").click()
    row = page.get_by_role("group", name="Time 1")
    expect(row.get_by_label("Day").locator("option:checked")).to_have_text("Tuesday 9 March")
    expect(row.get_by_label("From").locator("option:checked")).to_have_text("10:00")
    expect(row.get_by_label("To").locator("option:checked")).to_have_text("11:00")
    row.get_by_label("To").select_option("12:00")
    button(page, "Add a time").click()
    page.get_by_role("group", name="Time 2").get_by_label("How").select_option("If needed")
    button(page, "Grid").click()
    assert places(page) == rectangle(1, 2, 1, 5)
    assert places(page, IF_NEEDED) == rectangle(2, 2, 2, 5)
    button(page, "Form").click()
    button(page, "Remove time 1").click()
    button(page, "Grid").click()
    assert places(page, AVAILABLE) == set()
    saved(page)


@pytest.mark.parametrize("kind", [{}, {"kind": "weekly", "days": ["monday", "tuesday", "wednesday"]}], ids=["dates", "weekly"])
def test_what_is_saved_can_still_be_taken_back(api, open_page, kind):
    poll = api.create_poll(**kind)
    page = answer_grid(api, open_page, poll)
    drag(page, (1, 2), (1, 3))
    saved(page)
    # What the platform says of one's own answer comes before what it says of the next.
    api.join(poll["id"], "Ben")
    expect(page.get_by_text("1 of 2 answered")).to_be_visible()
    assert places(page) == rectangle(1, 2, 1, 3)
    button(page, "Undo").click()
    assert places(page) == set()
