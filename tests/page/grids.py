"""What people do with a grid, and what they find in it."""

from playwright.sync_api import expect

from steps import middle

AVAILABLE, IF_NEEDED, NOT_AVAILABLE, PARTLY = "Available", "If needed", "Not available", "Partly available"

# What every cell says of itself, row by row.
STATES = """grid => [...grid.querySelectorAll('[role=row]')].slice(1).map(row =>
    [...row.querySelectorAll('[role=gridcell]')].map(cell => cell.getAttribute('aria-label').split(': ').slice(1).join(': ')))"""
FOCUSED = """() => {
    const cell = document.activeElement;
    if (cell.getAttribute('role') !== 'gridcell') return null;
    const rows = [...cell.closest('[role=grid]').querySelectorAll('[role=row]')];
    return [[...cell.parentElement.querySelectorAll('[role=gridcell]')].indexOf(cell), rows.indexOf(cell.parentElement) - 1];
}"""


def answer_grid(api, open_page, poll=None, **settings):
    """The page of somebody who takes part, with the grid that they paint in."""
    poll = poll or api.create_poll()
    person = api.join(poll["id"], "Ada")
    page = open_page(f"/p/{poll['id']}#edit={person['id']}.{person['edit_token']}", **settings)
    expect(grid(page)).to_be_visible()
    # Before the answer has been read nothing can be painted.
    expect(grid(page)).to_have_attribute("aria-readonly", "false")
    return page


def grid(page):
    return page.get_by_role("grid")


def cells(page):
    return grid(page).get_by_role("gridcell")


def cell(page, column, row):
    return grid(page).get_by_role("row").nth(row + 1).get_by_role("gridcell").nth(column)


def states(page):
    return grid(page).evaluate(STATES)


def places(page, state=AVAILABLE):
    """Columns and rows, both from 0, of the cells in a state."""
    return {(column, row) for row, found in enumerate(states(page)) for column, one in enumerate(found) if one == state}


def rectangle(left, top, right, bottom):
    return {(column, row) for column in range(left, right + 1) for row in range(top, bottom + 1)}


def start_drag(page, first, *further):
    """Presses the mouse on a cell, and moves over others without letting go."""
    page.mouse.move(*middle(cell(page, *first)))
    page.mouse.down()
    for place in further:
        box = cell(page, *place).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)


def drag(page, first, *further):
    start_drag(page, first, *further)
    page.mouse.up()


def focused(page):
    """The column and row of the cell that has the focus; nothing when no cell has it."""
    found = page.evaluate(FOCUSED)
    return tuple(found) if found else None


def focus(page, column, row):
    cell(page, column, row).focus()


def move_finger(page, start, stop, end="touchEnd", until=lambda: None):
    """Puts a finger down at one point of the window, and takes it off at another; before that `until` may wait."""
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", start)
    for step in range(1, 9):
        touch("touchMove", tuple(a + (b - a) * step / 8 for a, b in zip(start, stop)))
    until()
    touch(end)


def finger_drag(page, first, last, end="touchEnd"):
    start, stop = middle(cell(page, *first)), cell(page, *last).bounding_box()
    move_finger(page, start, (stop["x"] + stop["width"] / 2, stop["y"] + stop["height"] / 2), end)


def at_rest(page):
    """Waits until the page has not scrolled for a dozen frames."""
    page.evaluate(
        """() => new Promise((resolve) => {
            let last = scrollY, still = 0;
            const look = () => {
                still = scrollY === last ? still + 1 : 0;
                last = scrollY;
                if (still > 12) resolve();
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
