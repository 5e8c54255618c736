"""What tests look at in a page besides what it shows."""

import re

from playwright.sync_api import expect

#: Languages, colours and devices in which everything has to be sound.
LOOKS = {"light": {}, "german-dark": {"locale": "de-DE", "color_scheme": "dark"}, "arabic-phone": {"locale": "ar-EG", "phone": True},
         "arabic-dark": {"locale": "ar", "color_scheme": "dark"}, "narrow-dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
         "narrow-arabic": {"viewport": {"width": 320, "height": 640}, "locale": "ar"}}

#: Markup of the kind that runs where a page takes text for markup.
MARKUP = '<img src=x onerror=alert(1)> & "quotes" <script>alert(2)</script>'


def remembered_polls(page):
    """What the browser remembers of polls."""
    return page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls') ?? '[]')")


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
