"""Beside the grid: the best times with reasons, what would help, and the decision."""

import re

import pytest
from playwright.sync_api import expect

from looks import MARKUP, expect_nothing_ran, overflow, violations


def utc(day, start, end, level="yes"):
    return {"start": f"2027-03-{day:02}T{start}:00Z", "end": f"2027-03-{day:02}T{end}:00Z", "level": level}


@pytest.fixture
def lunch(api):
    """A poll that four of five people in four zones have answered."""
    poll = api.create_poll(title="Lunch", dates=["2027-03-09", "2027-03-10"])
    people = {name: api.join(poll["id"], name, zone) for name, zone in [
        ("Ada", "Europe/London"), ("Ben", "America/New_York"), ("Chitra", "Asia/Kolkata"), ("Dai", "Asia/Tokyo"), ("Emil", "Europe/London")]}
    api.answer(poll["id"], people["Ada"], [utc(9, "09:00", "17:00"), utc(10, "09:00", "12:00")])
    api.answer(poll["id"], people["Ben"], [utc(9, "13:00", "16:00"), utc(10, "11:00", "12:00", "if_needed")])
    api.answer(poll["id"], people["Chitra"], [utc(9, "09:00", "14:00"), utc(10, "09:00", "12:00")])
    api.answer(poll["id"], people["Dai"], [utc(9, "09:00", "12:00"), utc(10, "09:00", "12:00")])
    return poll | {"people": people}


def open_poll(open_page, poll, organiser=False, **settings):
    page = open_page(f"/p/{poll['id']}" + (f"#admin={poll['admin_token']}" if organiser else ""), **settings)
    expect(page.locator(".windows-list > li, .windows-empty").first).to_be_visible()
    return page


def windows(page):
    return page.locator(".windows-list > li")


def test_the_best_time_is_first_with_its_reasons(open_page, lunch):
    page = open_poll(open_page, lunch)
    best = windows(page).first
    expect(best).to_contain_text("Wednesday 10 March")
    expect(best).to_contain_text("11:00 – 12:00")
    expect(best).to_contain_text("4 of 5")
    expect(best).to_contain_text("Only if needed: \u2068Ben\u2069")
    expect(best).to_contain_text("Outside the working hours of")
    expect(best.get_by_role("img")).to_have_accessible_name("3 can come, 1 if needed and 1 has not answered")
    expect(windows(page).nth(1)).to_contain_text("Without \u2068Ben\u2069")


def test_everybody_is_told_their_local_time_and_nights_are_marked(open_page, lunch):
    page = open_poll(open_page, lunch)
    clocks = windows(page).first.locator(".local-times > li")
    expect(clocks).to_have_count(4)
    for place, (time, names) in enumerate([("6:00 – 7:00", ["Ben"]), ("11:00 – 12:00", ["Ada", "Emil"]), ("16:30 – 17:30", ["Chitra"]), ("20:00 – 21:00", ["Dai"])]):
        expect(clocks.nth(place)).to_contain_text(time)
        for name in names:
            expect(clocks.nth(place)).to_contain_text(name)
    expect(clocks.nth(0)).to_contain_text("night")
    expect(clocks.nth(0)).to_contain_text("if needed")
    expect(clocks.nth(1)).not_to_contain_text("night")
    expect(clocks.nth(3)).to_contain_text("outside working hours")


@pytest.mark.parametrize(("locale", "texts"), [
    ("de-DE", ["Beste Zeiten", "4 von 5", "Nur zur Not: \u2068Ben\u2069", "nachts", "Die Antwort von \u2068Emil\u2069 kann die erste Zeit noch ändern."]),
    ("ar", ["أفضل الأوقات", "عند الضرورة فقط: \u2068Ben\u2069", "ليلًا", "ما زالت إجابة \u2068Emil\u2069 قد تغيّر الوقت الأول."]),
])
def test_it_is_said_in_the_language_of_the_page(open_page, lunch, locale, texts):
    panel = open_poll(open_page, lunch, locale=locale).locator(".windows-panel")
    for text in texts:
        expect(panel).to_contain_text(text)


def test_one_press_outlines_a_time_and_another_takes_it_back(open_page, lunch):
    page = open_poll(open_page, lunch)
    head = windows(page).nth(1).locator(".window-head")
    head.click()
    expect(head).to_have_attribute("aria-pressed", "true")
    first = windows(page).first.locator(".window-head")
    first.focus()
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(head).to_have_attribute("aria-pressed", "false")
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "false")


def test_whose_answer_can_change_the_first_is_told_until_nobodys_can(open_page, api, lunch):
    page = open_poll(open_page, lunch)
    awaited = page.locator(".windows-awaited")
    expect(awaited).to_have_text("The answer of \u2068Emil\u2069 can still change the first time.")
    api.answer(lunch["id"], lunch["people"]["Emil"], [utc(10, "09:00", "12:00")])
    expect(awaited).to_have_text("Everybody has answered.")
    expect(windows(page).first).to_contain_text("Everyone can come")
    expect(windows(page).first).to_contain_text("✓ 5 of 5")


def test_more_times_are_shown_when_asked_for(open_page, lunch):
    page = open_poll(open_page, lunch)
    expect(windows(page)).to_have_count(3)
    page.get_by_role("button", name=re.compile("Show .* more")).click()
    expect(windows(page)).to_have_count(10)
    page.get_by_role("button", name="Show fewer").click()
    expect(windows(page)).to_have_count(3)


def test_without_answers_it_says_what_will_be_here(open_page, api):
    page = open_poll(open_page, api.create_poll())
    expect(page.locator(".windows-empty")).to_contain_text("Nobody has answered yet")
    expect(windows(page)).to_have_count(0)


def test_what_would_help_can_be_tried_at_once(open_page, api):
    poll = api.create_poll(dates=["2027-03-09"], duration_minutes=120)
    for name, start, end in [("Ada", "09:00", "11:00"), ("Ben", "10:00", "12:00")]:
        api.answer(poll["id"], api.join(poll["id"], name, "Europe/London"), [utc(9, start, end)])
    page = open_poll(open_page, poll)
    expect(page.locator(".unlocks")).to_contain_text("With 1 hr: 1 possible time, \u2068Tue 9 Mar, 10:00\u2069")
    page.get_by_role("button", name="Try it").click()
    expect(windows(page).first).to_contain_text("10:00 – 11:00")
    expect(windows(page).first).to_contain_text("✓ 2 of 2")
    page.get_by_text("How times are chosen").click()
    expect(page.locator("#windows-length")).to_have_value("60")


def test_if_needed_counts_as_is_chosen(open_page, lunch):
    page = open_poll(open_page, lunch)
    page.get_by_text("How times are chosen").click()
    page.get_by_label("“If needed”").select_option("never")
    expect(windows(page).first).to_contain_text("3 of 5")
    expect(page.locator(".unlocks, .windows-list").first).to_be_visible()
    page.get_by_label("“If needed”").select_option("equal")
    expect(windows(page).first).to_contain_text("4 of 5")


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
        page.get_by_role("button", name="Add to calendar").click()
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


def test_a_weekly_time_says_in_how_many_weeks_it_holds_and_can_rotate(open_page, api):
    poll = api.create_poll(kind="weekly", days=["monday", "wednesday"], time_zone="Europe/Berlin", **{"from": "06:00", "to": "22:00"})
    for name, zone, start, end in [("Ada", "Europe/Berlin", "08:00", "20:00"), ("Sam", "America/Los_Angeles", "05:00", "14:00"), ("Yuki", "Asia/Tokyo", "15:00", "23:30")]:
        person = api.join(poll["id"], name, zone)
        weekly = [{"day": day, "from": start, "to": end, "level": "yes"} for day in ("monday", "wednesday")]
        api.call("PUT", f"/users/polls/{poll['id']}/participants/{person['id']}/answer", {"time_zone": zone, "weekly": weekly}, person["edit_token"])
    page = open_poll(open_page, poll, zone="Europe/Berlin")
    expect(windows(page).first).to_contain_text("Every Monday")
    expect(windows(page).first.locator(".window-holds")).to_contain_text(re.compile("next 12 weeks"))
    page.get_by_text("How times are chosen").click()
    page.get_by_label(re.compile("A time for each week")).check()
    expect(page.locator(".rotation tbody tr").first).to_be_visible()
    expect(page.locator(".rotation")).to_contain_text("Outside working hours over all weeks")
    assert violations(page) == []


@pytest.mark.parametrize(("visibility", "text"), [
    ("after_answer", "The best times appear here once you have answered."),
    ("blind", "Only the organiser sees answers and times."),
])
def test_what_is_hidden_says_why(open_page, api, visibility, text):
    page = open_page(f"/p/{api.create_poll(visibility=visibility)['id']}")
    expect(page.locator(".windows-panel")).to_contain_text(text)


def test_where_only_numbers_are_seen_nobody_is_named(open_page, api, lunch):
    api.call("PATCH", f"/users/polls/{lunch['id']}", {"visibility": "counts"}, lunch["admin_token"])
    panel = open_poll(open_page, lunch).locator(".windows-panel")
    expect(panel).to_contain_text("Somebody only if needed")
    expect(panel).to_contain_text("Answers that are still missing can change the first time.")
    for name in lunch["people"]:
        expect(panel).not_to_contain_text(name)


def test_markup_in_names_is_text(open_page, api):
    poll = api.create_poll(title=MARKUP, location=MARKUP, dates=["2027-03-09"])
    person = api.call("POST", f"/users/polls/{poll['id']}/participants", {"name": MARKUP, "time_zone": "Europe/London"})
    api.answer(poll["id"], person, [utc(9, "09:00", "11:00", "if_needed")])
    page = open_poll(open_page, poll, organiser=True)
    expect(windows(page).first.locator(".window-reasons")).to_contain_text(MARKUP)
    expect(windows(page).first.locator(".local-times")).to_contain_text(MARKUP)
    expect_nothing_ran(page)


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


@pytest.mark.parametrize("locale", ["en-GB", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_it_is_accessible_open_and_decided(open_page, lunch, api, locale, scheme, phone):
    page = open_poll(open_page, lunch, organiser=True, locale=locale, color_scheme=scheme, phone=phone, reduced_motion="reduce")
    for summary in page.locator(".windows-options > summary, .share-own > summary").all():
        summary.click()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator(".organiser-panel button").first.click()
    expect(page.locator(".edit-dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(".edit-dialog")).to_have_count(0)
    api.call("PUT", f"/users/polls/{lunch['id']}/decision", {"start": "2027-03-10T11:00:00Z", "end": "2027-03-10T12:00:00Z"}, lunch["admin_token"])
    expect(page.locator(".decided")).to_be_visible()
    assert violations(page) == []
