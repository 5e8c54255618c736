"""Every screen is sound for assistive technology, in both directions of writing and in the dark."""

import pytest
from playwright.sync_api import expect

from accessibility import violations
from screens import SCREENS, answering


@pytest.mark.parametrize("look", [{}, {"locale": "ar-EG", "phone": True}, {"color_scheme": "dark"}], ids=["light", "arabic", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_axe_finds_nothing(open_page, api, screen, look):
    page = screen(open_page, api, **look)
    assert violations(page) == []


def test_the_page_is_written_from_right_to_left_in_arabic_and_keeps_names_as_they_are(open_page, api):
    page = answering(open_page, api, locale="ar-EG")
    assert page.locator("html").get_attribute("dir") == "rtl"
    grid = page.get_by_role("grid").bounding_box()
    times = page.get_by_role("rowheader").first.bounding_box()
    assert times["x"] > grid["x"] + grid["width"] / 2, "times stand on the right"


def test_the_tab_key_reaches_everything_in_the_order_in_which_it_is_seen_and_the_grid_once(open_page, api):
    page = answering(open_page, api)
    page.locator("body").focus()
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.getAttribute('role') ?? document.activeElement.tagName.toLowerCase()"))
        if page.evaluate("document.activeElement === document.body"):
            break
    assert order[0] == "a", "first the link that skips to the content"
    assert order.count("gridcell") == 1, order
    assert order.index("tab") < order.index("gridcell")


def test_the_first_link_skips_to_the_content(open_page, api):
    page = answering(open_page, api)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
