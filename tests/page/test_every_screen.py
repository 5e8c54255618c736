"""Every screen fits its window, and is drawn for somebody to look at: `pytest test_every_screen.py --base-url … --images ../../docs/images`."""

import pathlib

import pytest

from screens import SCREENS

DEVICES = {
    "": {},
    "-dark": {"color_scheme": "dark"},
    "-phone": {"phone": True},
    "-phone-dark": {"phone": True, "color_scheme": "dark"},
    "-arabic": {"locale": "ar-EG", "phone": True},
}


@pytest.mark.parametrize("look", DEVICES)
@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_the_screen_is_no_wider_than_the_window(open_page, api, request, screen, look):
    page = screen(open_page, api, **DEVICES[look])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    folder = request.config.getoption("--images")
    if folder:
        name = screen.__name__.replace("_", "-")
        page.screenshot(path=pathlib.Path(folder) / f"page-{name}{look}.png", scale="css")
