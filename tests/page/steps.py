"""What people do on a poll's page."""

from playwright.sync_api import expect


def join(page, name):
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".save-state")).to_contain_text("Not answered yet")
    expect(page.get_by_role("grid")).to_be_visible()


def middle(place):
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def saved(page):
    expect(page.locator(".save-state")).to_contain_text("Saved")


def ranges_of(api, page, poll_id):
    """What the platform has of the answer that was given on this page."""
    known = page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))")
    me = next(poll for poll in known if poll["id"] == poll_id)["participant"]
    return [(r["start"], r["end"], r["level"]) for r in api.answer_of(poll_id, me["id"], me["token"])["ranges"]]
