"""A server of calendars on this machine, from which the platform under test may fetch: `CALENDAR_NETWORKS=127.0.0.1`."""

import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def calendar_text(*starts):
    """A calendar with an hour's event at each of these instants."""
    events = [f"BEGIN:VEVENT\r\nUID:{number}\r\nSUMMARY:Secret plans\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
              for number, start in enumerate(starts)]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n"


def soon(days, hour=10):
    """An instant in so many days."""
    return (datetime.now(timezone.utc) + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


class CalendarServer:
    """Serves by path what the test says, as (status, text); everything else is not there."""

    def __init__(self):
        self.replies = replies = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, text = replies.get(self.path, (404, ""))
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/calendar")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"
