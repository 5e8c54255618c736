"""What people do on the screen that makes a poll."""

from datetime import datetime, timezone

from looks import poll_id_of

# A Tuesday, with most of its month before it.
NOW = datetime(2027, 3, 2, 9, 0, tzinfo=timezone.utc)


def day(page, date):
    return page.locator(f'[data-date="{date}"]')


def picked(page):
    return page.locator('[data-date][aria-selected="true"]').evaluate_all("cells => cells.map(cell => cell.dataset.date)")


def send(page, name="Create poll"):
    """Makes the poll, and gives it as the platform has it."""
    page.get_by_role("button", name=name).click()
    return read_poll(page)


def read_poll(page):
    """The poll whose page it is, as the platform has it."""
    poll_id = poll_id_of(page)
    return page.request.get(f"{page.evaluate('location.origin')}/users/polls/{poll_id}").json()
