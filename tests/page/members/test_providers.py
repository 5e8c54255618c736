"""Signing in by a provider of identities (`--provider`), which is oidc-provider of npm, on a platform that knows it as `company`."""

import re
import secrets
import time

import pytest
from playwright.sync_api import expect

from identity_provider import IdentityProvider

BUTTON = "Sign in with Company"
COOKIE = "__Host-w2meet"
ATTEMPT = "__Host-w2meet-sign-in"


@pytest.fixture(scope="module")
def running(request, base_url):
    provider = IdentityProvider(request.config.getoption("--provider"), base_url)
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running):
    if running.process is None:
        running.start()
    return running


def somebody(kind="ada"):
    return f"{kind}-{secrets.token_hex(6)}@example.com"


def cookies(page):
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


def go(page):
    """To the provider, which asks who it is."""
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Company: login")).to_be_visible()


def say(page, address):
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Company: consent")).to_be_visible()


def expect_signed_in(page, address):
    expect(page.get_by_role("heading", name=f"Signed in as {address}")).to_be_visible()


def expect_refused(page, text):
    expect(page.get_by_role("alert")).to_contain_text(text)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert "sign-in-failed" not in page.url and COOKIE not in cookies(page)


@pytest.fixture
def signed_in(open_page, provider):
    def sign_in(address):
        page = open_page("/account")
        go(page)
        say(page, address)
        page.get_by_role("button", name="Continue").click()
        expect_signed_in(page, address)
        return page

    return sign_in


def test_somebody_signs_in_and_out_here_and_there(signed_in, provider, base_url):
    ada = somebody()
    page = signed_in(ada)
    assert page.url == base_url + "/account"
    kept = cookies(page)
    own = kept[COOKIE]
    assert (own["httpOnly"], own["secure"], own["sameSite"], own["path"]) == (True, True, "Lax", "/")
    assert ATTEMPT not in kept and page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert page.url.startswith(base_url + "/account") and COOKIE not in cookies(page)
    # The provider asks again who it is.
    go(page)


def test_whoever_is_known_there_comes_back_at_once(signed_in, base_url):
    ada = somebody()
    page = signed_in(ada)
    page.context.clear_cookies(name=COOKIE)
    page.goto(base_url + "/account")
    page.get_by_role("button", name=BUTTON).click()
    expect_signed_in(page, ada)
    expect(page.get_by_role("button", name="End: ")).to_have_count(1)


def test_the_attempt_is_a_cookie_that_ends_soon(open_page, provider):
    page = open_page("/account")
    go(page)
    kept = cookies(page)[ATTEMPT]
    assert (kept["httpOnly"], kept["secure"], kept["sameSite"], kept["path"]) == (True, True, "Lax", "/")
    assert 0 < kept["expires"] - time.time() <= 600


def test_who_refuses_is_told_that_nobody_is_signed_in(open_page, provider):
    page = open_page("/account")
    go(page)
    page.get_by_role("button", name="Refuse").click()
    expect_refused(page, "it was refused there")
    go(page)
    say(page, somebody())
    page.get_by_role("button", name="Refuse").click()
    expect_refused(page, "it was refused there")


def test_an_address_that_is_not_confirmed_is_nobody(open_page, provider):
    page = open_page("/account")
    go(page)
    say(page, somebody("new"))
    page.get_by_role("button", name="Continue").click()
    expect_refused(page, "does not say that the e-mail address is yours")


def way_back(page):
    """Where the provider sends this browser once its last question is answered. It does not go there."""
    location = page.context.request.post(page.url, form={"answer": "go"}, max_redirects=0).headers["location"]
    return page.context.request.get(location, max_redirects=0).headers["location"]


def test_a_state_that_was_changed_signs_nobody_in(open_page, provider):
    page = open_page("/account")
    go(page)
    say(page, somebody())
    back = way_back(page)
    page.goto(re.sub("state=.", "state=A" if "state=A" not in back else "state=B", back))
    expect_refused(page, "begun in another browser")


def test_the_way_back_of_another_browser_signs_nobody_in(open_page, provider):
    page = open_page("/account")
    go(page)
    say(page, somebody("eve"))
    of_eve = way_back(page)
    victim = open_page("/account")
    victim.goto(of_eve)
    expect_refused(victim, "begun in another browser")
    # Nor one that has begun an attempt of its own.
    go(victim)
    victim.goto(of_eve)
    expect_refused(victim, "begun in another browser")


def test_the_way_back_works_once(open_page, provider, base_url):
    page = open_page("/account")
    go(page)
    ada = somebody()
    say(page, ada)
    back = way_back(page)
    page.goto(back)
    expect_signed_in(page, ada)
    page.goto(back)
    expect(page.get_by_role("alert")).to_contain_text("was done already")
    expect_signed_in(page, ada)


def test_no_link_leads_from_here_to_another_site(open_page, provider):
    page = open_page("/account")
    begin = """path => fetch("/users/identity-providers/company/sign-ins", { method: "POST",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify({ return_path: path }) }).then(reply => reply.status)"""
    for other in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]:
        assert page.evaluate(begin, other) == 400
    assert page.evaluate(begin, "/calendars") == 201


def test_a_session_that_ends_at_the_provider_ends_here(signed_in, provider, base_url):
    page = signed_in(somebody())
    page.goto(f"{provider.url}/session/end")
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_text("Sign-out Success")).to_be_visible()
    page.goto(base_url + "/account")
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()


def test_a_session_that_has_expired_is_as_none(signed_in, base_url):
    page = signed_in(somebody())
    own = cookies(page)[COOKIE]
    page.context.add_cookies([own | {"value": "w2m_" + "x" * 43}])
    page.reload()
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()


def test_members_of_a_group_are_administrators(signed_in, base_url):
    read = "path => fetch(path).then(reply => reply.status)"
    path = "/users/users/nobody@example.com"
    assert signed_in(somebody()).evaluate(read, path) == 403
    assert signed_in(somebody("root")).evaluate(read, path) == 404


# These two restart the provider, and so come last.


def test_keys_that_were_changed_are_read_again(signed_in, open_page, provider):
    signed_in(somebody())
    provider.stop()
    provider.start()
    page = open_page("/account")
    end = time.monotonic() + 40
    while True:
        # A key that nobody knows is asked for once in a while, and not each time.
        ada = somebody()
        go(page)
        say(page, ada)
        page.get_by_role("button", name="Continue").click()
        heading = page.get_by_role("heading", name=f"Signed in as {ada}")
        expect(heading.or_(page.get_by_role("alert"))).to_be_visible()
        if heading.is_visible():
            return
        assert time.monotonic() < end, page.get_by_role("alert").inner_text()
        page.context.clear_cookies()
        page.wait_for_timeout(2000)
        page.goto(page.url.split("#")[0])


def test_who_is_signed_in_goes_on_while_the_provider_is_away(signed_in, open_page, provider):
    ada = somebody()
    page = signed_in(ada)
    other = open_page("/account")
    go(other)
    say(other, somebody())
    back = way_back(other)
    provider.stop()
    page.reload()
    expect_signed_in(page, ada)
    other.goto(back)
    expect_refused(other, "cannot be reached for now")
