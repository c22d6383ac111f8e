"""本の SVG の図: 読み上げられること、明暗に従うこと、通信しないこと、電話でも読めること。"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

FIGURES = sorted((Path(__file__).parents[2] / "book" / "figures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
COLORS = ("#0891b2", "#3b82f6", "#e5484d", "#d97706", "#a855f7", "#8a8a8a", "#16a34a")
BACKGROUNDS = ("#ffffff", "#121212", "#14181e")


@pytest.fixture(params=FIGURES, ids=lambda path: path.stem)
def figure(request):
    return request.param.read_text(encoding="utf-8")


def test_figure_has_a_title_and_a_description(figure):
    root = ET.fromstring(figure)
    assert len(root.findtext(f"{SVG}title", "").strip()) >= 3
    assert len(root.findtext(f"{SVG}desc", "").strip()) >= 10


def test_figure_asks_nobody_for_anything(figure):
    used = figure.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|<image|<script|@import|<foreignObject", used)


def test_figure_follows_light_and_dark(figure):
    for element in ET.fromstring(figure).iter():
        for name in ("fill", "stroke"):
            color = element.get(name, "currentColor")
            assert color in ("none", "currentColor", *COLORS) or color.startswith("url(#")
        if element.tag == f"{SVG}rect":
            assert element.get("width") != "100%", "背景を塗らない"


def test_letters_are_large_enough_for_a_phone(figure):
    """幅 640 に伸ばしたとき 15 px 以上（添え字は 12 px 以上）。"""
    root = ET.fromstring(figure)
    scale = 640 / float(root.get("viewBox").split()[2])
    for element in root.iter():
        least = 12 if element.tag == f"{SVG}tspan" else 14.9
        if size := element.get("font-size"):
            assert float(size) * scale >= least, element.tag


def luminance(color):
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_lines_stand_out(color, background):
    """線や面の色は、明るい背景でも暗い背景でも 3 倍以上の明暗の差がある。"""
    bright, dark = sorted((luminance(color), luminance(background)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 3
