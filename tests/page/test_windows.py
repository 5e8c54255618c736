"""Beside the grid: the best times with reasons, and what would help."""

import re

import pytest
from playwright.sync_api import expect

from accessibility import violations
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow
from lunches import open_poll, utc, windows


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


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_open_and_decided(open_page, lunch, api, look):
    page = open_poll(open_page, lunch, organiser=True, reduced_motion="reduce", **look)
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
