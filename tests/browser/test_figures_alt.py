"""図の説明文: すべての図に、読み取れることを述べた文がある（ブラウザは要らない）。"""

import re
from html.parser import HTMLParser

import pytest

FILE_NAME = re.compile(r"^[\w./-]+\.(?:svg|png|jpe?g|gif)$|^[\w./-]*$", re.ASCII)
SHORTEST = 10


class Figures(HTMLParser):
    """本文の <img> と、<svg role="img"> の説明文を集める。飾り（aria-hidden）は数えない。"""

    def __init__(self):
        super().__init__()
        self.found, self.inside, self.described = [], False, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.inside = self.inside or tag == "article"
        if not self.inside or attributes.get("aria-hidden") == "true":
            return
        if tag == "img" and attributes.get("class") != "toggler":  # 索引の開閉の印
            self.found.append(attributes.get("alt") or "")
        elif tag == "svg":
            self.found.append(attributes.get("aria-label") or "")
            self.described = None
        elif tag in ("title", "desc"):
            self.described = tag

    def handle_data(self, data):
        # aria-label のない SVG では、<title> や <desc> が説明になる
        if self.described and self.found and not self.found[-1]:
            self.found[-1] = data.strip()
        self.described = None

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "article"


def bad(html):
    """説明文のない、または説明になっていない図。"""
    figures = Figures()
    figures.feed(html)
    return [alt for alt in figures.found if len(alt) < SHORTEST or FILE_NAME.match(alt)]


@pytest.mark.parametrize(
    "figure",
    [
        '<img src="a.png">',
        '<img src="a.png" alt="">',
        '<img src="a.png" alt="figures/lstm_cell.svg">',
        '<img src="a.png" alt="lstm_cell_diagram">',
        '<img src="a.png" alt="図 1">',
        "<svg><path/></svg>",
        '<svg aria-label="output_12_0.png"></svg>',
        "<svg><title>plot.svg</title></svg>",
    ],
)
def test_bad_figures_are_noticed(figure):
    assert bad(f"<article>{figure}</article>")


@pytest.mark.parametrize(
    "figure",
    [
        '<img src="a.png" alt="LSTM の損失は単純 RNN より早く下がる。">',
        '<svg role="img" aria-label="LSTM の損失は単純 RNN より早く下がる。"></svg>',
        "<svg><title>LSTM の損失は単純 RNN より早く下がる。</title></svg>",
        '<svg aria-hidden="true"></svg>',
    ],
)
def test_good_figures_pass(figure):
    assert bad(f"<article>{figure}</article>") == []


def test_every_figure_in_the_book_tells_what_to_see(site):
    found = {path.name: bad(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    assert not {name: alts for name, alts in found.items() if alts}
