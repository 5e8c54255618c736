"""The web page in Debian's Chromium, on a running platform: `pytest tests/page --base-url http://localhost:8080`."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import expect, sync_playwright

from lunches import lunch_of

CHROMIUM = "/usr/bin/chromium"
# Milliseconds within which something has to be seen. The machines that run tests are slow and shared.
PATIENCE = 15_000
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}

expect.set_options(timeout=PATIENCE)


def pytest_addoption(parser):
    parser.addoption("--base-url", required=True, help="origin of the platform, such as http://localhost:8080")
    parser.addoption("--mails", help="folder into which the platform writes its mails; for the tests in members/")
    parser.addoption("--provider", help="where a provider of identities is to be started that the platform knows; for the tests in members/")
    parser.addoption("--images", help="folder for a screenshot of each screen")


@pytest.fixture(scope="session")
def base_url(request):
    return request.config.getoption("--base-url").rstrip("/")


@pytest.fixture(scope="session")
def browser():
    assert os.path.exists(CHROMIUM), f"{CHROMIUM} is missing; scripts/install-page-tools.sh installs it"
    with sync_playwright() as playwright:
        # Without root there is a sandbox; as root Chromium has none.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield launched
        launched.close()


def calendars_path(email):
    return f"/users/users/{urllib.parse.quote(email, safe='')}/calendars"


class Api:
    """The platform's API, for what a test needs besides the page."""

    def __init__(self, base_url):
        self.base_url = base_url

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def create_poll(self, **changes):
        """A poll over five days of March 2027 in London's office hours, with its `admin_token`."""
        poll = {
            "title": "Planning",
            "kind": "dates",
            "dates": [f"2027-03-{day:02}" for day in range(8, 13)],
            "time_zone": "Europe/London",
            "from": "09:00",
            "to": "17:00",
            "granularity_minutes": 30,
            "duration_minutes": 60,
        } | changes
        if poll["kind"] == "weekly":
            poll.pop("dates", None)
        return self.call("POST", "/users/polls", poll)

    def join(self, poll_id, name, zone="Europe/London"):
        return self.call("POST", f"/users/polls/{poll_id}/participants", {"name": name, "time_zone": zone})

    def answer(self, poll_id, participant, ranges):
        """`ranges` are (start, end, level), or whole ranges as the API has them."""
        named = [r if isinstance(r, dict) else dict(zip(("start", "end", "level"), r)) for r in ranges]
        path = f"/users/polls/{poll_id}/participants/{participant['id']}/answer"
        return self.call("PUT", path, {"ranges": named}, participant["edit_token"])

    def answer_of(self, poll_id, participant_id, token):
        return self.call("GET", f"/users/polls/{poll_id}/participants/{participant_id}/answer", token=token)

    def put_calendar(self, email, name, body, kind):
        """What the platform answers to a calendar of a person, with this body."""
        path = f"{calendars_path(email)}/{urllib.parse.quote(name, safe='')}"
        request = urllib.request.Request(self.base_url + path, data=body.encode(), headers={"Content-Type": kind}, method="PUT")
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read())

    def send_calendar(self, email, name, text):
        return self.put_calendar(email, name, text, "text/calendar")

    def subscribe(self, email, name, url):
        return self.put_calendar(email, name, json.dumps({"url": url}), "application/json")

    def wait_for_calendars(self, email, states):
        """Waits until these calendars are in these states."""
        path = calendars_path(email)
        end = time.monotonic() + 60
        while True:
            known = {calendar["name"]: calendar["state"] for calendar in self.call("GET", path)["calendars"]}
            if states.items() <= known.items():
                return
            assert time.monotonic() < end, known
            time.sleep(0.2)


@pytest.fixture(scope="session")
def api(base_url):
    return Api(base_url)


@pytest.fixture
def lunch(api):
    """A poll that four of five people in four zones have answered."""
    return lunch_of(api)


@pytest.fixture
def open_page(browser, base_url):
    """Opens a path as somebody of their own, who has their own storage, zone, language and device.

    `at` is the time that the page takes for now, `remembered` what the browser remembers of polls, `remembered_settings` what
    else by name; `platform` gets the context before anything is opened, to answer in the platform's place. At the end no script may have failed, none in a text have run, and nothing may have been against the
    Content-Security-Policy.
    """
    contexts, faults = [], []

    def open_one(path, zone="Europe/London", locale="en-GB", phone=False, at=None, remembered=None, remembered_settings=None, platform=None, **settings):
        device = PHONE if phone else DESKTOP
        context = browser.new_context(timezone_id=zone, locale=locale, **(device | settings))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if platform:
            platform(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{path}: {error}"))
        page.on("console", lambda message: note(path, message))
        page.on("dialog", lambda dialog: (faults.append(f"{path}: {dialog.message}"), dialog.dismiss()))
        if at is not None:
            page.clock.set_fixed_time(at)
        page.goto(base_url + path)
        stored = {f"w2meet.setting.{name}": value for name, value in (remembered_settings or {}).items()}
        if remembered is not None:
            stored["w2meet.polls"] = remembered
        if stored:
            page.evaluate("stored => Object.entries(stored).forEach(([key, value]) => localStorage.setItem(key, JSON.stringify(value)))", stored)
            page.reload()
        return page

    def note(path, message):
        if "Content Security Policy" in message.text:
            faults.append(f"{path}: {message.text}")

    yield open_one
    for context in contexts:
        context.close()
    assert not faults, faults
