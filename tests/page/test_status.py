"""How the platform is doing, for whoever has just installed it."""

from playwright.sync_api import expect


def test_the_last_mails_are_shown_where_they_lie_in_files(open_page, api):
    poll = api.create_poll(title="Budget & <b>plans</b>")
    people = [{"email": "ada@example.com", "name": "Ada"}]
    api.call("POST", f"/users/polls/{poll['id']}/invitations", {"people": people}, poll["admin_token"])
    page = open_page("/status")
    mail = page.get_by_role("listitem").filter(has_text="Budget & <b>plans</b>")
    expect(mail).to_contain_text("ada@example.com")
    expect(mail).to_contain_text(".eml")
