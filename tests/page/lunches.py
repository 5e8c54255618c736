"""A poll about lunch that people of four zones have answered, and its best times on the page."""

from playwright.sync_api import expect


def utc(day, start, end, level="yes"):
    return {"start": f"2027-03-{day:02}T{start}:00Z", "end": f"2027-03-{day:02}T{end}:00Z", "level": level}


def lunch_of(api):
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
