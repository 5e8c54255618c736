"""What calendars have answered to a decided meeting."""

import pytest
from playwright.sync_api import expect

from accessibility import violations
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow

MEETING = {"start": "2027-03-10T11:00:00Z", "end": "2027-03-10T12:00:00Z"}
PROPOSAL = {"start": "2027-03-09T10:00:00Z", "end": "2027-03-09T11:00:00Z"}


@pytest.fixture
def decided(api, lunch):
    api.call("PUT", f"/users/polls/{lunch['id']}/decision", MEETING, lunch["admin_token"])
    return lunch


def with_replies(api, poll):
    """The poll as it is read, with answers of calendars, which come by mail otherwise."""
    shown = api.call("GET", f"/users/polls/{poll['id']}", token=poll["admin_token"])
    for person in shown["participants"]:
        person["meeting_reply"] = REPLIES.get(person["name"])
    return shown


def reply(status, proposal=None, comment=None):
    return {"status": status, "replied_at": "2027-03-01T12:00:00Z", "proposal": proposal, "comment": comment}


REPLIES = {"Ada": reply("accepted"), "Ben": reply("declined", PROPOSAL, MARKUP), "Chitra": reply("tentative")}


def path_of(poll):
    return f"**/users/polls/{poll['id']}"


def open_replies(open_page, api, poll, organiser=False, **look):
    page = open_page("/", reduced_motion="reduce", **look)
    shown = with_replies(api, poll)
    page.route(path_of(poll), lambda route: route.fulfill(json=shown))
    secret = f"#admin={poll['admin_token']}" if organiser else ""
    page.goto(page.url.rstrip("/") + poll["url"] + secret)
    expect(page.locator(".meeting-replies li")).to_have_count(3)
    return page


def test_everybody_sees_who_comes(open_page, api, decided):
    page = open_replies(open_page, api, decided)
    people = page.locator(".meeting-replies li")
    for place, said in enumerate(["Ada comes", "Ben does not come", "Chitra may come"]):
        expect(people.nth(place)).to_contain_text(said)
    expect(people.nth(1)).to_contain_text(MARKUP)
    expect(people.nth(1)).to_contain_text("Tuesday 9 March, 10:00 – 11:00")
    expect(people.get_by_role("button")).to_have_count(0)
    expect_nothing_ran(page)


def test_the_organiser_declines_a_time_that_is_proposed(open_page, api, decided):
    page = open_replies(open_page, api, decided, organiser=True)
    declined = []
    page.route("**/proposal", lambda route: (declined.append(route.request.method), route.fulfill(status=204)))
    page.get_by_role("button", name="Decline").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Decline what \u2068Ben\u2069 proposes?")
    with page.expect_request("**/proposal"):
        dialog.get_by_role("button", name="Decline").click()
    expect(dialog).to_have_count(0)
    assert declined == ["DELETE"]


def test_the_organiser_decides_on_a_time_that_is_proposed(open_page, api, decided):
    page = open_replies(open_page, api, decided, organiser=True)
    page.unroute(path_of(decided))
    page.get_by_role("button", name="Decide on this time").click()
    page.get_by_role("dialog").get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator(".decided-when")).to_contain_text("Tuesday 9 March, 10:00 – 11:00")


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_and_fits(open_page, api, decided, look):
    page = open_replies(open_page, api, decided, organiser=True, **look)
    assert violations(page) == []
    assert overflow(page) <= 0
