"""Draws every screen for somebody to look at: `pytest test_images.py --base-url … --images ../../docs/images`."""

import pathlib

import pytest

from screens import SCREENS

LOOKS = {
    "": {},
    "-dark": {"color_scheme": "dark"},
    "-phone": {"phone": True},
    "-phone-dark": {"phone": True, "color_scheme": "dark"},
    "-arabic": {"locale": "ar-EG", "phone": True},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("screen", SCREENS, ids=[screen.__name__ for screen in SCREENS])
def test_the_screen_is_no_wider_than_the_window(open_page, api, request, screen, look):
    page = screen(open_page, api, **LOOKS[look])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    folder = request.config.getoption("--images")
    if folder:
        name = screen.__name__.replace("_", "-")
        page.screenshot(path=pathlib.Path(folder) / f"page-{name}{look}.png", scale="css")
