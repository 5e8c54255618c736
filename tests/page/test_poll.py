"""A poll's page: what is painted is kept, whatever happens to page, connection and other devices."""

import re

from playwright.sync_api import expect

from accessibility import violations
from grids import drag
from steps import join, ranges_of, saved

MONDAY_MORNING = [("2027-03-08T09:00:00Z", "2027-03-08T11:00:00Z", "yes")]
TUESDAY_MORNING = [("2027-03-09T09:00:00Z", "2027-03-09T11:00:00Z", "yes")]


def without_monday(api, poll):
    """The organiser takes the first date away."""
    api.call("PATCH", f"/users/polls/{poll['id']}", {"dates": poll["dates"][1:]}, poll["admin_token"])


def painted(open_page, poll):
    """The page of Ada, who has painted Monday morning."""
    page = open_page(poll["url"])
    join(page, "Ada")
    drag(page, (0, 0), (0, 3))
    saved(page)
    return page


def painted_and_not_sent(open_page, poll, *corners):
    """The page of Ada, who has painted a rectangle that the platform has not got yet; `sent_again` lets it through."""
    page = open_page(poll["url"])
    join(page, "Ada")
    page.route("**/answer", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    drag(page, *corners)
    expect(page.locator(".save-state")).to_contain_text("Not sent yet")
    return page


def sent_again(page):
    page.unroute("**/answer")


def test_what_is_painted_is_stored_and_there_after_loading_again(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING
    page.reload()
    saved(page)
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_what_is_painted_without_a_connection_is_sent_when_it_is_back(open_page, api):
    poll = api.create_poll()
    page = open_page(poll["url"])
    join(page, "Ada")
    page.context.set_offline(True)
    drag(page, (0, 0), (0, 3))
    expect(page.locator(".save-state")).to_contain_text("Not sent yet")
    page.context.set_offline(False)
    saved(page)
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_what_was_not_sent_before_the_page_was_closed_is_sent_when_it_is_opened_again(open_page, api):
    poll = api.create_poll()
    page = painted_and_not_sent(open_page, poll, (0, 0), (0, 3))
    sent_again(page)
    page.reload()
    saved(page)
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_an_answer_that_changed_on_another_device_is_not_overwritten_unasked(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    page.context.set_offline(True)
    drag(page, (1, 0), (1, 3))
    expect(page.locator(".save-state")).to_contain_text("Not sent yet")
    known = page.evaluate("JSON.parse(localStorage.getItem('w2meet.polls'))[0].participant")
    elsewhere = ("2027-03-10T09:00:00Z", "2027-03-10T10:00:00Z", "yes")
    api.answer(poll["id"], {"id": known["id"], "edit_token": known["token"]}, [elsewhere])
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("changed elsewhere")
    page.get_by_role("button", name="The other one").click()
    saved(page)
    assert ranges_of(api, page, poll["id"]) == [elsewhere]


def test_the_edit_link_opens_the_same_answer_on_another_device(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    page.get_by_text("Continue on another device").click()
    link = page.get_by_label("Your personal link").input_value()
    other = open_page(re.search(r"/p/.*", link).group(), phone=True)
    saved(other)
    expect(other.get_by_role("heading", name="When Ada can come")).to_be_visible()
    assert "#" not in other.url, "a link that is copied from the address gives nothing away"
    assert ranges_of(api, other, poll["id"]) == MONDAY_MORNING


def test_a_wrong_edit_link_says_so_and_the_poll_can_be_seen_without_it(open_page, api):
    poll = api.create_poll()
    page = open_page(f"{poll['url']}#edit=AAAAAAAAAAAAAAAAAAAAAA.wrong")
    expect(page.get_by_role("alert")).to_contain_text("does not fit this poll")
    page.get_by_role("button", name="Go on without it").click()
    expect(page.get_by_label("Your name")).to_be_visible()


def test_a_poll_that_there_is_not_says_what_to_do(open_page):
    page = open_page("/p/AAAAAAAAAAAAAAAAAAAAAA")
    expect(page.get_by_role("heading", name="There is no such poll")).to_be_visible()


def test_a_deleted_poll_can_be_restored_by_its_organiser_after_its_page_was_opened(open_page, api):
    poll = api.create_poll()
    page = open_page(f"{poll['url']}#admin={poll['admin_token']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Planning")
    api.call("DELETE", f"/users/polls/{poll['id']}", token=poll["admin_token"])
    page.reload()
    expect(page.get_by_role("heading", name="There is no such poll")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="My polls").click()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("link", name="Planning", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Planning")


def test_an_answer_that_cannot_be_read_at_first_is_read_again(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    page.route("**/answer", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/answer")):
        page.reload()
    page.unroute("**/answer")
    saved(page)
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_others_answers_are_hidden_until_one_has_answered(open_page, api):
    poll = api.create_poll(visibility="after_answer")
    ben = api.join(poll["id"], "Ben")
    api.answer(poll["id"], ben, MONDAY_MORNING)
    page = open_page(poll["url"])
    page.get_by_role("tab", name="Everyone").click()
    expect(page.get_by_text("once you have answered yourself")).to_be_visible()
    page.get_by_role("tab", name="My answer").click()
    join(page, "Ada")
    drag(page, (0, 0), (0, 3))
    saved(page)
    page.get_by_role("tab", name="Everyone").click()
    expect(page.get_by_role("grid")).to_contain_text("2")


def test_answers_of_others_appear_as_they_come_and_leave_what_is_painted(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    page.get_by_role("tab", name="Everyone").click()
    ben = api.join(poll["id"], "Ben")
    api.answer(poll["id"], ben, MONDAY_MORNING)
    expect(page.get_by_text("2 of 2 answered")).to_be_visible()
    expect(page.get_by_role("grid")).to_contain_text("2")
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_the_zone_can_be_changed_without_moving_the_times(open_page, api):
    poll = api.create_poll()
    page = open_page(poll["url"], zone="Asia/Kolkata")
    join(page, "Chitra")
    expect(page.get_by_role("grid").get_by_role("rowheader").first).to_contain_text("14:30")
    drag(page, (0, 0), (0, 3))
    saved(page)
    page.get_by_label("Times are shown for").select_option("Europe/London")
    expect(page.get_by_role("grid").get_by_role("rowheader").first).to_contain_text("9:00")
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_a_closed_poll_takes_no_answer_and_still_shows_them(open_page, api):
    poll = api.create_poll()
    ben = api.join(poll["id"], "Ben")
    api.answer(poll["id"], ben, MONDAY_MORNING)
    api.call("PATCH", f"/users/polls/{poll['id']}", {"deadline": "2026-01-01T00:00:00Z"}, poll["admin_token"])
    page = open_page(poll["url"])
    expect(page.get_by_text("The deadline has passed")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_count(0)
    page.get_by_role("tab", name="Everyone").click()
    expect(page.get_by_role("grid")).to_contain_text("1")


def test_a_calendar_file_marks_busy_times_and_wipes_nothing(open_page, api, tmp_path):
    poll = api.create_poll()
    page = painted(open_page, poll)
    event = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20270101T000000Z",
             "DTSTART:20270308T090000Z", "DTEND:20270308T120000Z", "END:VEVENT", "END:VCALENDAR", ""]
    file = tmp_path / "mine.ics"
    file.write_text("\r\n".join(event))
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("1 busy time is marked").first).to_be_visible()
    assert ranges_of(api, page, poll["id"]) == MONDAY_MORNING


def test_script_and_markup_in_names_are_shown_as_text(open_page, api):
    markup = "<img src=x onerror=alert(1)>"
    poll = api.create_poll(title=markup, description="<script>alert(2)</script>", location="{{title}}")
    ben = api.join(poll["id"], markup)
    api.answer(poll["id"], ben, MONDAY_MORNING)
    page = open_page(poll["url"])
    page.on("dialog", lambda dialog: dialog.dismiss())
    expect(page.get_by_role("heading", level=1)).to_have_text(markup)
    page.get_by_role("tab", name="Everyone").click()
    expect(page.get_by_role("tabpanel", name="Everyone").get_by_text(markup).first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_date_that_is_taken_away_leaves_what_was_painted_on_the_others(open_page, api):
    poll = api.create_poll()
    page = painted(open_page, poll)
    without_monday(api, poll)
    expect(page.get_by_role("grid")).to_have_attribute("aria-colcount", "5")
    with page.expect_response(lambda reply: reply.request.method == "PUT" and reply.ok):
        drag(page, (0, 0), (0, 3))
    assert ranges_of(api, page, poll["id"]) == TUESDAY_MORNING


def test_what_was_not_sent_when_a_date_was_taken_away_is_sent_without_it(open_page, api):
    poll = api.create_poll()
    page = painted_and_not_sent(open_page, poll, (0, 0), (1, 3))
    without_monday(api, poll)
    expect(page.get_by_role("grid")).to_have_attribute("aria-colcount", "5")
    sent_again(page)
    saved(page)
    assert ranges_of(api, page, poll["id"]) == TUESDAY_MORNING


def test_what_one_participant_has_not_sent_is_not_sent_as_the_answer_of_another(open_page, api):
    poll = api.create_poll()
    page = painted_and_not_sent(open_page, poll, (0, 0), (0, 3))
    sent_again(page)
    ben = api.join(poll["id"], "Ben")
    page.goto("about:blank")
    page.goto(f"{api.base_url}{poll['url']}#edit={ben['id']}.{ben['edit_token']}")
    expect(page.get_by_role("heading", name="When Ben can come")).to_be_visible()
    expect(page.locator(".save-state")).to_contain_text("Not answered yet")
    assert not api.answer_of(poll["id"], ben["id"], ben["edit_token"])["answered"]


def test_a_poll_that_was_only_looked_at_is_not_in_the_list(open_page, api):
    poll = api.create_poll()
    page = open_page(poll["url"])
    expect(page.get_by_label("Your name")).to_be_visible()
    assert page.evaluate("localStorage.getItem('w2meet.polls')") in (None, "[]")


def test_whoever_gives_an_address_gets_the_meeting_and_a_wrong_one_is_said(open_page, api):
    poll = api.create_poll()
    page = open_page(poll["url"])
    page.get_by_label("Your name").fill("Ada")
    page.get_by_text("Get the meeting by e-mail").click()
    page.get_by_label("Your e-mail").fill("ada")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_have_text("This is no e-mail address.")
    assert violations(page) == []
    page.get_by_label("Your e-mail").fill("ada@example.com")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("grid")).to_be_visible()
    other = open_page(api.create_poll()["url"])
    expect(other.get_by_label("Your e-mail")).to_have_value("")
    page.goto(api.base_url + api.create_poll()["url"])
    expect(page.get_by_label("Your e-mail")).to_have_value("ada@example.com")
