"""axe-core on a page."""

from axe_playwright_python.base import AXE_FILE_PATH

# What axe-core checks by default goes beyond WCAG 2.2 AA: its best practices too.
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")


def violations(page):
    """What axe-core finds on the page as it is, each as its rule with the places."""
    # A script of ours in the page would be against its policy; a debugger's is not.
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found]
