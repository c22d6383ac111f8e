"""図。日本語の文字、明るい画面と暗い画面、読み上げ用の説明文を、ここで一度に引き受けます。

図は 1 つの SVG としてページに埋め込みます。文字と軸の色は ``currentColor``
（まわりの文字の色）なので、画面の明暗を切り替えると図も従います。

このモジュールを取り込むと、matplotlib 全体の体裁がこの本のものになります。
"""

import html
import io
import re
import warnings
from collections.abc import Sequence

import matplotlib
import matplotlib_fontja  # noqa: F401  取り込むと日本語フォントが使われる
from IPython.display import HTML, display
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

# 字形のない文字（豆腐）が図に入るより、実行が止まるほうがよい
warnings.filterwarnings("error", message=".*[Gg]lyph .* missing")

COLORS = {
    "RNN": "#d97706",
    "LSTM": "#3b82f6",
    "GRU": "#16a34a",
    "BiLSTM": "#a855f7",
    "入力": "#0891b2",
    "目標": "#8a8a8a",
    "強調": "#e5484d",
}
"""図のあいだで共通の色。白地でも黒地でも読める明るさを選んである。"""

_INK = "#0a0b0c"  # 書き出した SVG の中で currentColor に置き換える色
_ROUNDED = re.compile(r"(\.\d\d)\d+")  # 小数点以下 2 桁を残す
_STYLE = {
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.grid": True,
    "grid.color": "#8a8a8a",
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=list(COLORS.values())),
    "legend.frameon": False,
    "font.size": 12,
    "svg.fonttype": "path",
    "svg.hashsalt": "lstm_text",
    "axes.unicode_minus": False,
}
matplotlib.rcParams.update(_STYLE)


def subplots(rows: int = 1, columns: int = 1, figsize: Sequence[float] | None = None):
    """この本の体裁で ``plt.subplots`` を呼ぶ。

    Parameters
    ----------
    rows : int
        縦に並べる数。
    columns : int
        横に並べる数。
    figsize : (float, float), optional
        幅と高さ（インチ）。省くと 6.4 × (3.4 × rows)。

    Returns
    -------
    fig : matplotlib.figure.Figure
    ax : Axes または Axes の配列

    Examples
    --------
    >>> fig, ax = subplots()
    >>> ax.get_xlabel()
    ''
    >>> plt.close(fig)
    """
    return plt.subplots(rows, columns, figsize=figsize or (6.4, 3.4 * rows), layout="constrained")


def to_svg(fig: Figure, alt: str) -> str:
    """図を、説明文の付いた SVG の文字列にする。

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        図から何が読み取れるかを述べる文。

    Returns
    -------
    str
        ``<svg …>…</svg>``。

    Raises
    ------
    ValueError
        説明文が短すぎるとき。

    Examples
    --------
    >>> fig, ax = subplots()
    >>> svg = to_svg(fig, alt="何も描かれていない座標軸。")
    >>> svg.startswith("<svg") and "currentColor" in svg and "何も描かれていない" in svg
    True
    >>> plt.close(fig)
    """
    if len(alt.strip()) < 10:
        raise ValueError(
            f"図から読み取れることを述べる文（10 字以上）が必要ですが、{alt!r} でした。"
        )
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = _compact(svg).replace(_INK, "currentColor").strip()
    label = html.escape(alt.strip(), quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _compact(svg: str) -> str:
    """見た目を変えずに軽くする: 参照されない id、字下げ、1/100 ポイントより細かい座標を除く。"""
    used = set(re.findall(r"#([\w.-]+)", svg))
    svg = re.sub(r' id="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = re.sub(r">\s+<", "><", svg)
    return re.sub(
        r' d="[^"]*"', lambda match: re.sub(r"\s+", " ", _ROUNDED.sub(r"\1", match[0])), svg
    )


def show(fig: Figure, alt: str) -> None:
    """図をページに表示し、閉じる。

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        図から何が読み取れるかを述べる文。図を見られない読者に読み上げられる。

    Examples
    --------
    >>> fig, ax = subplots()
    >>> show(fig, alt="何も描かれていない座標軸。")
    <IPython.core.display.HTML object>
    """
    display(HTML(f'<figure class="plot">{to_svg(fig, alt)}</figure>'))
    plt.close(fig)
