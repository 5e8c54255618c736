"""Puts finished texts into a message, again and again: the types and texts are on standard input, CPU ms on standard output."""

import email.policy
import json
import sys
import time
from email.message import EmailMessage

MAILS = 500


def message(texts):
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = "W2Meet <meet@example.com>"
    made["To"] = "Guest <guest@example.com>"
    made["Subject"] = "When can you come?"
    made.set_content(texts[0][1])
    for kind, text in texts[1:]:
        main, sub = kind.split("/")
        if main == "text":
            made.add_alternative(text, subtype=sub)
        else:
            made.add_attachment(text.encode(), maintype=main, subtype=sub, filename="invite.ics")
    return made.as_bytes()


texts = json.load(sys.stdin)
before = time.process_time()
for _ in range(MAILS):
    message(texts)
print(json.dumps({"cpu_ms": (time.process_time() - before) * 1000 / MAILS}))
