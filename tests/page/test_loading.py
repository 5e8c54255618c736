"""The first load is small, and nothing jumps about meanwhile."""

import pytest
from playwright.sync_api import expect

from screens import poll_with_people


# Bytes over the wire, with their headers.
MOST = 45 * 1024
# Comes once a poll can be read and joined.
LATER = "poll-sections.js"
# Are fetched in advance, behind that, for the links that lead away from a poll.
OTHER_SCREENS = "screens.js"


@pytest.mark.parametrize(("path", "later"), [("/", ()), ("poll", (LATER, OTHER_SCREENS)), ("/calendars", ()), ("/account", ())])
def test_what_is_loaded_first_is_small(browser, base_url, api, path, later):
    path = poll_with_people(api)["url"] if path == "poll" else path
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    requests, received = {}, {}
    session.on("Network.requestWillBeSent", lambda event: requests.update({event["requestId"]: event["request"]["url"]}))
    session.on("Network.loadingFinished", lambda event: received.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(base_url + path, wait_until="load" if path.startswith("/p/") else "networkidle")
    page.get_by_role("heading", level=1).wait_for()
    of_page = {key: url for key, url in requests.items() if "/static/" in url or url == base_url + path}
    of_page = {key: url for key, url in of_page.items() if not url.endswith(later)}
    total = sum(received.get(key, 0) for key in of_page)
    assert 0 < total <= MOST, (total, of_page)
    assert len(of_page) <= 8, of_page
    context.close()


def test_a_poll_can_be_read_and_joined_before_its_grid_is_there(open_page, api):
    page = open_page("/polls")
    held = []
    page.route(f"**/{LATER}", lambda route: held.append(route))
    page.goto(api.base_url + poll_with_people(api)["url"])
    page.get_by_label("Your name").fill("Zoe")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("tabpanel", name="My answer").get_by_text("Loading")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.get_by_role("grid")).to_be_visible()


def test_nothing_moves_while_a_poll_is_loaded(browser, base_url, api):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(
        "window.shifts = 0;"
        "new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; }))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(base_url + poll_with_people(api)["url"])
    page.locator(".windows-panel li").first.wait_for()
    assert page.evaluate("window.shifts") < 0.1
    context.close()
