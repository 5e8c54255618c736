"""Signing in for real: on a platform with access `members` that writes its mails to files (`--mails`)."""

import email
import email.policy
import json
import pathlib
import re
import secrets
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect


@pytest.fixture
def link_of(request):
    """The path of the last link that was sent to an address."""
    folder = pathlib.Path(request.config.getoption("--mails"))

    def find(address, number=1):
        end = time.monotonic() + 60
        while True:
            mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(folder.glob("*.eml"))]
            own = [mail for mail in mails if mail["To"] == address]
            if len(own) >= number:
                text = own[-1].get_body(("plain",)).get_content()
                return re.search(r"/account#sign-in=\S+", text).group()
            assert time.monotonic() < end, f"no mail to {address} in {folder}"
            time.sleep(0.1)

    return find


def somebody():
    return f"ada-{secrets.token_hex(6)}@example.com"


def ask_for_link(page, address):
    page.get_by_label("Your e-mail address").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_focused()


@pytest.fixture
def signed_in(open_page, base_url, link_of):
    """A page on which somebody has signed in by their link with this number."""

    def sign_in(address, number=1):
        page = open_page("/account")
        ask_for_link(page, address)
        page.goto(base_url + link_of(address, number))
        expect(page.get_by_text(address)).to_be_visible()
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name=f"Signed in as {address}")).to_be_visible()
        return page

    return sign_in


def test_somebody_signs_in_uses_their_calendars_and_signs_out(open_page, signed_in, link_of):
    ada = somebody()
    page = signed_in(ada)
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == ("__Host-w2meet", True, True, "Lax", "/")
    assert cookie["expires"] > time.time() + 29 * 24 * 3600
    assert "sign-in" not in page.url and page.evaluate("document.cookie") == ""
    expect(page.get_by_text("this browser")).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="My calendars").click()
    page.get_by_role("button", name="Start with this address").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()

    other = open_page(link_of(ada))
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_text("This link does not hold")).to_be_visible()
    other = open_page("/calendars", remembered_settings={"calendarsOf": ada})
    expect(other.locator("#main").get_by_text("Only the owner of this address")).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Send me a link")).to_be_visible()
    assert page.context.cookies() == []
    page.get_by_role("navigation").get_by_role("link", name="My calendars").click()
    expect(page.locator("#main").get_by_text("Only the owner of this address")).to_be_visible()


def test_whoever_is_signed_in_sees_nothing_of_others(signed_in, base_url):
    page = signed_in(somebody())
    page.evaluate("localStorage.setItem('w2meet.setting.calendarsOf', JSON.stringify('somebody-else@example.com'))")
    page.goto(base_url + "/calendars")
    expect(page.locator("#main").get_by_text("You are signed in with another address.")).to_be_visible()


def test_a_session_that_is_ended_elsewhere_ends_here(signed_in):
    ada = somebody()
    pages = [signed_in(ada, number) for number in (1, 2)]
    pages[1].get_by_role("button", name="End").click()
    pages[1].get_by_role("dialog").get_by_role("button", name="End").click()
    expect(pages[1].get_by_role("button", name="End")).to_have_count(0)
    pages[0].reload()
    expect(pages[0].get_by_role("button", name="Send me a link")).to_be_visible()


@pytest.fixture
def other_origin(tmp_path):
    """A page of another server on this machine."""
    (tmp_path / "index.html").write_text("<p>Another origin", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def test_a_page_of_another_origin_changes_nothing_by_a_session(signed_in, base_url, other_origin):
    page = signed_in(somebody())
    # As a form of another site could: nothing that the browser would ask the platform about before.
    post = """url => fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: "{}" }).catch(() => null)"""
    path = "/users/account/tokens"
    with page.expect_response(f"**{path}") as answer:
        page.evaluate(post, base_url + path)
    assert answer.value.status == 415, "by its own page it comes as far as the body"
    # Another port is the same site, so that the browser sends the cookie along.
    other = page.context.new_page()
    other.goto(other_origin)
    with other.expect_response(f"**{path}") as answer:
        other.evaluate(post, base_url + path)
    assert answer.value.status == 403


def test_polls_of_one_browser_are_opened_in_another(signed_in, api, base_url):
    ada, poll = somebody(), api.create_poll(title="Planning of the year")
    me = api.join(poll["id"], "Ada")
    page = signed_in(ada)
    expect(page.get_by_text("There are none yet.")).to_be_visible()
    remembered = [{"id": poll["id"], "title": poll["title"], "adminToken": poll["admin_token"], "updated": 1,
                   "participant": {"id": me["id"], "token": me["edit_token"], "name": "Ada"}}]
    page.evaluate("polls => localStorage.setItem('w2meet.polls', JSON.stringify(polls))", remembered)
    page.reload()
    expect(page.get_by_text("This browser has one poll that your account does not have.")).to_be_visible()
    page.get_by_role("button", name="Take them over").click()
    expect(page.get_by_role("link", name="Planning of the year")).to_be_visible()
    expect(page.get_by_role("button", name="Take them over")).to_have_count(0)

    other = signed_in(ada, 2)
    other.get_by_role("link", name="Planning of the year").click()
    other.wait_for_url(f"{base_url}/p/{poll['id']}")
    [own] = other.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))")
    assert own["adminToken"] not in (poll["admin_token"], None) and own["participant"]["id"] == me["id"]
    api.call("PATCH", f"/users/polls/{poll['id']}", {"title": "Planning"}, own["adminToken"])

    page.get_by_role("button", name="Take out").click()
    page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    expect(page.get_by_role("link", name="Planning of the year")).to_have_count(0)
    # What this browser has itself it can take over again.
    expect(page.get_by_role("button", name="Take them over")).to_be_visible()


def test_somebody_takes_their_data_along_and_deletes_their_account(signed_in, base_url):
    ada = somebody()
    page = signed_in(ada)
    page.get_by_role("navigation").get_by_role("link", name="My calendars").click()
    page.get_by_role("button", name="Start with this address").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    page.goto(f"{base_url}/account")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    data = json.loads(pathlib.Path(download.value.path()).read_text())
    assert [account["email"] for account in data["stored"]["tables"]["accounts"]] == [ada] and "jobs" in data

    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name=f"Signed in as {ada}")).to_be_visible()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted").first).to_be_visible()
    expect(page.get_by_role("button", name="Send me a link")).to_be_visible()
    assert page.context.cookies() == []
