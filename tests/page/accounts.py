"""What a platform answers where people have accounts, for the page on one that is open to all."""

import json
import re

ERRORS = {401: "unauthorized", 403: "forbidden", 404: "not_found"}
DOCUMENTS = re.compile(r"^https?://[^/]+/(account|calendars|polls|p/[^/?#]+)?(\?[^#]*)?(#.*)?$")
PEOPLE = re.compile(r"/users/users/([^/]+)/")

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


def session(number, browser, current=False, last_used="2026-11-05T00:00:00Z"):
    """A session as `GET /users/account/sessions` has it."""
    return {"id": f"session-{number}", "browser": browser, "created_at": f"2026-11-0{number}T23:30:00Z", "expires_at": "2027-02-01T00:00:00Z",
            "last_used": last_used, "current": current}


class Accounts:
    """Answers what concerns accounts, and passes on everything else. `signed_in` is the address of who is signed in."""

    def __init__(self, access="members", signed_in=None):
        self.access, self.signed_in = access, signed_in
        self.sessions = [session(3, FIREFOX, current=True), session(2, SAFARI), session(1, EDGE, last_used=None)]
        #: Addresses by the tokens of links that hold.
        self.links = {}
        #: What was asked for: bodies of `POST /users/sign-ins` and `POST /users/sessions`, ids of sessions that were ended.
        self.mails, self.tries, self.ended = [], [], []
        #: The polls of the account, as `GET /users/account/polls` has them.
        self.account_polls = []
        #: The providers of identities, and the bodies of attempts to sign in by them, which lead to `provider_location`.
        self.providers, self.attempts, self.provider_location = [], [], "/account#sign-in-failed=refused"
        #: Replies that come first, by method and path: (status, headers, body).
        self.failing = {}

    def link(self, token="w2l_secret", email="ada@example.com"):
        """The path of a link that holds."""
        self.links[token] = email
        return f"/account#sign-in={token}&email={email.replace('@', '%40')}"

    def answer(self, context):
        """Answers in this browser from now on."""
        context.route(DOCUMENTS, self.document)
        for path, reply in [("/users/sign-ins", self.sign_in_mail), ("/users/sessions", self.sign_in), ("/users/account", self.account),
                            ("/users/account/polls", self.list_polls), ("/users/account/sessions", self.list_sessions), ("/users/account/sessions/*", self.end_session),
                            ("/users/identity-providers", self.list_providers), ("/users/identity-providers/*/sign-ins", self.begin),
                            ("/users/users/**", self.person), ("/users/polls", self.polls)]:
            context.route(f"**{path}", self.unless_failing(path, reply))

    def unless_failing(self, path, reply):
        def handle(route):
            failure = self.failing.get((route.request.method, path))
            if failure is None:
                return reply(route)
            status, headers, body = failure
            return route.fulfill(status=status, headers=headers, json=body)

        return handle

    def document(self, route):
        if route.request.resource_type != "document":
            return route.fallback()
        sent = route.fetch()
        text = sent.text()
        assert 'data-access="open"' in text
        route.fulfill(response=sent, body=text.replace('data-access="open"', f'data-access="{self.access}"'))

    def refuse(self, route, status):
        detail = {"loc": ["internal"], "msg": "Refused", "type": "http_error", "code": ERRORS[status]}
        route.fulfill(status=status, json={"case_id": "test", "detail": [detail]})

    def sign_in_mail(self, route):
        self.mails.append(json.loads(route.request.post_data))
        route.fulfill(status=202, json={})

    def sign_in(self, route):
        body = json.loads(route.request.post_data)
        self.tries.append(body)
        # It holds once.
        if self.links.pop(body["token"], None) != body["email"]:
            return self.refuse(route, 401)
        self.signed_in = body["email"]
        route.fulfill(status=201, json={"email": self.signed_in, "expires_at": "2027-02-01T00:00:00Z"})

    def list_providers(self, route):
        route.fulfill(json={"providers": self.providers})

    def begin(self, route):
        self.attempts.append(json.loads(route.request.post_data))
        route.fulfill(status=201, json={"location": self.provider_location})

    def account(self, route):
        if self.signed_in is None:
            return self.refuse(route, 401)
        route.fulfill(json={"email": self.signed_in, "administrator": False, "scopes": ["write"], "expires_at": "2027-02-01T00:00:00Z"})

    def list_polls(self, route):
        if self.signed_in is None:
            return self.refuse(route, 401)
        route.fulfill(json={"polls": self.account_polls})

    def list_sessions(self, route):
        if self.signed_in is None:
            return self.refuse(route, 401)
        route.fulfill(json={"sessions": self.sessions})

    def end_session(self, route):
        ended = route.request.url.rsplit("/", 1)[1]
        found = [known for known in self.sessions if known["id"] == ended]
        if self.signed_in is None or not found:
            return self.refuse(route, 404 if self.signed_in else 401)
        self.ended.append(ended)
        self.sessions.remove(found[0])
        if found[0]["current"]:
            self.signed_in = None
        route.fulfill(status=204)

    def person(self, route):
        if self.signed_in is None:
            return self.refuse(route, 401)
        if PEOPLE.search(route.request.url)[1].replace("%40", "@") != self.signed_in:
            return self.refuse(route, 403)
        route.fallback()

    def polls(self, route):
        if self.access == "closed" and self.signed_in is None and route.request.method == "POST":
            return self.refuse(route, 401)
        route.fallback()
