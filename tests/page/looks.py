"""What tests look at in a page besides what it shows."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

#: Markup of the kind that runs where a page takes text for markup.
MARKUP = '<img src=x onerror=alert(1)> & "quotes" <script>alert(2)</script>'


def remembered_polls(page):
    """What the browser remembers of polls."""
    return page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls') ?? '[]')")


def violations(page):
    """What axe-core finds wrong, one line for each element."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def overflow(page):
    """Pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def expect_nothing_ran(page):
    """Checks that no markup in a text became elements of the page."""
    expect(page.locator("img[src='x'], main script")).to_have_count(0)


def poll_id_of(page):
    """The id of the poll whose page it is, once it is."""
    expect(page).to_have_url(re.compile(r"/p/[\w-]{22}(#.*)?$"))
    return re.search(r"/p/([\w-]{22})", page.url)[1]
