"""plots：日本語、明暗、説明文。"""

import re

import pytest
from matplotlib import pyplot as plt

from lstm_text import plots


@pytest.fixture
def figure():
    fig, ax = plots.subplots()
    ax.plot([0, 1], [-1, 1], label="損失")
    ax.set_xlabel("時刻 t")
    ax.legend()
    yield fig
    plt.close(fig)


def test_svg_follows_the_text_colour_and_carries_the_finding(figure):
    svg = plots.to_svg(figure, alt='RNN の損失は "高止まり" し、1 < 2 です。')
    assert svg.count("currentColor") > 5
    assert "#0a0b0c" not in svg and "#000000" not in svg and "#ffffff" not in svg
    label = re.search(r'aria-label="([^"]*)"', svg).group(1)
    assert label == "RNN の損失は &quot;高止まり&quot; し、1 &lt; 2 です。"


def test_svg_asks_the_network_for_nothing(figure):
    svg = plots.to_svg(figure, alt="損失は直線で増えています。")
    assert not re.search(r'(?:href|src)="(?!#)', svg)


def test_same_figure_same_svg(figure):
    alt = "損失は直線で増えています。"
    assert plots.to_svg(figure, alt) == plots.to_svg(figure, alt)


@pytest.mark.parametrize("alt", ["", "   ", "図1"])
def test_a_figure_without_a_description_is_refused(figure, alt):
    with pytest.raises(ValueError, match="10 字以上"):
        plots.to_svg(figure, alt)


def test_a_missing_glyph_stops_the_run(figure):
    figure.axes[0].set_title("\U0001f984")
    with pytest.raises(UserWarning, match=r"(?i)glyph"):
        plots.to_svg(figure, alt="字形のない文字を含む図です。")


def test_show_closes_the_figure(figure, capsys):
    plots.show(figure, alt="損失は直線で増えています。")
    assert not plt.fignum_exists(figure.number)
