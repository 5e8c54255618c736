"""The screen that makes a poll, in three languages, with everything that can go wrong."""

import pytest
from playwright.sync_api import expect

from accessibility import violations
from creating import NOW, picked, send
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow, poll_id_of, remembered_polls


def test_the_first_poll_takes_two_presses(open_page):
    page = open_page("/", at=NOW, zone="Asia/Kathmandu")
    page.get_by_role("button", name="Next 5 working days").click()
    poll = send(page)
    assert poll["title"] == "Meeting"
    assert poll["dates"] == ["2027-03-03", "2027-03-04", "2027-03-05", "2027-03-08", "2027-03-09"]
    assert (poll["from"], poll["to"], poll["duration_minutes"], poll["granularity_minutes"]) == ("09:00", "17:00", 60, 30)
    assert poll["time_zone"] in ("Asia/Kathmandu", "Asia/Katmandu")
    assert poll["visibility"] == "full" and poll["deadline"] is None


def test_the_organiser_is_remembered_and_the_token_is_not_in_the_address(open_page):
    page = open_page("/", at=NOW)
    page.get_by_label("What is it about?").fill("Planning")
    page.get_by_role("button", name="Next 7 days").click()
    poll = send(page)
    [entry] = remembered_polls(page)
    assert (entry["id"], entry["title"]) == (poll["id"], "Planning")
    assert len(entry["adminToken"]) == 43 and entry["adminToken"] not in page.url


def test_the_focus_goes_through_the_form_as_it_is_read(open_page):
    page = open_page("/", at=NOW)
    page.get_by_label("What is it about?").focus()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.date || document.activeElement.textContent.trim()"))
    expected = ["2027-03-02", "poll-from", "poll-to", "poll-length"]
    assert [name for name in seen if name in expected] == expected
    assert seen[-2:] == ["More: place, deadline, who sees the answers", "Create poll"]


def test_a_weekly_poll_asks_about_days_of_the_week(open_page):
    page = open_page("/", at=NOW)
    page.get_by_text("Every week").click()
    page.get_by_role("button", name="Monday").click()
    page.get_by_role("button", name="Saturday").click()
    poll = send(page)
    assert poll["kind"] == "weekly"
    assert poll["days"] == ["tuesday", "wednesday", "thursday", "friday", "saturday"]


def test_times_fit_one_another(open_page):
    page = open_page("/", at=NOW)
    start, end, length = (page.get_by_label(name, exact=True) for name in ("From", "To", "Length"))
    start.select_option("18:00")
    expect(end).to_have_value("24:00")
    expect(end.locator("option:checked")).to_have_text("0:00 (midnight)")
    end.select_option(label="2:00 (next day)")
    page.get_by_text("More: place").click()
    page.get_by_label("Steps of the grid").select_option("60")
    start.select_option("17:30")
    expect(end).to_have_value("02:30")
    end.select_option("18:30")
    expect(length).to_have_value("60")
    page.get_by_role("button", name="Next 7 days").click()
    poll = send(page)
    assert (poll["from"], poll["to"], poll["granularity_minutes"]) == ("17:30", "18:30", 60)


def test_whoever_made_a_poll_is_led_to_its_link(open_page, api):
    page = open_page("/", at=NOW)
    page.get_by_role("button", name="Next week").click()
    page.get_by_role("button", name="Create poll").press("Enter")
    expect(page.get_by_role("heading", name="Your poll is ready. Share it")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Link for everybody")).to_be_focused()
    poll_id = poll_id_of(page)
    api.join(poll_id, "Ada")
    expect(page.get_by_text("0 of 1 answered")).to_be_visible()
    expect(page.get_by_role("heading", name="Your poll is ready. Share it")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Share", exact=True)).to_be_visible()


@pytest.mark.parametrize("typed", ["kathm", "Nepal", "asia kath"])
def test_zones_are_found_by_city_and_country(open_page, typed):
    page = open_page("/", at=NOW)
    zone = page.get_by_role("combobox", name="Time zone")
    expect(zone).to_have_value("London (GMT+0)")
    zone.click()
    zone.fill(typed)
    expect(page.get_by_role("option", name="Kathmandu (GMT+5:45)")).to_be_visible()
    zone.press("Enter")
    expect(zone).to_have_value("Kathmandu (GMT+5:45)")
    expect(zone).to_have_attribute("aria-expanded", "false")


def test_the_zone_stays_what_it_was_when_the_search_is_left(open_page):
    page = open_page("/", at=NOW)
    zone = page.get_by_role("combobox", name="Time zone")
    zone.click()
    zone.fill("no such place")
    expect(page.get_by_text("No zone has this name")).to_be_visible()
    zone.press("Escape")
    expect(zone).to_have_value("London (GMT+0)")
    zone.press("ArrowDown")
    zone.press("ArrowDown")
    zone.press("Tab")
    expect(zone).to_have_value("London (GMT+0)")


def test_what_few_need_is_folded_away_and_sent(open_page):
    page = open_page("/", at=NOW, zone="America/New_York")
    page.get_by_role("button", name="Next week").click()
    expect(page.get_by_label("Place or link")).to_be_hidden()
    page.get_by_text("More: place").click()
    page.get_by_label("Place or link").fill("Room 5")
    page.get_by_label("Description").fill("First line\nSecond line")
    # On the day after the clocks there are set forward.
    page.get_by_label("Answers until").fill("2027-03-15T18:00")
    page.get_by_label("Remind by mail who has not answered").check()
    page.get_by_label("Your e-mail, if you like").fill("ada")
    page.get_by_text("Whoever has answered").click()
    page.get_by_role("button", name="Create poll").click()
    expect(page.locator("#poll-email-error")).to_have_text("This is no e-mail address.")
    page.get_by_label("Your e-mail, if you like").fill("ada@example.com")
    poll = send(page)
    assert poll["remind"] and "organiser_email" not in poll
    assert (poll["location"], poll["description"]) == ("Room 5", "First line\nSecond line")
    assert (poll["deadline"], poll["visibility"]) == ("2027-03-15T22:00:00Z", "after_answer")


def test_without_days_the_calendar_says_so(open_page):
    page = open_page("/", at=NOW)
    page.get_by_role("button", name="Create poll").click()
    expect(page.locator("#days-error")).to_have_text("Pick at least one day, and at most 84 within 12 weeks.")
    expect(page.locator(":focus")).to_have_attribute("data-date", "2027-03-02")
    assert violations(page) == []
    page.locator(":focus").press("Space")
    expect(page.locator("#days-error")).to_be_hidden()


def test_faults_stand_at_their_fields_in_the_language_of_the_page(open_page):
    page = open_page("/", at=NOW, locale="de-DE")
    faults = [
        {"loc": ["body", "duration_minutes"], "msg": "too long", "type": "value_error", "code": "value_error"},
        {"loc": ["body", "location"], "msg": "In words of the platform", "type": "strange", "code": "strange"},
    ]
    page.route("**/users/polls", lambda route: route.fulfill(status=400, json={"case_id": "1", "detail": faults}))
    page.get_by_role("button", name="Nächste Woche").click()
    page.get_by_role("button", name="Umfrage erstellen").click()
    length = page.get_by_label("Dauer")
    expect(length).to_be_focused()
    expect(length).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#poll-length-error")).to_have_text("Das Treffen ist länger als die Zeit zwischen Von und Bis.")
    expect(page.locator("#poll-location-error")).to_have_text("In words of the platform")
    assert violations(page) == []


def test_without_a_connection_nothing_is_lost(open_page):
    page = open_page("/", at=NOW)
    page.get_by_label("What is it about?").fill("Offline")
    page.get_by_role("button", name="Next week").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="Create poll").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no connection")
    expect(page.get_by_role("alert")).to_be_focused()
    page.context.set_offline(False)
    assert send(page)["title"] == "Offline"


def test_the_form_starts_like_another_poll_at_whole_weeks_later(open_page, api):
    poll = api.create_poll(title="Retro", dates=["2027-02-22", "2027-02-24"], duration_minutes=90, visibility="counts",
                           time_zone="Asia/Tokyo")
    page = open_page(f"/?like={poll['id']}", at=NOW)
    expect(page.get_by_label("What is it about?")).to_have_value("Retro")
    expect(page.get_by_role("combobox", name="Time zone")).to_have_value("Tokyo (GMT+9)")
    assert picked(page) == ["2027-03-08", "2027-03-10"]
    copy = send(page)
    assert copy["id"] != poll["id"] and (copy["duration_minutes"], copy["visibility"]) == (90, "counts")


def test_markup_in_every_text_is_text(open_page, base_url):
    page = open_page("/", at=NOW)
    page.get_by_role("button", name="Next week").click()
    page.get_by_text("More: place").click()
    for label in ("What is it about?", "Place or link", "Description"):
        page.get_by_label(label).fill(MARKUP)
    poll = send(page)
    assert (poll["title"], poll["location"], poll["description"]) == (MARKUP, MARKUP, MARKUP)
    page.goto(f"{base_url}/?like={poll['id']}")
    expect(page.get_by_label("What is it about?")).to_have_value(MARKUP)
    page.goto(f"{base_url}/polls")
    expect(page.get_by_role("link", name=MARKUP, exact=True)).to_be_visible()
    expect_nothing_ran(page)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_in_every_language(open_page, look):
    page = open_page("/", at=NOW, reduced_motion="reduce", **look)
    page.locator(".quick-dates button").first.click()
    page.locator(".create-more summary").click()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator(".zone-picker input").click()
    expect(page.locator(".zone-picker [role=option]").first).to_be_visible()
    assert violations(page) == []
    page.locator('input[value="weekly"]').check()
    expect(page.locator(".weekday-buttons")).to_be_visible()
    assert violations(page) == []


def test_nothing_moves_while_it_loads(open_page):
    page = open_page("/", at=NOW)
    shift = page.evaluate(
        """() => new Promise((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.value))).observe({type: "layout-shift", buffered: true});
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        })"""
    )
    assert shift < 0.01
