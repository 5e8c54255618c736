"""Answers that were made from a schedule, after a calendar has come that says otherwise."""

import urllib.request
import uuid

import pytest
from playwright.sync_api import expect

from accessibility import violations
from looks import LOOKS, overflow

# A change of a calendar is looked at after some seconds, together with others.
SHOWN = 60_000
TIMES = "Tuesday 9 March, 10:00 – 11:00"


class Scheduled:
    """Somebody whose schedule has filled in their answer to a poll."""

    def __init__(self, api):
        self.api = api
        self.email = f"ada-{uuid.uuid4().hex}@example.com"
        # The poll is in London in winter.
        hours = {day: [9, 10, 11] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
        api.call("POST", "/users/users", {"email": self.email, "availabilities": hours})
        self.poll = api.create_poll(to="12:00", granularity_minutes=60)
        joining = {"name": "Ada", "time_zone": "Europe/London", "email": self.email}
        self.ada = api.call("POST", f"/users/polls/{self.poll['id']}/participants", joining)
        path = f"/users/polls/{self.poll['id']}/participants/{self.ada['id']}/answer"
        api.call("PUT", path, {"from_schedule": True}, self.ada["edit_token"])
        self.own_page = f"{self.poll['url']}#edit={self.ada['id']}.{self.ada['edit_token']}"

    def put_calendar(self):
        """On Tuesday at ten there is something else."""
        event = "BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Doctor\r\nDTSTART:20270309T100000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
        body = f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n".encode()
        url = f"{self.api.base_url}/users/users/{self.email}/calendars/work"
        request = urllib.request.Request(url, data=body, headers={"Content-Type": "text/calendar"}, method="PUT")
        urllib.request.urlopen(request, timeout=30).close()


@pytest.fixture
def scheduled(api):
    return Scheduled(api)


@pytest.fixture(scope="module")
def in_conflict(api):
    """One of whom it is known already, for tests that only look."""
    known = Scheduled(api)
    known.put_calendar()
    return known


def wait_for_conflict(open_page, known):
    page = open_page(known.own_page)
    expect(page.locator(".conflict-notice")).to_be_visible(timeout=SHOWN)
    return page


def test_its_owner_is_told_live_and_answers_anew_with_one_click(open_page, api, scheduled):
    page = open_page(scheduled.own_page)
    expect(page.locator(".save-state")).to_contain_text("Saved")
    notice = page.locator(".conflict-notice")
    expect(notice).to_have_count(0)
    scheduled.put_calendar()
    expect(notice).to_contain_text("says by now that you are busy", timeout=SHOWN)
    expect(notice).to_contain_text(TIMES)
    hour = page.get_by_role("gridcell", name="Tuesday 9 March, 10:00–11:00")
    expect(hour).to_have_attribute("aria-label", "Tuesday 9 March, 10:00–11:00: Available")
    notice.get_by_role("button", name="Answer anew from my schedule").click()
    expect(notice).to_have_count(0)
    expect(page.locator(".save-state")).to_contain_text("Saved")
    answer = api.answer_of(scheduled.poll["id"], scheduled.ada["id"], scheduled.ada["edit_token"])
    assert answer["from_schedule"] and "conflicts" not in answer
    assert "2027-03-09T09:00:00Z" in [r["start"] for r in answer["ranges"]]
    assert "2027-03-09T11:00:00Z" in [r["start"] for r in answer["ranges"]]


def test_painting_another_answer_ends_it(open_page, scheduled):
    scheduled.put_calendar()
    page = wait_for_conflict(open_page, scheduled)
    page.get_by_role("gridcell", name="Tuesday 9 March, 10:00–11:00").click()
    expect(page.locator(".conflict-notice")).to_have_count(0)
    expect(page.locator(".save-state")).to_contain_text("Saved")


def test_whoever_looks_sees_it_at_windows_and_in_the_grid(open_page, in_conflict):
    wait_for_conflict(open_page, in_conflict)
    page = open_page(in_conflict.poll["url"])
    windows = page.locator(".window")
    more = page.get_by_role("button", name="Show")
    expect(windows.first).to_be_visible()
    more.click()
    told = windows.filter(has=page.locator(".reason-conflict_of"))
    expect(told.first).to_contain_text("By now something else in the calendar of \u2068Ada\u2069")
    for place in range(told.count()):
        expect(told.nth(place)).to_contain_text("Tuesday 9 March")
    page.get_by_role("tab", name="Everyone").click()
    conflicts = page.locator(".who-conflicts")
    page.get_by_role("gridcell", name="Tuesday 9 March, 10:00–11:00").hover()
    expect(conflicts).to_have_text("Something else in the calendar at this time now: \u2068Ada\u2069")
    page.get_by_role("gridcell", name="Tuesday 9 March, 11:00–12:00").hover()
    expect(conflicts).to_have_text("")


def test_an_answer_that_is_filled_in_from_ones_own_schedule_is_kept_as_that(open_page, api, scheduled):
    page = open_page(scheduled.poll["url"])
    page.get_by_text("Get the meeting by e-mail").click()
    page.get_by_label("Your name").fill("Ada again")
    page.locator("#join-email").fill(scheduled.email)
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Fill in from your stored schedule").click()
    expect(page.get_by_label("Your e-mail address")).to_have_value(scheduled.email)
    page.get_by_role("button", name="Fill in", exact=True).click()
    expect(page.locator(".save-state")).to_contain_text("Saved")
    known = page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))")[0]["participant"]
    answer = api.answer_of(scheduled.poll["id"], known["id"], known["token"])
    assert answer["from_schedule"] and len(answer["ranges"]) == 5


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_and_fits(open_page, in_conflict, look):
    page = open_page(in_conflict.own_page, reduced_motion="reduce", **look)
    expect(page.locator(".conflict-notice")).to_be_visible(timeout=SHOWN)
    assert violations(page) == []
    assert overflow(page) <= 0
