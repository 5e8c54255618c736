"""Measures the grids of a poll of 500 people over 12 weeks: `python tests/page/measure_grid.py http://localhost:8080`.

Of each frame, what the page's main thread works on it, from a trace: as time on the clock and as time of the processor, which
does not count what else the machine does meanwhile. Of each interaction, the time to the next paint. Of the heap, what is left
after garbage collection.
"""

import os
import random
import sys
from datetime import date, timedelta

from playwright.sync_api import sync_playwright

from conftest import CHROMIUM, DESKTOP, Api

PEOPLE = 500
WEEKS = 12
TRACED = ["devtools.timeline", "disabled-by-default-devtools.timeline", "cc"]
# Interactions that took less than 16 ms are not told.
OBSERVE = """
window.interactions = [];
new PerformanceObserver(list => interactions.push(...list.getEntries().filter(entry => entry.interactionId).map(entry => entry.duration)))
    .observe({ type: "event", durationThreshold: 16 });
"""


def large_poll(api):
    first = date(2027, 3, 1)
    dates = [str(first + timedelta(days=day)) for day in range(7 * WEEKS)]
    poll = api.create_poll(dates=dates, granularity_minutes=15, **{"from": "00:00", "to": "24:00"})
    cells = api.call("GET", f"/users/polls/{poll['id']}/grid")["cells"]
    for number in range(PEOPLE):
        chance = random.Random(number)
        person, ranges, at = api.join(poll["id"], f"Person {number:03}"), [], 0
        while at < len(cells):
            end = min(at + chance.randint(8, 40), len(cells))
            level = chance.choice(["yes", "yes", "if_needed", None])
            if level and (not ranges or ranges[-1]["end"] != cells[at]["start"]):
                ranges.append({"start": cells[at]["start"], "end": cells[end - 1]["end"], "level": level})
            at = end
        api.answer(poll["id"], person, ranges)
    return poll, person


class Tracer:
    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.page = page
        self.events = []
        self.session.on("Tracing.dataCollected", lambda part: self.events.extend(part["value"]))

    def frames(self, act):
        """Milliseconds of each frame's work while `act` runs, as (on the clock, of the processor)."""
        self.events.clear()
        self.session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": TRACED}})
        act()
        ended = []
        self.session.on("Tracing.tracingComplete", lambda _: ended.append(True))
        self.session.send("Tracing.end")
        while not ended:
            self.page.evaluate("0")
        begins = [event for event in self.events if event["name"] == "ProxyMain::BeginMainFrame"]
        thread = max({(event["pid"], event["tid"]) for event in begins}, key=[(event["pid"], event["tid"]) for event in begins].count)
        own = [event for event in self.events if (event["pid"], event["tid"]) == thread]
        starts = sorted(event["ts"] for event in own if event["name"] == "ProxyMain::BeginMainFrame")
        tasks = [event for event in own if event["name"] == "RunTask" and event.get("ph") == "X"]
        works = []
        for start, end in zip(starts, starts[1:]):
            # A frame's task begins a moment before the frame.
            within = [task for task in tasks if start - 200 <= task["ts"] < end - 200]
            works.append((sum(task["dur"] for task in within) / 1000, sum(task.get("tdur", task["dur"]) for task in within) / 1000))
        return [work for work in works if work[1] > 0.2]

    def heap(self):
        self.session.send("HeapProfiler.collectGarbage")
        return self.page.evaluate("performance.memory.usedJSHeapSize") / 1e6


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def sweep(page, area, times):
    """Moves the mouse over a grid from corner to corner."""
    height = page.viewport_size["height"]
    low, high = max(area["y"] + 60, 200), min(area["y"] + area["height"], height) - 60
    for turn in range(times):
        corner = (area["x"] + area["width"] - 10, high) if turn % 2 == 0 else (area["x"] + 90, low)
        page.mouse.move(*corner, steps=25)


def main(base_url):
    poll, person = large_poll(Api(base_url))
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(**DESKTOP).new_page()
        page.add_init_script(OBSERVE)
        page.goto(f"{base_url}/p/{poll['id']}#edit={person['id']}.{person['edit_token']}")
        page.locator("[role=grid][aria-readonly=false]").wait_for()
        tracer = Tracer(page)
        grid = page.get_by_role("grid")

        def paint():
            grid.evaluate("grid => grid.scrollIntoView()")
            page.mouse.move(*[grid.bounding_box()[side] + 100 for side in ("x", "y")])
            page.mouse.down()
            sweep(page, grid.bounding_box(), 12)
            page.mouse.up()

        def hover():
            grid.evaluate("grid => grid.scrollIntoView()")
            sweep(page, grid.bounding_box(), 12)

        # By the mouse alone: looking for elements would keep the main thread busy, which then paints later.
        def click(places):
            places[0].scroll_into_view_if_needed()
            for box in [place.bounding_box() for place in places]:
                middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
                page.mouse.move(*middle)
                # No hand is quicker.
                page.wait_for_timeout(100)
                page.mouse.click(*middle)
                page.wait_for_timeout(200)

        def turn_pages():
            click([page.get_by_role("button", name="Week after")] * (WEEKS - 1))

        def choose():
            click(page.locator(".who-name").all()[:6])

        def look():
            click([page.get_by_role("tab", name="Everyone")])
            page.locator(".who-name").first.wait_for()

        steps = [("paint", paint), ("show everyone", look), ("hover", hover), ("next week", turn_pages), ("choose people", choose)]
        print(f"{'':14} {'frames':>6}  {'clock, ms: p50':>14} {'p95':>6}  {'processor, ms: p50':>18} {'p95':>6}  {'to next paint, ms: worst':>24}")
        for name, act in steps:
            page.evaluate("interactions.length = 0")
            frames = tracer.frames(act)
            worst = page.evaluate("Math.max(0, ...interactions)")
            clock, processor = zip(*frames)
            print(f"{name:14} {len(frames):6}  {percentile(clock, 0.5):14.1f} {percentile(clock, 0.95):6.1f}  "
                  f"{percentile(processor, 0.5):18.1f} {percentile(processor, 0.95):6.1f}  {worst:24.0f}")
        print(f"heap: {tracer.heap():.1f} MB")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
