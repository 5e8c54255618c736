"""When everybody can: numbers, colours, and who."""

import pytest
from playwright.sync_api import expect

from grids import answer_grid, cell, focus, grid
from steps import middle

NINE, TEN, ELEVEN = "2027-03-08T09:00:00Z", "2027-03-08T10:00:00Z", "2027-03-08T11:00:00Z"


@pytest.fixture
def poll(api):
    """Ada can from nine to eleven, Ben from ten if needed, Chitra cannot, Dana has not answered."""
    poll = api.create_poll(granularity_minutes=60)
    people = {name: api.join(poll["id"], name) for name in ("Ada", "Ben", "Chitra", "Dana")}
    api.answer(poll["id"], people["Ada"], [(NINE, ELEVEN, "yes")])
    api.answer(poll["id"], people["Ben"], [(TEN, ELEVEN, "if_needed")])
    api.answer(poll["id"], people["Chitra"], [])
    return poll | {"people": people}


def group_view(open_page, poll, hash="", **settings):
    page = open_page(f"/p/{poll['id']}{hash}", **settings)
    page.get_by_role("tab", name="Everyone").click()
    expect(grid(page)).to_be_visible()
    return page


def who(page):
    return page.get_by_role("complementary", name="Who can come")


def person(page, name):
    return who(page).get_by_role("listitem").filter(has_text=name)


def check_who(page):
    """Who is what at ten."""
    expect(who(page)).to_contain_text("10:00–11:00")
    expect(who(page)).to_contain_text("✓ 1 can · ~ 1 if needed · ✕ 1 cannot · ? 1 has not answered")
    for name, sign in (("Ada", "✓"), ("Ben", "~"), ("Chitra", "✕"), ("Dana", "?")):
        expect(person(page, name).locator(".who-mark")).to_have_text(sign)


def test_cells_have_the_number_of_those_who_can(open_page, poll):
    page = group_view(open_page, poll)
    expect(cell(page, 0, 0)).to_have_text("1")
    expect(cell(page, 0, 1)).to_have_text("2")
    expect(cell(page, 1, 0)).to_have_text("0")
    expect(cell(page, 0, 1)).to_have_accessible_name("Monday 8 March, 10:00–11:00: 2 of 4 can, 1 of them only if needed")


def test_only_when_everybody_can_there_is_the_deepest_colour_and_a_tick(api, open_page, poll):
    page = group_view(open_page, poll)
    colour = "cell => getComputedStyle(cell).backgroundColor"
    deepest = page.get_by_role("img", name="Colours from nobody").locator("i").last.evaluate(colour)
    for name in ("Chitra", "Dana"):
        assert cell(page, 0, 1).evaluate(colour) != deepest
        expect(cell(page, 0, 1)).not_to_contain_text("✓")
        api.answer(poll["id"], poll["people"][name], [(TEN, ELEVEN, "yes")])
    expect(cell(page, 0, 1)).to_have_text("✓4")
    expect(cell(page, 0, 1)).to_have_css("background-color", deepest)


def test_pointing_at_a_time_shows_who(open_page, poll):
    page = group_view(open_page, poll)
    cell(page, 0, 1).hover()
    check_who(page)
    page.mouse.move(2, 2)
    expect(who(page)).to_contain_text("Point at a time")


def test_the_focus_shows_who_and_says_it(open_page, poll):
    page = group_view(open_page, poll)
    focus(page, 0, 0)
    page.keyboard.press("ArrowDown")
    check_who(page)
    expect(cell(page, 0, 1)).to_have_accessible_name(
        "Monday 8 March, 10:00–11:00: 2 of 4 can, 1 of them only if needed. 1 can: Ada; 1 if needed: Ben; 1 cannot: Chitra; 1 has not answered: Dana")


def test_a_tap_shows_who_until_the_next(open_page, poll):
    page = group_view(open_page, poll, phone=True)
    expect(person(page, "Ada")).to_be_hidden()
    cell(page, 0, 1).tap()
    check_who(page)
    expect(person(page, "Ada")).to_be_visible()
    cell(page, 0, 0).tap()
    expect(who(page)).to_contain_text("✓ 1 can · ✕ 2 cannot · ? 1 has not answered")


def test_pointing_at_a_name_shows_that_answer_alone(open_page, poll):
    page = group_view(open_page, poll)
    person(page, "Ben").hover()
    expect(cell(page, 0, 1)).to_have_accessible_name("Monday 8 March, 10:00–11:00: If needed")
    expect(cell(page, 0, 0)).to_have_accessible_name("Monday 8 March, 9:00–10:00: Not available")
    page.mouse.move(2, 2)
    expect(cell(page, 0, 1)).to_have_text("2")


def test_a_click_on_names_counts_only_those(open_page, poll):
    page = group_view(open_page, poll)
    name = person(page, "Ada").get_by_role("button")
    name.click()
    expect(name).to_have_attribute("aria-pressed", "true")
    page.mouse.move(2, 2)
    expect(cell(page, 0, 1)).to_have_text("✓1")
    person(page, "Ben").get_by_role("button").click()
    page.mouse.move(2, 2)
    expect(cell(page, 0, 0)).to_have_text("1")
    expect(cell(page, 0, 1)).to_have_text("✓2")
    page.get_by_role("button", name="Count everybody again").click()
    expect(cell(page, 0, 1)).to_have_text("2")
    expect(name).to_have_attribute("aria-pressed", "false")


def test_the_organiser_says_who_has_to_be_there(open_page, poll):
    page = group_view(open_page, poll, f"#admin={poll['admin_token']}")
    mark = page.get_by_role("button", name="Ben has to be there")
    mark.click()
    expect(mark).to_have_attribute("aria-pressed", "true")
    others = group_view(open_page, poll)
    expect(person(others, "Ben").get_by_role("img", name="Ben has to be there")).to_be_visible()
    expect(others.get_by_role("button", name="has to be there")).to_have_count(0)


def test_a_window_is_outlined_in_the_week_where_it_is(api, open_page):
    poll = api.create_poll(dates=[f"2027-03-{day:02}" for day in range(8, 22)])
    ada = api.join(poll["id"], "Ada")
    api.answer(poll["id"], ada, [("2027-03-17T10:00:00Z", "2027-03-17T11:00:00Z", "yes")])
    page = open_page(f"/p/{poll['id']}")
    page.get_by_role("button", name="17 March").first.click()
    expect(grid(page).get_by_role("columnheader").nth(1)).to_have_accessible_name("Monday 15 March")
    outlined = page.locator(".is-outlined")
    expect(outlined).to_have_count(2)
    expect(outlined.first).to_have_accessible_name("Wednesday 17 March, 10:00–10:30: 1 of 1 can, everybody")


def test_a_poll_without_participants_says_so(api, open_page):
    page = open_page(f"/p/{api.create_poll()['id']}")
    page.get_by_role("tab", name="Everyone").click()
    expect(page.get_by_text("Nobody takes part yet")).to_be_visible()
    expect(grid(page)).to_have_count(0)


def test_longer_rows_count_who_can_all_along(api, open_page):
    half = api.create_poll()
    for name, start, end in (("Ada", NINE, "2027-03-08T09:30:00Z"), ("Ben", "2027-03-08T09:30:00Z", TEN), ("Chitra", NINE, TEN)):
        api.answer(half["id"], api.join(half["id"], name), [(start, end, "yes")])
    page = group_view(open_page, half)
    expect(cell(page, 0, 0)).to_have_text("2")
    page.get_by_role("group", name="A row is").get_by_role("button", name="1 hr").click()
    expect(cell(page, 0, 0)).to_have_text("1")


def test_many_people_are_found_by_name(api, open_page):
    poll = api.create_poll()
    for number in range(20):
        api.join(poll["id"], f"Person {number:02}")
    page = group_view(open_page, poll)
    page.get_by_role("searchbox", name="Find a person").fill("son 07")
    expect(who(page).get_by_role("listitem")).to_have_count(1)
    expect(person(page, "Person 07").locator(".who-mark")).to_have_text("?")


def test_colours_are_the_same_in_the_dark_but_for_their_order(open_page, poll):
    page = group_view(open_page, poll, color_scheme="dark")
    colours = page.locator(".heat-legend i").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    lightness = [sum(int(part) for part in colour[4:-1].split(",")) for colour in colours]
    assert lightness == sorted(lightness)
    page.mouse.move(*middle(cell(page, 0, 1)))
    check_who(page)


def test_the_week_and_the_rows_are_those_in_which_one_has_painted(api, open_page):
    poll = api.create_poll(dates=[f"2027-03-{day:02}" for day in range(8, 22)])
    page = answer_grid(api, open_page, poll)
    page.get_by_role("button", name="Week after").click()
    page.get_by_role("group", name="A row is").get_by_role("button", name="1 hr").click()
    page.get_by_role("tab", name="Everyone").click()
    expect(grid(page).get_by_role("columnheader").nth(1)).to_have_accessible_name("Monday 15 March")
    expect(grid(page).get_by_role("rowheader")).to_have_count(8)
