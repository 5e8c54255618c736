"""What the organiser does with a poll: share, change, decide, close and delete it."""

import re

from playwright.sync_api import expect

from accessibility import violations
from lunches import open_poll, utc, windows


def test_the_organiser_decides_and_takes_it_back(open_page, lunch):
    page = open_poll(open_page, lunch, organiser=True)
    guest = open_poll(open_page, lunch, zone="Asia/Tokyo")
    expect(guest.get_by_role("button", name=re.compile("^Decide"))).to_have_count(0)
    decide = windows(page).first.get_by_role("button", name=re.compile("^Decide"))
    decide.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Decide for Wednesday 10 March, 11:00 – 12:00?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(decide).to_be_focused()
    decide.press("Enter")
    dialog.get_by_role("button", name="Decide").click()
    for seen, text in [(page, "Wednesday 10 March, 11:00 – 12:00"), (guest, "Wednesday 10 March, 20:00 – 21:00")]:
        expect(seen.locator(".decided")).to_contain_text(text)
        expect(seen.locator(".decided .local-times > li")).to_have_count(4)
    expect(guest.get_by_role("button", name="Take it back")).to_have_count(0)
    page.get_by_role("button", name="Take it back").click()
    dialog.get_by_role("button", name="Take it back").click()
    expect(windows(page).first).to_contain_text("11:00 – 12:00")
    expect(windows(guest).first).to_contain_text("20:00 – 21:00")


def test_a_decided_meeting_goes_into_calendars(open_page, api, lunch):
    api.call("PATCH", f"/users/polls/{lunch['id']}", {"title": "Lunch; with, \\ all\u00e4", "location": "Room 5"}, lunch["admin_token"])
    api.call("PUT", f"/users/polls/{lunch['id']}/decision", {"start": "2027-03-10T11:00:00Z", "end": "2027-03-10T12:00:00Z"}, lunch["admin_token"])
    page = open_page(f"/p/{lunch['id']}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == "Lunch with  allä.ics"
    text = download.value.path().read_bytes().decode()
    lines = text.replace("\r\n ", "").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for line in ("DTSTART:20270310T110000Z", "DTEND:20270310T120000Z", "SUMMARY:Lunch\\; with\\, \\\\ allä", "LOCATION:Room 5"):
        assert line in lines


def test_somebody_who_is_busy_then_is_named_and_may_be_overruled(open_page, api):
    email = f"vera.{api.create_poll()['id'].lower().replace('_', 'u').replace('-', 'd')}@example.com"
    api.call("POST", "/users/users", {"email": email, "availabilities": {}})
    polls = [api.create_poll(title=title, dates=["2027-03-09"]) for title in ("First", "Second")]
    for poll in polls:
        vera = api.call("POST", f"/users/polls/{poll['id']}/participants", {"name": "Vera", "time_zone": "Europe/London", "email": email, "required": True}, poll["admin_token"])
        api.answer(poll["id"], vera, [utc(9, "10:00", "11:00")])
        api.answer(poll["id"], api.join(poll["id"], "Ada"), [utc(9, "10:00", "11:00")])
    api.call("PUT", f"/users/polls/{polls[0]['id']}/decision", {"start": "2027-03-09T10:00:00Z", "end": "2027-03-09T11:00:00Z"}, polls[0]["admin_token"])
    page = open_poll(open_page, polls[1], organiser=True)
    windows(page).first.get_by_role("button", name=re.compile("^Decide")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Decide").click()
    expect(dialog).to_contain_text("\u2068Vera\u2069 has to come, and is at another decided meeting then.")
    assert violations(page) == []
    dialog.get_by_role("button", name="Decide anyway").click()
    expect(page.locator(".decided")).to_contain_text("Tuesday 9 March, 10:00 – 11:00")


def test_the_links_are_shared_and_the_own_one_is_folded_away(open_page, api):
    poll = api.create_poll()
    page = open_poll(open_page, poll, organiser=True, permissions=["clipboard-read", "clipboard-write"])
    link = page.get_by_label("Link for everybody")
    expect(link).to_have_value(re.compile(rf"^http.*/p/{poll['id']}$"))
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link.input_value()
    own = page.get_by_label("Keep this one to yourself")
    expect(own).to_be_hidden()
    page.get_by_text("Your own link as organiser").click()
    expect(own).to_have_value(f"{link.input_value()}#admin={poll['admin_token']}")
    guest = open_poll(open_page, poll)
    expect(guest.get_by_text("Your own link as organiser")).to_have_count(0)


def test_links_are_copied_without_a_clipboard_too(open_page, api):
    page = open_poll(open_page, api.create_poll(), organiser=True)
    # As where the page is not served over HTTPS.
    page.evaluate("delete Navigator.prototype.clipboard")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_the_organiser_changes_the_poll_and_is_warned_of_lost_answers(open_page, api, lunch):
    page = open_poll(open_page, lunch, organiser=True)
    change = page.get_by_role("button", name="Change the poll")
    change.click()
    form = page.get_by_role("dialog", name="Change the poll")
    save = form.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    form.get_by_label("What is it about?").fill("Dinner")
    save.click()
    expect(page.get_by_role("heading", name="Dinner", level=1)).to_be_visible()
    expect(change).to_be_focused()
    change.click()
    form.locator('[data-date="2027-03-10"]').click()
    save.click()
    dialog = page.get_by_role("dialog", name="Some answers will be lost")
    dialog.get_by_role("button", name="Cancel").click()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Discard what you changed?").get_by_role("button", name="Discard").click()
    expect(form).to_have_count(0)
    assert api.call("GET", f"/users/polls/{lunch['id']}")["dates"] == ["2027-03-09", "2027-03-10"]


def test_what_is_changed_elsewhere_meanwhile_stays(open_page, api, lunch):
    page = open_poll(open_page, lunch, organiser=True)
    page.get_by_role("button", name="Change the poll").click()
    form = page.get_by_role("dialog", name="Change the poll")
    form.get_by_label("Place or link").fill("Room 5")
    api.call("PATCH", f"/users/polls/{lunch['id']}", {"title": "Dinner"}, lunch["admin_token"])
    expect(form.get_by_label("What is it about?")).to_have_value("Dinner")
    expect(form.get_by_label("Place or link")).to_have_value("Room 5")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Room 5")).to_be_visible()
    poll = api.call("GET", f"/users/polls/{lunch['id']}")
    assert (poll["title"], poll["location"]) == ("Dinner", "Room 5")


def test_the_organiser_closes_opens_exports_deletes_and_restores(open_page, lunch):
    page = open_poll(open_page, lunch, organiser=True)
    page.get_by_role("button", name="Close now").click()
    page.get_by_role("button", name="Open again").click()
    expect(page.get_by_role("button", name="Close now")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    assert download.value.suggested_filename == "Lunch.csv"
    assert download.value.path().read_text("utf-8-sig").startswith("name,time_zone,required,answered,")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/polls$"))
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(f"/p/{lunch['id']}$"))
    expect(windows(page).first).to_be_visible()


def test_people_are_invited_by_mail_and_whoever_takes_part_is_named(open_page, api, lunch):
    page = open_poll(open_page, lunch, organiser=True)
    page.get_by_text("Invite by mail").click()
    page.get_by_label("Addresses").fill('"Dana D" <dana@example.com>\neli@example.com, nobody')
    page.get_by_role("button", name="Send invitations").click()
    form = page.locator(".invite-form")
    expect(form.get_by_role("alert")).to_contain_text("nobody: this is no address")
    for people, said in [("dana@example.com; eli@example.com", "2 invitations are on their way"), ("eli@example.com", "eli@example.com: takes part already")]:
        page.get_by_label("Addresses").fill(people)
        page.get_by_role("button", name="Send invitations").click()
        expect(form.get_by_role("status")).to_contain_text(said)
    names = {person["name"] for person in api.call("GET", f"/users/polls/{lunch['id']}")["participants"]}
    assert {"dana", "eli"} <= names
    assert violations(page) == []
