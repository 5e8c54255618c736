"""How a poll is laid out: weeks, zones, nights, and clocks that are set."""

from playwright.sync_api import expect

from grids import IF_NEEDED, answer_grid, cell, cells, drag, grid, places, rectangle
from steps import saved


def headers(page, role):
    return grid(page).get_by_role(role)


def test_one_week_at_a_time_is_in_the_document(api, open_page):
    dates = [f"2027-03-{day:02}" for day in range(1, 29)]
    page = answer_grid(api, open_page, api.create_poll(dates=dates))
    expect(cells(page)).to_have_count(7 * 16)
    expect(grid(page)).to_have_attribute("aria-colcount", "29")
    expect(grid(page)).to_have_attribute("aria-rowcount", "17")
    expect(page.get_by_role("button", name="Week before")).to_be_disabled()
    drag(page, (0, 0), (0, 1))
    page.get_by_role("button", name="Week after").click()
    expect(headers(page, "columnheader").nth(1)).to_have_accessible_name("Monday 8 March")
    expect(cell(page, 0, 0)).to_have_attribute("aria-colindex", "9")
    assert places(page) == set()
    page.get_by_role("button", name="Same in all weeks").click()
    assert places(page) == set()
    page.get_by_role("button", name="Week before").click()
    page.get_by_role("button", name="Undo").click()
    assert places(page) == rectangle(0, 0, 0, 1)
    page.get_by_role("button", name="Same in all weeks").click()
    page.get_by_role("button", name="Week after").click()
    assert places(page) == rectangle(0, 0, 0, 1)


def test_weeks_with_few_days_share_a_page(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(dates=["2027-03-05", "2027-03-08", "2027-03-19"]))
    expect(headers(page, "columnheader")).to_have_count(4)
    expect(page.get_by_role("button", name="Week after")).to_have_count(0)


def test_weeks_begin_as_the_locale_has_it(api, open_page):
    poll = api.create_poll(dates=[f"2027-03-{day:02}" for day in range(7, 16)])
    british = answer_grid(api, open_page, poll)
    expect(headers(british, "columnheader").nth(1)).to_have_accessible_name("Sunday 7 March")
    expect(headers(british, "columnheader")).to_have_count(2)
    american = answer_grid(api, open_page, poll, locale="en-US")
    expect(headers(american, "columnheader")).to_have_count(8)
    expect(headers(american, "columnheader").nth(1)).to_have_accessible_name("Sunday, March 7")
    expect(cell(american, 0, 0)).to_have_accessible_name("Sunday, March 7, 9:00 AM–9:30 AM: Not available")


def test_days_of_a_weekly_poll_have_no_dates(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(kind="weekly", days=["monday", "wednesday"]))
    expect(headers(page, "columnheader").nth(2)).to_have_text("Wed")
    expect(cell(page, 1, 0)).to_have_accessible_name("Wednesday, 9:00–9:30: Not available")


def test_rules_of_another_zone_are_where_the_clock_has_them_here(api, open_page):
    poll = api.create_poll(kind="weekly", days=["monday", "tuesday"], time_zone="UTC", granularity_minutes=60)
    person = api.join(poll["id"], "Ada")
    # Kathmandu is at 5:45: from a quarter past nine to noon in UTC.
    answer = {"time_zone": "Asia/Kathmandu", "weekly": [{"day": "tuesday", "from": "15:00", "to": "17:45", "level": "if_needed"}]}
    api.call("PUT", f"/users/polls/{poll['id']}/participants/{person['id']}/answer", answer, person["edit_token"])
    page = open_page(f"/p/{poll['id']}#edit={person['id']}.{person['edit_token']}", zone="UTC")
    expect(cell(page, 1, 1)).to_have_accessible_name("Tuesday, 10:00–11:00: If needed")
    assert places(page, IF_NEEDED) == rectangle(1, 1, 1, 2)


def test_what_is_painted_in_a_weekly_poll_becomes_rules_of_the_right_day(api, open_page):
    poll = api.create_poll(kind="weekly", days=["sunday"], time_zone="Europe/London", granularity_minutes=60, **{"from": "22:00", "to": "02:00"})
    person = api.join(poll["id"], "Ada")
    page = open_page(f"/p/{poll['id']}#edit={person['id']}.{person['edit_token']}")
    expect(grid(page)).to_have_attribute("aria-readonly", "false")
    expect(cell(page, 0, 2)).to_have_accessible_name("Monday, 0:00–1:00: Not available")
    drag(page, (0, 1), (0, 2))
    saved(page)
    answer = api.answer_of(poll["id"], person["id"], person["edit_token"])
    assert answer["time_zone"] == "Europe/London"
    assert sorted((rule["day"], rule["from"], rule["to"]) for rule in answer["weekly"]) in (
        [("sunday", "23:00", "01:00")], [("monday", "00:00", "01:00"), ("sunday", "23:00", "24:00")])


def test_an_evening_goes_on_below_midnight_in_the_same_column(api, open_page):
    page = answer_grid(api, open_page, api.create_poll(dates=["2027-03-08"], **{"from": "22:00", "to": "02:00"}))
    expect(headers(page, "columnheader")).to_have_count(2)
    expect(headers(page, "rowheader").nth(4)).to_contain_text("next day")
    expect(cell(page, 0, 4)).to_have_accessible_name("Tuesday 9 March, 0:00–0:30: Not available")
    drag(page, (0, 3), (0, 4))
    assert places(page) == rectangle(0, 3, 0, 4)


def test_in_a_zone_far_away_the_days_of_the_poll_stay_together(api, open_page):
    page = answer_grid(api, open_page, zone="America/Los_Angeles")
    # From nine to five in London is from one in the night.
    expect(headers(page, "rowheader").first).to_contain_text("1:00")
    tokyo = answer_grid(api, open_page, zone="Asia/Tokyo")
    expect(headers(tokyo, "columnheader")).to_have_count(6)
    expect(headers(tokyo, "rowheader").first).to_contain_text("18:00")
    expect(headers(tokyo, "rowheader").nth(12)).to_contain_text("next day")
    expect(cell(tokyo, 4, 12)).to_have_accessible_name("Saturday 13 March, 0:00–0:30: Not available")


def test_every_hour_has_its_name_also_where_clocks_are_a_quarter_off(api, open_page):
    page = answer_grid(api, open_page, zone="Asia/Kathmandu", locale="en-US")
    times = headers(page, "rowheader").locator("bdi:visible").all_inner_texts()
    assert times[:4] == ["2:45 PM", "3:15 PM", ":45", "4:15 PM"]
    box, label = (headers(page, "rowheader").nth(1).locator(part).bounding_box() for part in ("xpath=.", "bdi"))
    assert label["x"] >= box["x"]


def test_a_time_that_comes_twice_is_there_twice_with_its_offset(api, open_page):
    poll = api.create_poll(dates=["2026-10-31", "2026-11-01"], time_zone="America/New_York", granularity_minutes=60, **{"from": "00:00", "to": "04:00"})
    page = answer_grid(api, open_page, poll, zone="America/New_York")
    times = headers(page, "rowheader")
    expect(times).to_have_count(5)
    expect(times.nth(1)).to_contain_text("GMT-4")
    expect(times.nth(2)).to_contain_text("GMT-5")
    expect(cell(page, 0, 2)).to_have_accessible_name("Saturday 31 October, 1:00: not asked about")
    expect(cell(page, 1, 2)).to_have_accessible_name("Sunday 1 November, 1:00–2:00 GMT-5: Not available")
    drag(page, (0, 1), (1, 2))
    assert places(page) == {(0, 1), (1, 1), (1, 2)}


def test_a_time_that_clocks_skip_cannot_be_painted(api, open_page):
    poll = api.create_poll(dates=["2027-03-13", "2027-03-14"], time_zone="America/New_York", granularity_minutes=60, **{"from": "00:00", "to": "04:00"})
    page = answer_grid(api, open_page, poll, zone="America/New_York")
    gap = cell(page, 1, 2)
    expect(gap).to_have_accessible_name("Sunday 14 March, 2:00: skipped, clocks are set forward")
    expect(gap).to_have_attribute("aria-disabled", "true")
    expect(cell(page, 1, 1)).to_have_accessible_name("Sunday 14 March, 1:00–3:00: Not available")
    drag(page, (0, 0), (1, 3))
    assert places(page) == rectangle(0, 0, 1, 3) - {(1, 2)}
    drag(page, (1, 2), (0, 0))
    assert places(page) == rectangle(0, 0, 1, 3) - {(1, 2)}


def test_what_is_painted_stays_in_another_zone(api, open_page):
    page = answer_grid(api, open_page, zone="Asia/Tokyo")
    drag(page, (0, 10), (0, 13))
    page.locator(".zone-choice select").select_option("Europe/London")
    expect(headers(page, "rowheader").first).to_contain_text("9:00")
    assert places(page) == rectangle(0, 10, 0, 13)
    page.get_by_role("button", name="Undo").click()
    assert places(page) == set()


def test_another_language_reaches_the_grid_and_keeps_what_is_painted(api, open_page):
    page = answer_grid(api, open_page)
    drag(page, (1, 0), (1, 1))
    page.get_by_label("Language").select_option("de")
    expect(cell(page, 1, 0)).to_have_accessible_name("Dienstag, 9. März, 9:00–9:30: Verfügbar")
    expect(grid(page)).to_have_accessible_name("Wann du kannst")
    page.get_by_role("button", name="Rückgängig").click()
    assert places(page, "Verfügbar") == set()
    page.get_by_label("Sprache").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert cell(page, 0, 0).bounding_box()["x"] > cell(page, 4, 0).bounding_box()["x"]
