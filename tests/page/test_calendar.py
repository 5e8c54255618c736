"""The days of a poll are picked by mouse, finger and keyboard."""

import pytest
from playwright.sync_api import expect

from creating import NOW, day, picked, read_poll, send


def center(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, *dates):
    """Drags from the first date over the others, and lets go of the button."""
    page.mouse.move(*center(day(page, dates[0])))
    page.mouse.down()
    for date in dates[1:]:
        page.mouse.move(*center(day(page, date)), steps=3)


def test_a_drag_picks_the_rectangle_and_the_first_day_decides(open_page):
    page = open_page("/", at=NOW)
    drag(page, "2027-03-08", "2027-03-17")
    page.mouse.up()
    assert picked(page) == [f"2027-03-{number:02}" for number in (8, 9, 10, 15, 16, 17)]
    drag(page, "2027-03-10", "2027-03-11", "2027-03-18")
    page.mouse.up()
    assert picked(page) == [f"2027-03-{number:02}" for number in (8, 9, 15, 16)]


def test_escape_takes_a_drag_back(open_page):
    page = open_page("/", at=NOW)
    day(page, "2027-03-09").click()
    drag(page, "2027-03-15", "2027-03-19")
    assert len(picked(page)) == 6
    page.keyboard.press("Escape")
    page.mouse.up()
    assert picked(page) == ["2027-03-09"]


def test_shift_picks_all_days_up_to_there(open_page):
    page = open_page("/", at=NOW)
    day(page, "2027-03-04").click()
    day(page, "2027-03-09").click(modifiers=["Shift"])
    assert picked(page) == [f"2027-03-{number:02}" for number in range(4, 10)]
    expect(page.locator("#days-hint")).to_have_text("6 days picked")
    day(page, "2027-03-06").click(modifiers=["Shift"])
    assert picked(page) == ["2027-03-04", "2027-03-05", "2027-03-06"]
    page.get_by_role("button", name="Clear").click()
    assert picked(page) == []


def test_days_that_have_passed_cannot_be_picked(open_page):
    page = open_page("/", at=NOW)
    yesterday = day(page, "2027-03-01")
    expect(yesterday).to_have_attribute("aria-disabled", "true")
    yesterday.click(force=True)
    drag(page, "2027-03-02", "2027-03-01")
    page.mouse.up()
    assert picked(page) == ["2027-03-02"]


@pytest.mark.parametrize(("locale", "first"), [("en-US", "Sunday"), ("de-DE", "Montag"), ("ar-EG", "السبت")])
def test_weeks_start_as_the_locale_has_it(open_page, locale, first):
    page = open_page("/", at=NOW, locale=locale)
    expect(page.get_by_role("columnheader").first).to_have_attribute("abbr", first)


def test_all_days_within_twelve_weeks_can_be_picked_and_none_beyond(open_page):
    page = open_page("/", at=NOW)
    day(page, "2027-03-02").click()
    page.get_by_role("button", name="Next month").click()
    page.get_by_role("button", name="Next month").click()
    day(page, "2027-05-24").click(modifiers=["Shift"])
    expect(page.locator("#days-hint")).to_have_text("84 days picked")
    day(page, "2027-05-25").click()
    expect(page.get_by_text("12 weeks at most").first).to_be_visible()
    expect(page.locator("#days-hint")).to_have_text("84 days picked")
    assert len(send(page)["dates"]) == 84


def test_the_keyboard_alone_makes_a_poll(open_page):
    page = open_page("/", at=NOW)
    page.get_by_label("What is it about?").focus()
    page.keyboard.type("By keys")
    for _ in range(7):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.date"):
            break
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("data-date", "2027-03-02")
    for key in ("ArrowDown", "Space", "Shift+ArrowDown", "Shift+ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert picked(page) == ["2027-03-09", "2027-03-10", "2027-03-11"]
    for key, date in (("Home", "08"), ("End", "14"), ("ArrowUp", "07"), ("ArrowLeft", "06")):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("data-date", f"2027-03-{date}")
    page.keyboard.press("PageDown")
    expect(focused).to_have_attribute("data-date", "2027-04-06")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Create poll").focus()
    page.keyboard.press("Enter")
    poll = read_poll(page)
    assert poll["title"] == "By keys"
    assert poll["dates"] == ["2027-03-09", "2027-03-10", "2027-03-11", "2027-04-06"]


def test_arrow_keys_follow_what_is_seen_from_right_to_left(open_page):
    page = open_page("/", at=NOW, locale="ar")
    day(page, "2027-03-09").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(":focus")).to_have_attribute("data-date", "2027-03-10")


def touch(session, kind, x=None, y=None):
    points = [] if x is None else [{"x": x, "y": y}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_picks_along_a_week_and_scrolls_across_it(open_page):
    page = open_page("/", at=NOW, phone=True)
    day(page, "2027-03-10").tap()
    assert picked(page) == ["2027-03-10"]
    session = page.context.new_cdp_session(page)
    (x, y), (end, _) = center(day(page, "2027-03-15")), center(day(page, "2027-03-19"))
    touch(session, "touchStart", x, y)
    for step in range(1, 9):
        touch(session, "touchMove", x + (end - x) * step / 8, y)
    touch(session, "touchEnd")
    assert picked(page) == ["2027-03-10"] + [f"2027-03-{number}" for number in range(15, 20)]
    before = page.evaluate("scrollY")
    touch(session, "touchStart", x, y)
    for step in range(1, 9):
        touch(session, "touchMove", x, y - 25 * step)
    touch(session, "touchEnd")
    page.wait_for_function("before => scrollY > before + 50", arg=before)
    assert len(picked(page)) == 6
