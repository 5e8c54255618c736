"""What the platform is for, told by clients that were generated from its descriptions.

The first argument is the platform's URL; the clients are the packages beside this file.
"""

import sys
import time
import uuid

import availability
import suggestion
import users
import worker
from availability.api.default import ask_group as ask_shared_hours
from availability.api.default import read as read_shared_hours
from availability.models import GroupAvailabilityRequest
from suggestion.api.default import ask_group as ask_suggestions
from suggestion.api.default import read as read_suggestions
from suggestion.models import GroupSuggestionRequest
from users.api.default import cache_aside, create, read, remove, replace
from users.api.operations import health
from users.models import Availabilities, Hour, NewPerson, PreferenceName
from worker.api.default import create_task, find_task, list_tasks
from worker.models import NewPairTask

gateway = sys.argv[1]
user_service = users.Client(base_url=f"{gateway}/users")
availability_service = availability.Client(base_url=f"{gateway}/availability")
suggestion_service = suggestion.Client(base_url=f"{gateway}/suggestion")
worker_service = worker.Client(base_url=f"{gateway}/worker")


def person(email, hours, preference):
    week = Availabilities(monday=[Hour(hour) for hour in hours])
    return NewPerson(email=email, availabilities=week, preferences=PreferenceName(preference))


def status(reply, expected):
    assert reply.status_code == expected, (reply.status_code, reply.content)
    return reply.parsed


ada, bob = (f"{name}.{uuid.uuid4().hex}@example.com" for name in ("ada", "bob"))
status(health.sync_detailed(client=user_service), 200)

status(create.sync_detailed(client=user_service, body=person(ada, [9, 10], "first")), 201)
status(create.sync_detailed(client=user_service, body=person(ada, [9, 10], "first")), 200)
conflict = status(create.sync_detailed(client=user_service, body=person(ada, [11], "first")), 409)
assert conflict.detail[0].type_ == "http_error", conflict
status(create.sync_detailed(client=user_service, body=person(bob, [9, 10, 11], "first")), 201)
status(replace.sync_detailed(bob, client=user_service, body=person(bob, [9, 10], "last")), 200)
stored = status(read.sync_detailed(bob, client=user_service), 200)
assert (stored.email, stored.preferences) == (bob, "last"), stored
assert status(cache_aside.sync_detailed(client=user_service, user1email=bob), 200) == stored

pair = {"user_id_1": ada, "user_id_2": bob}
shared = status(read_shared_hours.sync_detailed(client=availability_service, **pair), 200)
assert (shared.common_availabilities.monday, shared.user2preference) == ([9, 10], "last"), shared
group = GroupAvailabilityRequest(user_ids=[ada, bob, ada])
shared = status(ask_shared_hours.sync_detailed(client=availability_service, body=group), 200)
assert [one.user_id for one in shared.preferences] == [ada, bob, ada], shared

proposed = status(read_suggestions.sync_detailed(client=suggestion_service, **pair), 200)
assert [one.slot for one in proposed.suggestions] == [[9, 10], [10, 11]], proposed
group = GroupSuggestionRequest(user_ids=[ada, bob])
assert status(ask_suggestions.sync_detailed(client=suggestion_service, body=group), 200).suggestions

order = NewPairTask(user_id_1=ada, user_id_2=bob)
key = str(uuid.uuid4())
job = status(create_task.sync_detailed(client=worker_service, body=order, idempotency_key=key), 202)
again = status(create_task.sync_detailed(client=worker_service, body=order, idempotency_key=key), 202)
assert job.job_id == again.job_id, (job, again)
for _ in range(300):
    found = status(find_task.sync_detailed(job.job_id, client=worker_service), 200)
    if found.state == "succeeded":
        break
    time.sleep(0.1)
assert found.state == "succeeded" and len(found.result) == 2, found
page = status(list_tasks.sync_detailed(client=worker_service, limit=1), 200)
assert len(page.tasks) == 1, page

status(remove.sync_detailed(ada, client=user_service), 204)
missing = status(read.sync_detailed(ada, client=user_service), 404)
assert missing.detail[0].msg == "User Not Found", missing
