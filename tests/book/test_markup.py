"""図の id: ほかの図とぶつからず、指す側も付いてくること。"""

import pytest
from bs4 import BeautifulSoup

from lstm_text import plots
from page.inline_svg import with_own_ids
from tests.book.markup import mistakes

SPACE = '<defs><path id="space" transform="scale(2)"/></defs><use x="1" xlink:href="#space"/>'


@pytest.fixture(scope="module")
def plot():
    """字形と切り抜きを持つ、matplotlib の図。空白の字形には線がない。"""
    fig, ax = plots.subplots()
    ax.plot([0, 1], [1, 2], marker="o", label="a b")
    ax.legend()
    svg = plots.to_svg(fig, alt="右上がりの直線が 1 本ある。")
    plots.plt.close(fig)
    return svg


@pytest.mark.parametrize(
    "html",
    [
        '<p id="a"></p><p id="a"></p>',
        '<a href="#a">a</a>',
        '<svg><g clip-path="url(#a)"></g></svg>',
        '<g style="fill: url(#a)"></g>',
        '<svg aria-labelledby="a b"><title id="a">題</title></svg>',
        '<use xlink:href="#a"/>',
        '<label for="a">欄</label>',
        '<path id="a"></path>',
        '<path d=" "/>',
    ],
)
def test_mistakes_are_noticed(html):
    assert mistakes(html)


def test_right_pages_have_no_mistakes():
    assert not mistakes('<a href="#%E7%AB%A0">章</a><h1 id="章">章</h1><a href="#">上へ</a>')


def test_the_plot_itself_has_mistakes(plot):
    """素のままの図を 2 つ並べれば、id が重なり、線のない path もある。"""
    found = mistakes(plot + plot)
    assert any("2 個" in mistake for mistake in found) and "線のない path" in found


def test_two_equal_plots_share_a_page(plot):
    page = with_own_ids(plot, "a 1") + with_own_ids(plot, "a 2") + with_own_ids(plot, "b 1")
    assert not mistakes(page)


def test_the_picture_stays_the_same(plot):
    """字形と切り抜きは、元の図と同じものを指す。除くのは、線のないものだけ。"""

    def drawn(svg):
        soup = BeautifulSoup(svg, "html.parser")
        shape = {element["id"]: element.get("d") or str(element.rect) for element in soup(id=True)}
        uses = [shape[use["xlink:href"][1:]] for use in soup("use")]
        clips = [shape[g["clip-path"][5:-1]] for g in soup(attrs={"clip-path": True})]
        return [line for line in uses if line != "None"], clips, [p.get("d") for p in soup("path")]

    uses, clips, paths = drawn(plot)
    own_uses, own_clips, own_paths = drawn(with_own_ids(plot, "a 1"))
    assert uses and clips
    assert (own_uses, own_clips) == (uses, clips)
    assert own_paths == [path for path in paths if path]


def test_names_of_descriptions_follow():
    svg = '<svg aria-labelledby="t d"><title id="t">題</title><desc id="d">説明</desc></svg>'
    assert not mistakes(with_own_ids(svg, "a 1")) and "t d" not in with_own_ids(svg, "a 1")


def test_empty_glyph_goes_away_with_its_uses():
    svg = with_own_ids(f'<svg>{SPACE}<path d="M 0 0"/></svg>', "a 1")
    assert svg == '<svg><defs></defs><path d="M 0 0"/></svg>'


def test_words_are_not_taken_for_ids():
    svg = '<svg aria-label="色は url です。#1 と id を見る"><path d="M0 0" id="a"/>id="b"</svg>'
    assert 'aria-label="色は url です。#1 と id を見る"' in with_own_ids(svg, "a 1")


def test_the_same_source_makes_the_same_page(plot):
    assert with_own_ids(plot, "a 1") == with_own_ids(plot, "a 1")
