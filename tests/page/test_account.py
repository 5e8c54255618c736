"""Signing in by mail, the sessions of an account, and what the page says to whoever is not signed in."""

import re
import secrets

import pytest
from playwright.sync_api import expect

from accessibility import violations
from accounts import Accounts, session
from creating import NOW, day, send
from looks import LOOKS, MARKUP, expect_nothing_ran, overflow

ADA = "ada@example.com"
PROVIDERS = [{"name": "company", "label": "Example & Söhne"}, {"name": "other", "label": MARKUP}]


@pytest.fixture
def accounts():
    return Accounts()


@pytest.fixture
def open_account(open_page, accounts):
    """Opens a path where people have accounts."""
    return lambda path="/account", **how: open_page(path, platform=accounts.answer, **how)


def ask_for_mail(page, email=ADA):
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_focused()


def expect_signed_in(page, email=ADA):
    expect(page.get_by_role("heading", name=f"Signed in as {email}")).to_be_visible()


def come_back(page):
    """As when somebody returns to the tab from another one."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def stored(page):
    return page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie, state: history.state })")


def setting(page, name):
    return page.evaluate("name => JSON.parse(localStorage.getItem(`w2meet.setting.${name}`))", name)


def test_a_mail_is_sent_to_the_address_that_somebody_gives(open_account, accounts):
    page = open_account(remembered_settings={"email": ADA})
    field = page.get_by_label("Your e-mail address")
    expect(field).to_have_value(ADA)
    expect(field).not_to_be_focused()
    field.fill("ada")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text("This is no e-mail address.")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert accounts.mails == []
    field.fill(f" {ADA} ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_focused()
    expect(page.get_by_text("A mail with a link is on its way to")).to_contain_text(ADA)
    expect(page.get_by_text("A mail with a link is on its way to")).to_contain_text("15 min")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Another mail is on its way").first).to_be_visible()
    expect(page.get_by_role("button", name="Send again")).to_be_focused()
    assert accounts.mails == [{"email": ADA, "language": "en"}] * 2
    page.get_by_role("button", name="Use another address").click()
    expect(field).to_be_focused()
    ask_for_mail(page, "ben@example.com")
    assert accounts.mails[-1]["email"] == "ben@example.com"


@pytest.mark.parametrize(("locale", "sent"), [("de-DE", {"language": "de"}), ("ar-EG", {})])
def test_the_mail_is_in_the_language_of_the_page_where_mails_are_written_in_it(open_account, accounts, locale, sent):
    page = open_account(locale=locale, remembered_settings={"email": ADA})
    page.locator("form .primary").click()
    expect(page.locator("#mail-heading")).to_be_focused()
    assert accounts.mails == [{"email": ADA} | sent]


@pytest.mark.parametrize(("status", "headers", "detail", "said"), [
    (429, {"Retry-After": "30"}, [], "Try again in 30 seconds."),
    (429, {"Retry-After": "3550"}, [], re.compile("Try again in 1 hr?\\.$")),
    (503, {}, [], "The service is not available for the moment."),
    (400, {}, [{"loc": ["body", "email"], "msg": "No", "code": "value_error"}], "This is no e-mail address."),
])
def test_why_no_mail_could_be_sent_is_said_where_the_focus_goes(open_account, accounts, status, headers, detail, said):
    accounts.failing["POST", "/users/sign-ins"] = (status, headers, {"detail": detail})
    page = open_account(remembered_settings={"email": ADA})
    page.get_by_role("button", name="Send me a link").click()
    place = page.locator("#sign-in-email-error") if status == 400 else page.get_by_role("alert")
    expect(place).to_contain_text(said)
    expect(page.get_by_label("Your e-mail address") if status == 400 else place).to_be_focused()
    accounts.failing.clear()
    ask_for_mail(page)
    accounts.failing["POST", "/users/sign-ins"] = (429, {"Retry-After": "30"}, {"detail": []})
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()


def test_a_link_signs_in_by_a_click_alone_and_is_kept_nowhere(open_account, accounts):
    token = "w2l_secret"
    page = open_account(accounts.link(token))
    expect(page.get_by_role("heading", name=f"Sign in as {ADA}")).to_be_focused()
    expect(page).to_have_url(re.compile("/account$"))
    assert accounts.tries == []
    assert token not in page.content() + stored(page)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=f"Signed in as {ADA}")).to_be_focused()
    assert accounts.tries == [{"token": token, "email": ADA}]
    assert token not in page.content() + stored(page)
    assert setting(page, "calendarsOf") == ADA
    page.reload()
    expect_signed_in(page)
    assert len(accounts.tries) == 1


def test_whose_calendars_are_shown_stays_as_it_was(open_account, accounts):
    page = open_account("/polls", remembered_settings={"calendarsOf": "team@example.com"})
    page.goto(page.url.replace("/polls", accounts.link()))
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)
    assert setting(page, "calendarsOf") == "team@example.com"


def test_addresses_with_signs_come_as_they_are(open_account, accounts):
    email = "ada+polls&co@example.com"
    accounts.links["t"] = email
    page = open_account("/account#sign-in=t&email=ada+polls%26co%40example.com")
    expect(page.get_by_role("heading", name=f"Sign in as {email}")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page, email)


def test_a_link_that_does_not_hold_says_so_and_a_new_one_is_offered_for_its_address(open_account, accounts):
    page = open_account("/account#sign-in=old&email=ben%40example.com")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This link does not hold")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Your e-mail address")).to_have_value("ben@example.com")
    ask_for_mail(page, "ben@example.com")
    assert len(accounts.tries) == 1


@pytest.mark.parametrize("cut", ["#sign-in=secret", "#sign-in=&email=ada%40example.com", "#sign-in=secret&email="])
def test_a_link_that_was_cut_off_is_not_even_tried(open_account, accounts, cut):
    page = open_account(f"/account{cut}")
    expect(page.get_by_role("alert")).to_contain_text("This link does not hold")
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    expect(page).to_have_url(re.compile("/account$"))
    assert accounts.tries == []


def test_a_link_can_be_left_and_one_that_is_pasted_into_the_same_tab_is_taken(open_account, accounts):
    page = open_account(accounts.link("first"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    assert accounts.tries == []
    path = accounts.link("second")
    page.evaluate("hash => { location.hash = hash; }", path[path.index("#"):])
    expect(page.get_by_role("heading", name=f"Sign in as {ADA}")).to_be_focused()
    expect(page).to_have_url(re.compile("/account$"))
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)
    assert accounts.tries == [{"token": "second", "email": ADA}]


def test_without_a_connection_the_link_is_not_lost(open_account, accounts):
    page = open_account(accounts.link())
    expect(page.get_by_role("heading", name=f"Sign in as {ADA}")).to_be_visible()
    accounts.failing["POST", "/users/sessions"] = (503, {}, {"detail": []})
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    accounts.failing.clear()
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)


def test_whoever_is_signed_in_as_somebody_else_sees_that_first(open_account, accounts):
    accounts.signed_in = "ben@example.com"
    page = open_account(accounts.link())
    expect(page.get_by_text("So far")).to_contain_text("ben@example.com")
    page.get_by_role("button", name="Sign in").click()
    expect_signed_in(page)


def test_somebody_who_has_signed_in_in_another_tab_is_seen_here(open_account, accounts):
    page = open_account()
    ask_for_mail(page)
    page.get_by_role("button", name="I have signed in").click()
    expect(page.get_by_text("Nobody is signed in here yet.").first).to_be_visible()
    expect(page.get_by_role("button", name="I have signed in")).to_be_focused()
    other = page.context.new_page()
    other.goto(page.url + accounts.link().removeprefix("/account"))
    other.get_by_role("button", name="Sign in").click()
    expect_signed_in(other)
    page.get_by_role("button", name="I have signed in").click()
    expect(page.get_by_role("heading", name=f"Signed in as {ADA}")).to_be_focused()


def test_coming_back_to_the_tab_reads_again_and_a_failure_takes_nothing_away(open_account, accounts):
    page = open_account()
    ask_for_mail(page)
    accounts.failing["GET", "/users/account"] = (503, {}, {"detail": []})
    come_back(page)
    expect(page.get_by_role("alert")).to_contain_text("The service is not available for the moment.")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    accounts.failing.clear()
    accounts.signed_in = ADA
    come_back(page)
    expect_signed_in(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_it_says_that_the_platform_is_away(open_account, accounts):
    accounts.failing["GET", "/users/account"] = (503, {}, {"detail": []})
    page = open_account()
    expect(page.get_by_role("alert")).to_contain_text("The service is not available for the moment.")
    accounts.failing.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()


def test_sessions_tell_their_browsers_and_days(open_account, accounts):
    accounts.signed_in = ADA
    accounts.sessions.append(session(4, "", last_used=None))
    accounts.sessions.append(session(5, "curl/8.5"))
    page = open_account(zone="America/New_York")
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_contain_text("Firefox on Linux")
    expect(rows.nth(0)).to_contain_text("this browser")
    # What came last of the use is a day of UTC; since when, an instant.
    expect(rows.nth(0)).to_contain_text("Since 3 November 2026 · last used on 5 November 2026")
    expect(rows.nth(0).get_by_role("button")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("Safari on iPhone")
    expect(rows.nth(2)).to_contain_text("Edge on Windows")
    expect(rows.nth(2)).to_contain_text("not used since then")
    expect(rows.nth(3)).to_contain_text("Unknown browser")
    expect(rows.nth(4)).to_contain_text("curl/8.5")
    expect(page.get_by_text("this browser")).to_have_count(1)


def test_ending_a_session_asks_first(open_account, accounts):
    accounts.signed_in = ADA
    page = open_account()
    end = page.get_by_role("button", name="End: Safari on iPhone")
    end.click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(end).to_be_focused()
    assert accounts.ended == []
    end.click()
    expect(page.get_by_role("dialog")).to_contain_text("Sign out “Safari on iPhone”?")
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_text("“Safari on iPhone” is signed out").first).to_be_visible()
    expect(page.locator("#sessions-heading")).to_be_focused()
    assert accounts.ended == ["session-2"]
    # One that has ended elsewhere meanwhile is gone all the same.
    accounts.sessions.pop()
    page.get_by_role("button", name="End: Edge on Windows").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_whoever_signs_out_is_asked_for_an_address_again(open_account, accounts):
    accounts.signed_in = ADA
    page = open_account()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out").first).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    expect(page.get_by_text(ADA)).to_have_count(0)
    assert accounts.ended == ["session-3"]


def test_whoever_was_signed_out_elsewhere_learns_it_at_the_next_step(open_account, accounts):
    accounts.signed_in = ADA
    page = open_account()
    expect_signed_in(page)
    accounts.signed_in = None
    page.get_by_role("button", name="End: Safari on iPhone").click()
    page.get_by_role("dialog").get_by_role("button", name="End").click()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    expect(page.get_by_text("is signed out")).to_have_count(0)


def test_the_screen_is_linked_where_access_is_not_open_to_all(open_page, open_account, accounts):
    page = open_page("/")
    navigation = page.get_by_role("navigation")
    expect(navigation.get_by_role("link", name="My calendars")).to_be_visible()
    expect(navigation.get_by_role("link", name="Account")).to_have_count(0)
    expect(page.get_by_role("contentinfo")).to_contain_text("no cookies")
    page = open_account("/")
    page.get_by_role("navigation").get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="Account", level=1)).to_be_visible()
    expect(page).to_have_title("Account – W2Meet")
    expect(page.get_by_role("contentinfo")).to_contain_text("No cookie but the one that keeps you signed in")


@pytest.fixture
def stored_ada(api):
    """The address of somebody who is stored and has no calendars."""
    email = f"ada-{secrets.token_hex(6)}@example.com"
    api.call("POST", "/users/users", {"email": email, "availabilities": {}})
    return email


def test_calendars_are_shown_once_their_owner_is_signed_in(open_account, accounts, stored_ada):
    page = open_account("/calendars")
    expect(page.get_by_text("Whoever owns the address sees the list once they are signed in.")).to_be_visible()
    page.get_by_label("Your e-mail address").fill(stored_ada)
    page.get_by_role("button", name="Show calendars").click()
    expect(page.locator("main").get_by_text("Only the owner of this address sees what is kept for it")).to_be_visible()
    expect(page.locator("#announcements")).to_contain_text("Only the owner of this address")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("Address of the calendar")).to_have_count(0)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_focused()
    assert accounts.mails == [{"email": stored_ada, "language": "en"}]
    page.get_by_role("button", name="I have signed in").click()
    expect(page.get_by_text("Nobody is signed in here yet.").first).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url.replace("/calendars", accounts.link(email=stored_ada)))
    other.get_by_role("button", name="Sign in").click()
    expect_signed_in(other, stored_ada)
    page.get_by_role("button", name="I have signed in").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    expect(page.locator("#calendars-heading")).to_be_focused()
    # Whoever signs out leaves nothing of it on other tabs.
    accounts.signed_in = None
    come_back(page)
    expect(page.get_by_role("button", name="Send me a link")).to_be_visible()
    expect(page.get_by_text("There are no calendars yet.")).to_have_count(0)


def test_calendars_of_somebody_else_are_not_shown(open_account, accounts, stored_ada):
    accounts.signed_in = "ben@example.com"
    page = open_account("/calendars", remembered_settings={"calendarsOf": stored_ada})
    expect(page.get_by_role("alert")).to_contain_text("You are signed in with another address.")
    accounts.signed_in = stored_ada
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("There are no calendars yet.")).to_be_visible()
    accounts.signed_in = "ben@example.com"
    come_back(page)
    page.get_by_role("alert").get_by_role("link", name="Account").click()
    expect_signed_in(page, "ben@example.com")


def test_a_calendar_of_whoever_is_signed_out_meanwhile_is_not_lost_unsaid(open_account, accounts, stored_ada):
    accounts.signed_in = stored_ada
    page = open_account("/calendars", remembered_settings={"calendarsOf": stored_ada})
    page.get_by_label("Address of the calendar").fill("https://example.com/a.ics")
    accounts.signed_in = None
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_have_text("You are not signed in any more. Sign in again, and try once more.")
    expect(page.get_by_label("Address of the calendar")).to_have_value("https://example.com/a.ics")


def test_a_poll_that_needs_an_account_is_made_after_signing_in(open_account, accounts):
    accounts.access = "closed"
    page = open_account("/", at=NOW)
    page.get_by_label("What is it about?").fill("Budget")
    day(page, "2027-03-09").click()
    page.get_by_role("button", name="Create poll").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Making a poll here needs signing in.")
    expect(alert).to_be_focused()
    page.get_by_label("What is it about?").fill("Budget of the year")
    alert.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Your e-mail address")).to_be_visible()
    page.goto(page.url + accounts.link().removeprefix("/account"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Go on with your poll").click()
    expect(page.get_by_label("What is it about?")).to_have_value("Budget of the year")
    poll = send(page)
    assert (poll["title"], poll["dates"]) == ("Budget of the year", ["2027-03-09"])
    page.get_by_role("navigation").get_by_role("link", name="New poll").click()
    expect(page.get_by_label("What is it about?")).to_have_value("")


def test_a_schedule_is_given_to_its_owner_alone(open_account, accounts, api, stored_ada):
    poll = api.create_poll()
    me = api.join(poll["id"], "Ben")
    page = open_account(f"/p/{poll['id']}#edit={me['id']}.{me['edit_token']}")
    page.get_by_text("Fill in from your stored schedule").click()
    page.get_by_label("Your e-mail address").fill(stored_ada)
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_role("alert")).to_contain_text("Only the owner of this address sees what is kept for it")
    accounts.signed_in = "ben@example.com"
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_role("alert")).to_contain_text("You are signed in with another address.")
    page.get_by_role("tabpanel").get_by_role("link", name="Account").click()
    expect_signed_in(page, "ben@example.com")


def test_a_provider_is_gone_to_and_what_it_refuses_is_said(open_account, accounts):
    accounts.providers = PROVIDERS
    page = open_account()
    button = page.get_by_role("button", name="Sign in with Example & Söhne")
    begin = "POST", "/users/identity-providers/*/sign-ins"
    accounts.failing[begin] = (503, {}, {"detail": []})
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("The other side cannot be reached for now.")
    expect(page.get_by_role("alert")).to_be_focused()
    del accounts.failing[begin]
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("it was refused there")
    expect(page.get_by_role("alert")).to_be_focused()
    assert accounts.attempts == [{"return_path": "/account"}] and page.url.endswith("/account")
    for code, text in {"no-email": "says no e-mail address", "nobody-knows": "does not hold", MARKUP: "does not hold"}.items():
        page.evaluate("code => { location.hash = 'sign-in-failed=' + encodeURIComponent(code); }", code)
        expect(page.get_by_role("alert")).to_contain_text(text)
        assert violations(page) == []
    expect_nothing_ran(page)


def test_the_keyboard_alone_signs_in_and_out(open_account, accounts):
    page = open_account()
    page.get_by_label("Your e-mail address").focus()
    page.keyboard.type(ADA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="I have signed in")).to_be_focused()
    page.goto(page.url + accounts.link().removeprefix("/account"))
    expect(page.get_by_role("heading", name="Sign in as")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Signed in as")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()


def test_markup_in_names_of_browsers_and_addresses_is_text(open_account, accounts):
    accounts.signed_in = ADA
    accounts.sessions.append(session(4, MARKUP))
    page = open_account(f"/account#sign-in=x&email={MARKUP.replace('&', '%26')}")
    expect(page.get_by_role("heading", name="Sign in as")).to_contain_text("alert(1)")
    expect_nothing_ran(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="End: ").last.click()
    expect(page.get_by_role("dialog")).to_contain_text("alert(1)")
    expect_nothing_ran(page)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_it_is_accessible_in_every_language(open_account, accounts, stored_ada, look):
    def sound():
        assert violations(page) == []
        assert overflow(page) <= 0

    accounts.providers = PROVIDERS
    accounts.account_polls = [{"id": "none", "title": "Lunch of everybody in the very large team of the south", "organiser": True,
                               "participants": [{"id": "none", "name": MARKUP}]}]
    page = open_account(reduced_motion="reduce", **look)
    expect(page.locator("#providers-heading")).to_be_visible()
    page.locator("form .primary").click()
    expect(page.locator("#sign-in-email-error")).to_be_visible()
    sound()
    page.locator("#sign-in-email").fill("ada-of-the-very-long-address-that-has-to-be-broken-somewhere@mail.example.com")
    page.locator("form .primary").click()
    expect(page.locator("#mail-heading")).to_be_visible()
    accounts.failing["POST", "/users/sign-ins"] = (503, {}, {"detail": []})
    page.locator("#mail-heading ~ .row button").nth(1).click()
    expect(page.get_by_role("alert")).to_be_visible()
    sound()
    path = accounts.link("t", stored_ada)
    page.evaluate("hash => { location.hash = hash; }", path[path.index("#"):])
    expect(page.locator("#confirm-heading")).to_be_visible()
    sound()
    page.locator("#confirm-heading ~ .row .primary").click()
    expect(page.locator("#account-heading")).to_be_visible()
    sound()
    page.locator(".calendar-row button.danger").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound()
    page.keyboard.press("Escape")
    page.evaluate("hash => { location.hash = hash; }", path[path.index("#"):])
    page.locator("#confirm-heading ~ .row .primary").click()
    expect(page.locator(".account-bad-link")).to_be_visible()
    sound()
    accounts.signed_in = "ben@example.com"
    page.goto(page.url.replace("/account", "/calendars"))
    expect(page.get_by_role("alert")).to_be_visible()
    sound()
    accounts.signed_in = None
    come_back(page)
    expect(page.locator(".calendars-of form")).to_be_visible()
    sound()
