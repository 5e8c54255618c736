"""The list of polls that were made or answered in a browser."""

import json
import re

import pytest
from playwright.sync_api import expect

from accessibility import violations
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow, remembered_polls


@pytest.fixture
def known(api):
    """Four polls of one browser: an open one that it made, a closed, a decided, and one that it answered."""
    open_poll = api.create_poll(title="Open one")
    closed = api.create_poll(title="Closed one", deadline="2026-01-01T00:00:00Z")
    decided = api.create_poll(title="Decided one")
    meeting = {"start": "2027-03-09T10:00:00Z", "end": "2027-03-09T11:00:00Z"}
    api.call("PUT", f"/users/polls/{decided['id']}/decision", meeting, decided["admin_token"])
    answered = api.create_poll(title="Answered one", kind="weekly", days=["monday", "friday"])
    me = api.join(answered["id"], "Ada", "Europe/London")
    own = [{"id": poll["id"], "title": poll["title"], "adminToken": poll["admin_token"], "updated": 1} for poll in (open_poll, closed, decided)]
    return own + [{"id": answered["id"], "title": "Answered one", "updated": 1, "participant": {"id": me["id"], "token": me["edit_token"], "name": "Ada"}}]


def row(page, title):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_without_polls_it_leads_to_the_first(open_page):
    page = open_page("/polls")
    expect(page.get_by_text("There is nothing here yet.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="New poll").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(page.get_by_role("heading", name="When can everybody meet?")).to_be_visible()


def test_each_poll_says_how_far_it_is(open_page, known):
    page = open_page("/polls", remembered=known, zone="Asia/Kathmandu")
    for title, state, line in [
        ("Open one", "open", "Made by you · 8 Mar 2027 – 12 Mar 2027 · 0 answers"), ("Closed one", "closed", "Made by you"),
        ("Decided one", "decided", "Tue 9 Mar, 15:45 · Kathmandu (GMT+5:45)"), ("Answered one", "open", "Answered by you · Ada · Monday and Friday"),
    ]:
        expect(row(page, title).locator(".state")).to_have_text(state)
        expect(row(page, title)).to_contain_text(line)
    expect(page.get_by_text("The list is kept here alone")).to_be_visible()


def test_a_poll_opens_with_the_rights_of_this_browser(open_page, known):
    page = open_page("/polls", remembered=known)
    page.get_by_role("link", name="Open one", exact=True).click()
    expect(page.get_by_role("heading", name="Open one", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="For you as organiser")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="My polls", level=1)).to_be_visible()


def test_nothing_of_the_list_leaves_the_browser_but_tokens_of_their_polls(open_page, known, base_url):
    page = open_page("/", remembered=known)
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.headers.get("authorization"), request.post_data)))
    page.goto(f"{base_url}/polls")
    expect(page.locator(".state")).to_have_count(4)
    tokens = {entry["id"]: entry.get("adminToken") or entry["participant"]["token"] for entry in known}
    read = [(url, authorization) for url, authorization, _ in sent if "/users/polls/" in url]
    assert sorted(read) == sorted((f"{base_url}/users/polls/{poll}", f"Bearer {token}") for poll, token in tokens.items())
    assert all(url.startswith(base_url) and body is None for url, _, body in sent)


def test_duplicating_opens_the_form_like_that_poll(open_page, known):
    page = open_page("/polls", remembered=known)
    row(page, "Answered one").get_by_role("link", name="Duplicate").click()
    expect(page.get_by_label("What is it about?")).to_have_value("Answered one")
    expect(page.locator('.weekday-buttons [aria-pressed="true"]')).to_have_count(2)
    page.get_by_role("navigation").get_by_role("link", name="New poll").click()
    expect(page.get_by_label("What is it about?")).to_have_value("")


def test_a_deleted_poll_is_restored_from_the_notice_and_from_the_list(open_page, known):
    page = open_page("/polls", remembered=known)
    for restore in (page.get_by_role("button", name="Undo"), row(page, "Open one").get_by_role("button", name="Restore")):
        row(page, "Open one").get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(row(page, "Open one").locator(".state")).to_have_text("deleted")
        expect(row(page, "Open one")).to_contain_text("Within seven days you can restore it.")
        restore.click()
        expect(row(page, "Open one").locator(".state")).to_have_text("open")


def test_forgetting_asks_and_takes_it_out_of_the_browser_alone(open_page, known, api):
    page = open_page("/polls", remembered=known)
    forget = row(page, "Answered one").get_by_role("button", name="Forget")
    forget.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(forget).to_be_focused()
    forget.click()
    dialog.get_by_role("button", name="Forget").click()
    expect(row(page, "Answered one")).to_have_count(0)
    assert known[3]["id"] not in [poll["id"] for poll in remembered_polls(page)]
    assert api.call("GET", f"/users/polls/{known[3]['id']}")["participants"][0]["name"] == "Ada"


def test_answers_are_exported(open_page, known):
    page = open_page("/polls", remembered=known, zone="Asia/Tokyo")
    with page.expect_download() as download:
        row(page, "Open one").get_by_role("button", name="Export CSV").click()
    assert download.value.suggested_filename == "Open one.csv"
    assert "2027-03-08T18:00+09:00" in download.value.path().read_text("utf-8-sig")


def test_a_lost_connection_is_told_and_its_return_reads_again(open_page, known):
    page = open_page("/", remembered=known)
    page.context.set_offline(True)
    page.get_by_role("navigation").get_by_role("link", name="My polls").click()
    expect(row(page, "Open one")).to_contain_text("There is no connection")
    page.context.set_offline(False)
    expect(row(page, "Open one").locator(".state")).to_have_text("open")


def test_a_poll_that_never_was_says_so(open_page):
    page = open_page("/polls", remembered=[{"id": "A" * 22, "title": "Never", "updated": 1}])
    expect(row(page, "Never")).to_contain_text("It was deleted, or the link was wrong.")
    expect(row(page, "Never").get_by_role("link")).to_have_count(0)


def test_what_cannot_be_read_in_the_browsers_memory_is_an_empty_list(open_page):
    page = open_page("/polls")
    page.evaluate("localStorage.setItem('w2meet.polls', '{broken')")
    page.reload()
    expect(page.get_by_text("There is nothing here yet.")).to_be_visible()


def test_markup_in_titles_and_names_is_text(open_page, api):
    poll = api.create_poll(title=MARKUP)
    me = api.call("POST", f"/users/polls/{poll['id']}/participants", {"name": MARKUP, "time_zone": "Europe/London"})
    entry = {"id": poll["id"], "title": MARKUP, "updated": 1, "participant": {"id": me["id"], "token": me["edit_token"], "name": MARKUP}}
    page = open_page("/polls", remembered=[entry])
    expect(page.get_by_role("link", name=MARKUP, exact=True)).to_be_visible()
    expect(page.get_by_role("listitem")).to_contain_text(f"Answered by you · {MARKUP}")
    expect_nothing_ran(page)
    assert json.loads(page.evaluate("JSON.stringify(JSON.parse(localStorage.getItem('w2meet.polls'))[0].title)")) == MARKUP


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_in_every_language(open_page, known, look):
    page = open_page("/polls", remembered=known, reduced_motion="reduce", **look)
    expect(page.locator(".state")).to_have_count(4)
    assert violations(page) == []
    assert overflow(page) <= 0
    page.locator(".poll-row button.danger").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
