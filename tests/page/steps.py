"""What people do on a poll's page."""

from playwright.sync_api import expect

DAYS = ["Monday 8 March", "Tuesday 9 March", "Wednesday 10 March", "Thursday 11 March", "Friday 12 March"]


def join(page, name):
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".save-state")).to_contain_text("Not answered yet")
    expect(page.get_by_role("grid")).to_be_visible()


def cell(page, column, row):
    """The cell of a column and a row of times, both from 0, in the grid that is shown."""
    rows = page.get_by_role("grid").get_by_role("row")
    # The first row has the dates, the first cell of a row its time.
    return rows.nth(row + 1).locator("[role=gridcell]").nth(column)


def middle(place):
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, first, last):
    """Paints with the mouse from one (column, row) to another."""
    page.mouse.move(*middle(cell(page, *first)))
    page.mouse.down()
    page.mouse.move(*middle(cell(page, *last)), steps=5)
    page.mouse.up()


def saved(page):
    expect(page.locator(".save-state")).to_contain_text("Saved")


def ranges_of(api, page, poll_id):
    """What the platform has of the answer that was given on this page."""
    known = page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))")
    me = next(poll for poll in known if poll["id"] == poll_id)["participant"]
    return [(r["start"], r["end"], r["level"]) for r in api.answer_of(poll_id, me["id"], me["token"])["ranges"]]
