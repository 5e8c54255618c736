"""People of two zones make a poll, answer it each in their own way, see each other, and decide."""

import re

from playwright.sync_api import expect

from grids import cell, drag
from steps import join, ranges_of, saved


def test_two_people_in_two_zones_find_a_time_and_the_organiser_decides(open_page, api):
    organiser = open_page("/", zone="Europe/London")
    organiser.get_by_label("What is it about?").fill("Two zones")
    organiser.get_by_role("button", name=re.compile("working days")).click()
    organiser.get_by_role("button", name="Create").click()
    organiser.wait_for_url(re.compile("/p/"))
    link = re.search(r"/p/[^#?]+", organiser.url).group()
    poll_id = link.removeprefix("/p/")
    join(organiser, "Ada")
    drag(organiser, (0, 2), (1, 7))
    saved(organiser)

    guest = open_page(link, zone="America/New_York", locale="en-US", phone=True)
    join(guest, "Ben")
    # Fingers scroll until one says that they paint; two taps are a rectangle.
    cell(guest, 0, 4).tap()
    cell(guest, 0, 9).tap()
    saved(guest)

    # The organiser sees it without loading anything again.
    organiser.get_by_role("tab", name="Everyone").click()
    expect(organiser.get_by_role("grid")).to_contain_text("2")
    best = organiser.locator(".windows-panel, [aria-labelledby=windows-heading]").first
    expect(best).to_contain_text("2 of 2")
    starts = {start for start, _, _ in ranges_of(api, organiser, poll_id)}
    assert len(starts) == 2, "two days were painted"

    organiser.get_by_role("button", name="Decide").first.click()
    organiser.get_by_role("dialog").get_by_role("button", name="Decide").click()
    expect(organiser.get_by_text("Add to calendar")).to_be_visible()
    expect(guest.get_by_text("Add to calendar")).to_be_visible()
