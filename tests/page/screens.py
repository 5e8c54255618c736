"""Every screen of the page, with what is to be seen on it."""

import re
import secrets

from playwright.sync_api import expect

from accounts import Accounts
from calendar_server import CalendarServer, calendar_text, soon

PEOPLE = [
    ("Ada", "America/New_York", [("08T14:00", "08T17:00", "yes"), ("10T14:00", "10T17:00", "if_needed")]),
    ("Chitra", "Asia/Kolkata", [("08T09:00", "08T15:30", "yes"), ("10T09:00", "10T16:00", "yes"), ("11T10:00", "11T12:00", "yes")]),
    ("Emma", "Pacific/Auckland", [("08T09:00", "08T10:30", "yes"), ("08T14:00", "08T16:00", "if_needed")]),
]


def poll_with_people(api, **changes):
    """A poll that three people have answered."""
    poll = api.create_poll(title="Planning the spring", description="Two hours at most.", location="Room 2", **changes)
    for name, zone, times in PEOPLE:
        person = api.join(poll["id"], name, zone)
        ranges = [(f"2027-03-{start}:00Z", f"2027-03-{end}:00Z", level) for start, end, level in times]
        api.answer(poll["id"], person, ranges)
    return poll


def create(open_page, api, **how):
    page = open_page("/", **how)
    expect(page.locator("form").first).to_be_visible()
    return page


def joining(open_page, api, **how):
    page = open_page(poll_with_people(api)["url"], **how)
    expect(page.locator("#join-name")).to_be_visible()
    expect(page.locator(".windows-panel li").first).to_be_visible()
    return page


def answering(open_page, api, **how):
    poll = poll_with_people(api)
    me = api.join(poll["id"], "Ben", "Europe/London")
    ranges = [("2027-03-08T10:00:00Z", "2027-03-08T16:00:00Z", "yes"), ("2027-03-10T13:00:00Z", "2027-03-10T17:00:00Z", "if_needed")]
    api.answer(poll["id"], me, ranges)
    page = open_page(f"{poll['url']}#edit={me['id']}.{me['edit_token']}", **how)
    expect(page.locator(".save-saved")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.locator(".windows-panel li").first).to_be_visible()
    return page


def group(open_page, api, **how):
    poll = poll_with_people(api)
    page = open_page(f"{poll['url']}#admin={poll['admin_token']}", **how)
    page.locator("#tab-group").click()
    expect(page.get_by_role("gridcell").first).not_to_be_empty()
    expect(page.locator(".windows-panel li").first).to_be_visible()
    return page


def weekly(open_page, api, **how):
    days = ["monday", "wednesday", "friday"]
    poll = api.create_poll(title="Every week", kind="weekly", days=days)
    me = api.join(poll["id"], "Ben", "Europe/London")
    page = open_page(f"{poll['url']}#edit={me['id']}.{me['edit_token']}", **how)
    expect(page.get_by_role("grid")).to_be_visible()
    return page


def decided(open_page, api, **how):
    poll = poll_with_people(api)
    meeting = {"start": "2027-03-08T15:00:00Z", "end": "2027-03-08T16:00:00Z"}
    api.call("PUT", f"/users/polls/{poll['id']}/decision", meeting, poll["admin_token"])
    page = open_page(poll["url"], **how)
    expect(page.locator(".decided")).to_be_visible()
    return page


def gone(open_page, api, **how):
    page = open_page("/p/AAAAAAAAAAAAAAAAAAAAAA", **how)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def my_polls(open_page, api, **how):
    page = answering(open_page, api, **how)
    page.goto(re.sub("/p/.*", "/polls", page.url))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Planning the spring").first).to_be_visible()
    return page


def calendars(open_page, api, **how):
    email = f"ada-{secrets.token_hex(3)}@example.com"
    busy_times = calendar_text(*(soon(days) for days in range(1, 13)))
    server = CalendarServer()
    server.replies["/work.ics"] = server.replies["/choir.ics"] = (200, busy_times)
    api.call("POST", "/users/users", {"email": email, "availabilities": {}})
    api.send_calendar(email, "Family", calendar_text(soon(3), soon(4)))
    for name, path in [("Choir", "/choir.ics"), ("Work", "/work.ics"), ("Club", "/club.ics")]:
        api.subscribe(email, name, server.url(path))
    api.wait_for_calendars(email, {"Choir": "fresh", "Work": "fresh", "Club": "failing"})
    # Subscribed to again it is fetched at once, and is gone by now.
    del server.replies["/choir.ics"]
    api.subscribe(email, "Choir", server.url("/choir.ics"))
    api.wait_for_calendars(email, {"Choir": "failing"})
    page = open_page("/calendars", remembered_settings={"calendarsOf": email}, **how)
    expect(page.get_by_role("listitem")).to_have_count(4)
    return page


def signing_in(open_page, api, **how):
    page = open_page("/account", platform=Accounts().answer, remembered_settings={"email": "ada@example.com"}, **how)
    page.locator("form .primary").click()
    expect(page.locator("#mail-heading")).to_be_visible()
    return page


def account(open_page, api, **how):
    accounts = Accounts(signed_in="ada@example.com")
    page = open_page("/account", platform=accounts.answer, **how)
    expect(page.get_by_role("listitem")).to_have_count(len(accounts.sessions))
    return page


def status(open_page, api, **how):
    page = open_page("/status", **how)
    expect(page.locator(".status-cards .card")).to_have_count(5)
    return page


SCREENS = [create, joining, answering, group, weekly, decided, gone, my_polls, calendars, signing_in, account, status]
