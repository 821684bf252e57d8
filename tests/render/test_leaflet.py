"""Leaflet laid into the page."""

import re

from dispatch.render.leaflet import leaflet_css, leaflet_js


def test_no_address_is_left():
    for text in (leaflet_js(), leaflet_css()):
        assert not re.search(r"//[\w.]|https?://", text)
        assert "sourceMappingURL" not in text


def test_the_licence_line_stays():
    assert "(c) 2010-2022 Vladimir Agafonkin" in leaflet_js()


def test_the_namespace_still_reads_the_same_to_a_browser():
    spelt = re.search(r'createElementNS\("(.*?)"', leaflet_js())
    assert spelt is not None
    assert spelt[1].replace("\\u002f", "/") == "http:" + "//www.w3.org/2000/svg"


def test_images_are_data():
    assert "url(images/" not in leaflet_css()
    assert leaflet_css().count("url(data:image/png;base64,iVBOR") == 3
