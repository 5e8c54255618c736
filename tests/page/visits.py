"""Visits of the page in a browser of their own, which fail where the page fails without saying so."""

import os
from pathlib import Path

import pytest

#: axe-core as npm has it; the rules that are checked are all of its rules.
AXE_CORE = Path(os.environ.get("AXE_CORE", "/tmp/w/npm/axe-core-4.14.1/package/axe.min.js"))

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def visit(browser, base_url):
    """Opens a path in a fresh browser context: `visit("/polls", locale="de-DE")`. `remembered` is what the browser remembers
    of polls. At the end no page may have thrown, or broken its Content-Security-Policy."""
    contexts, faults = [], []

    def open_path(path, remembered=None, at=None, **options):
        options = {"locale": "en-US", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=base_url, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: "Content Security Policy" in message.text and faults.append(message.text))
        page.on("dialog", lambda dialog: (faults.append(f"a script ran: {dialog.message}"), dialog.dismiss()))
        if at is not None:
            page.clock.set_fixed_time(at)
        if remembered is not None:
            page.add_init_script(
                f"if (!localStorage.getItem('w2meet.polls')) localStorage.setItem('w2meet.polls', {remembered_text(remembered)})"
            )
        page.goto(path)
        page.get_by_role("heading", level=1).first.wait_for()
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert faults == []


def remembered_text(entries):
    """What the page stores of polls, as a string in JavaScript."""
    import json

    return json.dumps(json.dumps(entries))


def remembered_polls(page):
    """What the browser remembers of polls."""
    return page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls') ?? '[]')")


def violations(page):
    """What axe-core finds wrong, as one line for each element."""
    page.evaluate(AXE_CORE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def overflow(page):
    """Pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
