"""The screen of one's calendars: subscribed ones, files, and the feed of one's meetings."""

import re
import secrets
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from accessibility import violations
from calendar_server import CalendarServer, calendar_text, soon
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow


@pytest.fixture
def server():
    return CalendarServer()


@pytest.fixture
def ada(api):
    """The address of somebody who is stored and has no calendars."""
    email = f"ada-{secrets.token_hex(6)}@example.com"
    api.call("POST", "/users/users", {"email": email, "availabilities": {}})
    return email


def open_calendars(open_page, email, **how):
    page = open_page("/calendars", remembered_settings={"calendarsOf": email}, **how)
    expect(page.locator("#calendars-heading")).to_contain_text(email)
    expect(page.locator("#add-heading")).to_be_visible()
    return page


def row(page, name):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name, exact=True))


def subscribe(page, url, name=None):
    page.get_by_label("Address of the calendar").fill(url)
    if name:
        page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Subscribe").click()


def send_file(page, path):
    page.get_by_role("radio", name="File").check()
    page.get_by_label("Calendar file").set_input_files(path)
    page.get_by_role("button", name="Send the file").click()


def file_of(tmp_path, text, name="work.ics"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def names_of(api, email):
    return [calendar["name"] for calendar in api.call("GET", f"/users/users/{quote(email)}/calendars")["calendars"]]


def test_whoever_is_new_gives_an_address_and_starts_and_the_browser_remembers_it(open_page, api):
    email = f"new-{secrets.token_hex(6)}@example.com"
    page = open_page("/polls", zone="Asia/Tokyo")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("navigation").get_by_role("link", name="My calendars").click()
    page.get_by_label("Your e-mail address").fill("ada")
    page.get_by_role("button", name="Show calendars").click()
    expect(page.get_by_text("This is no e-mail address.")).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    assert not [url for url in asked if "/users/users/" in url]
    page.get_by_label("Your e-mail address").fill(f" {email} ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Calendars of {email}")).to_be_focused()
    expect(page.get_by_text("Nothing is kept for this address yet.")).to_be_visible()
    page.get_by_role("button", name="Start with this address").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    schedule = api.call("GET", f"/users/users/{quote(email)}/schedule")
    assert schedule["time_zone"] == "Asia/Tokyo"
    page.reload()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    page.get_by_role("button", name="Use another address").click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()


def test_whoever_has_started_is_free_but_when_a_calendar_says_busy(open_page, api, tmp_path):
    email = f"new-{secrets.token_hex(6)}@example.com"
    page = open_page("/calendars", remembered_settings={"calendarsOf": email})
    page.get_by_role("button", name="Start with this address").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    start = soon(2)
    send_file(page, file_of(tmp_path, calendar_text(start)))
    expect(row(page, "work")).to_contain_text("1 event · 1 busy time")
    day = f"{start:%Y-%m-%d}"
    told = api.call("GET", f"/users/users/{quote(email)}/freebusy?from={day}T00:00:00Z&to={day}T23:00:00Z")
    assert [(free["start"], free["end"]) for free in told["free"]] == [
        (f"{day}T00:00:00Z", f"{day}T10:00:00Z"), (f"{day}T11:00:00Z", f"{day}T23:00:00Z")]


def test_a_subscription_is_fetched_and_its_address_is_never_shown_again(open_page, api, ada, server):
    server.replies["/secret.ics"] = (200, calendar_text(soon(1), soon(2)))
    page = open_calendars(open_page, ada)
    subscribe(page, server.url("/secret.ics"), "Work")
    expect(row(page, "Work").locator(".state")).to_have_text("up to date", timeout=60_000)
    expect(row(page, "Work")).to_contain_text("Subscription · 2 events · 2 busy times")
    expect(row(page, "Work")).to_contain_text("Last read")
    expect(page.locator("#announcements")).to_contain_text("Work: Last read")
    expect(page.get_by_label("Address of the calendar")).to_have_value("")
    for _ in range(2):
        assert "secret.ics" not in page.content()
        assert "secret.ics" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
        page.reload()
        expect(row(page, "Work")).to_be_visible()
    assert "Secret plans" not in page.content()


def test_a_calendar_that_cannot_be_fetched_says_why_and_what_was_known_stays(open_page, ada, server):
    server.replies["/gone.ics"] = (200, calendar_text(soon(1)))
    server.replies["/login"] = (200, "<html>Log in</html>")
    page = open_calendars(open_page, ada)
    subscribe(page, server.url("/gone.ics"), "Choir")
    expect(row(page, "Choir").locator(".state")).to_have_text("up to date", timeout=60_000)
    server.replies["/gone.ics"] = (410, "")
    subscribe(page, server.url("/gone.ics"), "Choir")
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(page.get_by_label("Address of the calendar")).to_have_value("")
    subscribe(page, server.url("/login"), "Club")
    expect(row(page, "Club").locator(".state")).to_have_text("not fetched", timeout=60_000)
    expect(row(page, "Club")).to_contain_text("Could not be fetched yet. What is at the address is no calendar")
    page.reload()
    expect(row(page, "Choir").locator(".state")).to_have_text("gone")
    expect(row(page, "Choir")).to_contain_text(re.compile(r"Could not be fetched since \w+,? \d+ \w+, [\d:]+\. The server says that there is no such calendar\."))
    expect(row(page, "Choir")).to_contain_text("1 event · 1 busy time")
    expect(row(page, "Choir")).to_contain_text("What was known of it still counts.")


def test_what_is_typed_while_a_calendar_is_sent_stays(open_page, ada, server):
    server.replies["/work.ics"] = (200, calendar_text(soon(1)))
    page = open_calendars(open_page, ada)
    held = []
    page.route("**/calendars/Work?*", lambda route: held.append(route))
    with page.expect_request("**/calendars/Work?*"):
        subscribe(page, server.url("/work.ics"), "Work")
    expect(page.get_by_role("button", name="Sending")).to_be_visible()
    page.get_by_label("Address of the calendar").fill("https://example.com/next.ics")
    held.pop().continue_()
    expect(row(page, "Work").locator(".state")).to_have_text("up to date", timeout=60_000)
    expect(page.get_by_label("Address of the calendar")).to_have_value("https://example.com/next.ics")


@pytest.mark.parametrize(("url", "said"), [
    ("", "Fill this in."),
    ("calendar.google.com/calendar/ical/x", "This is no address of a calendar."),
    ("ftp://example.com/a.ics", "The address has to begin with https:// or webcal://."),
    ("https://ada:secret@example.com/a.ics", "Take the user and the password out of the address"),
    ("https://10.0.0.1/a.ics", "The address leads into a private network."),
])
def test_an_address_that_is_not_asked_is_said_at_its_field(open_page, ada, url, said):
    page = open_calendars(open_page, ada)
    subscribe(page, url)
    field = page.get_by_label("Address of the calendar")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#calendar-url-error")).to_contain_text(said)
    assert "calendar-url-error" in field.get_attribute("aria-describedby")
    expect(field).to_have_value(url)
    field.press_sequentially("x")
    expect(page.locator("#calendar-url-error")).to_have_count(0)


def test_a_name_is_proposed_and_one_that_is_taken_is_replaced_only_after_asking(open_page, api, ada, tmp_path):
    api.subscribe(ada, "Google", "https://127.0.0.1/a.ics")
    page = open_calendars(open_page, ada)
    name = page.get_by_label("Name", exact=True)
    for url, proposed in [("webcal://p1.icloud.com/x", "iCloud"), ("https://www.example.org/y", "example.org"), ("https://calendar.google.com/z", "Google 2")]:
        page.get_by_label("Address of the calendar").fill(url)
        expect(name).to_have_attribute("placeholder", proposed)
    send_file(page, file_of(tmp_path, calendar_text(soon(1)), "Choir plan.ics"))
    expect(row(page, "Choir plan")).to_contain_text("File · 1 event")
    send_file(page, file_of(tmp_path, calendar_text(soon(1), soon(2)), "Choir plan.ics"))
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(row(page, "Choir plan")).to_contain_text("1 event")
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("dialog").get_by_role("button", name="Replace").click()
    expect(row(page, "Choir plan")).to_contain_text("2 events")


def test_a_file_that_cannot_be_taken_says_so_at_its_field(open_page, api, ada, tmp_path):
    page = open_calendars(open_page, ada)
    page.get_by_role("radio", name="File").check()
    page.get_by_role("button", name="Send the file").click()
    expect(page.locator("#calendar-file-error")).to_have_text("Choose a file.")
    expect(page.get_by_label("Calendar file")).to_be_focused()
    send_file(page, file_of(tmp_path, "no calendar"))
    expect(page.locator("#calendar-file-error")).to_contain_text("This file is no calendar.")
    large = tmp_path / "large.ics"
    large.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    send_file(page, large)
    expect(page.locator("#calendar-file-error")).to_contain_text("larger than 10 MiB")
    assert names_of(api, ada) == []


def test_a_calendar_too_many_says_what_to_do(open_page, api, ada, tmp_path):
    for number in range(20):
        api.send_calendar(ada, f"Calendar {number}", calendar_text())
    page = open_calendars(open_page, ada)
    send_file(page, file_of(tmp_path, calendar_text()))
    expect(page.get_by_role("alert")).to_have_text("There cannot be more calendars. Remove one first.")
    expect(page.get_by_role("alert")).to_be_focused()


def test_invitations_without_an_answer_can_be_free(open_page, api, ada, tmp_path):
    event = (f"UID:x\r\nDTSTART:{soon(1):%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nORGANIZER:mailto:ben@example.com\r\n"
             f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ada}\r\n")
    text = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"
    page = open_calendars(open_page, ada)
    send_file(page, file_of(tmp_path, text, "busy.ics"))
    expect(row(page, "busy")).to_contain_text("1 event · 1 busy time")
    page.get_by_label("Invitations that I have not answered make me busy").uncheck()
    send_file(page, file_of(tmp_path, text, "free.ics"))
    expect(row(page, "free")).to_contain_text("1 event · 0 busy times")


def test_removing_asks_first(open_page, api, ada):
    api.send_calendar(ada, "Work", calendar_text(soon(1)))
    page = open_calendars(open_page, ada)
    remove = row(page, "Work").get_by_role("button", name="Remove: Work")
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(remove).to_be_focused()
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    expect(page.get_by_text("“Work” is removed").first).to_be_visible()
    expect(page.locator("#calendars-heading")).to_be_focused()
    assert names_of(api, ada) == []


def test_one_that_is_gone_already_is_removed_all_the_same(open_page, api, ada):
    api.send_calendar(ada, "Work", calendar_text())
    page = open_calendars(open_page, ada)
    api.call("DELETE", f"/users/users/{quote(ada)}/calendars/Work")
    row(page, "Work").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()


def feed_status(page, url):
    """What the platform answers at the address of a feed, whatever host it names."""
    parts = urlsplit(url)
    return page.request.get(f"{page.evaluate('location.origin')}{parts.path}?{parts.query}").status


def test_a_feed_is_made_copied_made_anew_and_revoked(open_page, ada):
    page = open_calendars(open_page, ada)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.get_by_text("Whoever has the address of the feed can read it.")).to_be_visible()
    page.get_by_role("button", name="Make an address").click()
    meetings = page.get_by_label("Decided meetings")
    expect(meetings).to_be_focused()
    first, busy = meetings.input_value(), page.get_by_label("Only when you are busy, never why").input_value()
    assert (feed_status(page, first), feed_status(page, busy)) == (200, 200)
    page.get_by_role("button", name="Copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == first

    page.get_by_role("button", name="Make a new one").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a new one").click()
    expect(meetings).not_to_have_value(first)
    second = meetings.input_value()
    assert (feed_status(page, first), feed_status(page, second)) == (401, 200)

    page.reload()
    expect(page.get_by_text("An address was made here on")).to_be_visible()
    token = urlsplit(second).query.removeprefix("token=")
    assert token not in page.content() + page.evaluate("JSON.stringify(localStorage)")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Make an address")).to_be_visible()
    assert feed_status(page, second) == 401


def test_a_decided_meeting_is_in_the_feed(open_page, api, ada):
    poll = api.create_poll(title="Choir rehearsal")
    person = {"name": "Ada", "time_zone": "Europe/London", "email": ada}
    api.call("POST", f"/users/polls/{poll['id']}/participants", person)
    meeting = {"start": "2027-03-09T10:00:00Z", "end": "2027-03-09T11:00:00Z"}
    api.call("PUT", f"/users/polls/{poll['id']}/decision", meeting, poll["admin_token"])
    page = open_calendars(open_page, ada)
    page.get_by_role("button", name="Make an address").click()
    parts = urlsplit(page.get_by_label("Decided meetings").input_value())
    assert "SUMMARY:Choir rehearsal" in page.request.get(f"{api.base_url}{parts.path}?{parts.query}").text()


def test_a_poll_is_answered_from_ones_calendars(open_page, api, tmp_path):
    email = f"new-{secrets.token_hex(6)}@example.com"
    poll = api.create_poll(dates=["2027-03-08"])
    page = open_page("/calendars", remembered_settings={"calendarsOf": email})
    page.get_by_role("button", name="Start with this address").click()
    day = "20270308"
    event = f"UID:x\r\nDTSTART:{day}T100000Z\r\nDTEND:{day}T160000Z\r\n"
    send_file(page, file_of(tmp_path, f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"))
    expect(row(page, "work")).to_be_visible()
    page.goto(f"{api.base_url}/p/{poll['id']}")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Fill in from your stored schedule").click()
    expect(page.get_by_label("Your e-mail address")).to_have_value(email)
    page.get_by_role("button", name="Fill in").click()
    expect(page.locator(".save-state")).to_contain_text("Saved")
    me = page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))[0].participant")
    ranges = api.answer_of(poll["id"], me["id"], me["token"])["ranges"]
    assert [(r["start"][11:16], r["end"][11:16]) for r in ranges] == [("09:00", "10:00"), ("16:00", "17:00")]
    page.get_by_role("tabpanel").get_by_role("link", name="My calendars").click()
    expect(page.get_by_role("heading", name=f"Calendars of {email}")).to_be_visible()


def test_a_lost_connection_is_told_and_its_return_reads_again(open_page, api, ada):
    api.send_calendar(ada, "Work", calendar_text(soon(1)))
    page = open_page("/calendars")
    page.get_by_label("Your e-mail address").fill(ada)
    page.context.set_offline(True)
    page.get_by_role("button", name="Show calendars").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no connection.")
    page.context.set_offline(False)
    expect(row(page, "Work")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    # What is shown stays while there is no connection, and what somebody has typed too.
    page.context.set_offline(True)
    subscribe(page, "https://example.com/a.ics")
    expect(page.get_by_role("alert")).to_contain_text("There is no connection.")
    expect(page.get_by_label("Address of the calendar")).to_have_value("https://example.com/a.ics")
    expect(row(page, "Work")).to_be_visible()


def test_it_says_that_it_loads_and_that_the_platform_is_away(open_page, ada):
    page = open_page("/polls", remembered_settings={"calendarsOf": ada})
    held = []
    page.route("**/calendars", lambda route: held.append(route) if "/users/" in route.request.url else route.continue_())
    with page.expect_request("**/users/users/**"):
        page.get_by_role("navigation").get_by_role("link", name="My calendars").click()
    expect(page.locator(".calendars-of[aria-busy='true']")).to_contain_text("Loading")
    held[0].fulfill(status=503, json={"detail": []})
    expect(page.get_by_role("alert")).to_contain_text("The service is not available for the moment.")
    page.unroute("**/calendars")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()


def test_the_keyboard_alone_subscribes_and_removes(open_page, ada, server):
    server.replies["/a.ics"] = (200, calendar_text(soon(1)))
    page = open_calendars(open_page, ada)
    page.get_by_role("radio", name="Address").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Calendar file")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.type(server.url("/a.ics"))
    page.keyboard.press("Tab")
    expect(page.get_by_text("Where do I find the address?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Secret address in iCal format")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(row(page, "By keys")).to_be_visible()
    row(page, "By keys").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()


def test_markup_in_names_and_errors_is_text(open_page, api, ada):
    name = MARKUP[:80].replace("/", "|")
    api.send_calendar(ada, name, calendar_text())
    page = open_calendars(open_page, ada)
    expect(row(page, name)).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text(name)
    expect_nothing_ran(page)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_in_every_language(open_page, api, ada, look):
    api.send_calendar(ada, "Work", calendar_text(soon(1)))
    api.subscribe(ada, "A calendar of a very long name that has to be broken somewhere, all the same", "https://127.0.0.1/a.ics")
    api.wait_for_calendars(ada, {"A calendar of a very long name that has to be broken somewhere, all the same": "failing"})
    page = open_calendars(open_page, ada, reduced_motion="reduce", **look)
    page.locator(".calendars-where summary").click()
    page.locator(".calendars-feed .primary").click()
    expect(page.locator("#feed-link")).to_be_visible()
    page.locator(".calendars-add button[type=submit]").click()
    expect(page.locator("#calendar-url-error")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator(".calendars-add input[value=file]").check()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator(".calendar-row button.danger").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".calendars-head button").click()
    expect(page.locator("#calendars-email")).to_be_visible()
    assert violations(page) == []
