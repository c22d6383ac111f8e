"""数式の読み: 本の式をどれも読み、違う式は違う読みになり、知らない命令は名前を言って断ること。"""

import re

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from editions.fences import fences
from page.spoken_math import UnknownCommand, read
from tests.book.pages import PAGES
from tests.book.small_book import finish, start_build

SPOKEN = [
    # 添え字と指数
    (r"h_t", "h の t"),
    (r"W_{ih}", "W の i h"),
    (r"c_{t-1}", "c の t マイナス 1"),
    (r"c_t - 1", "c の t、マイナス 1"),
    (r"\delta_{i,t}", "デルタ の i と t"),
    (r"N_{\mathrm{GRU}}", "N の GRU"),
    (r"T^2", "T の 2 乗"),
    (r"h_t^2", "h の t の 2 乗"),
    (r"10^{-16}", "10 の マイナス 16 乗"),
    (r"\lVert W_{hh} \rVert^{T-1}", "ノルム W の h h ノルム閉じる の、T マイナス 1、乗"),
    (r"W_{hh}^\top \delta_t", "W の h h の転置、デルタ の t"),
    (r"f_t'", "f の t ダッシュ"),
    (r"w'_{kj}", "w ダッシュ の k j"),
    (r"\mathrm{TC}^0 \ne \mathrm{NC}^1", "TC 上付き 0、ノットイコール NC 上付き 1"),
    # 並びと括弧
    (r"(B, T, H)", "括弧 B、T、H 括弧閉じる"),
    (r"(H,)", "括弧 H、括弧閉じる"),
    (r"4H(D + H + 2)", "4 H 括弧 D、プラス H、プラス 2 括弧閉じる"),
    (r"[\,\overrightarrow{h}_t\,;\,\overleftarrow{h}_t\,]",
     "角括弧 h 右矢印 の t、セミコロン h 左矢印 の t 角括弧閉じる"),
    (r"y \in \{0, 1\}", "y 属する 波括弧 0、1 波括弧閉じる"),
    (r"|v - w|/4", "絶対値 v、マイナス w 絶対値閉じる わる 4"),
    (r"\lfloor T/2 \rfloor", "床関数 T わる 2 床関数閉じる"),
    # 印
    (r"-1", "マイナス 1"),
    (r"{} = 0.0672", "イコール 0.0672"),
    (r"8.9 \times 10^{8}", "8.9 掛ける 10 の 8 乗"),
    (r"25{,}088", "25088"),
    (r"1 \times 2 + 3", "1 掛ける 2、プラス 3"),
    (r"f_t \odot c_{t-1}", "f の t、要素ごとの積 c の t マイナス 1"),
    (r"\tau \to \infty", "タウ、右矢印 無限大"),
    (r"h \mapsto A h + b", "h に対して A h、プラス b"),
    (r"T \le 20", "T、小なりイコール 20"),
    (r"7.389 : 2.718 : 1", "7.389 対 2.718 対 1"),
    (r"h_1, \dots, h_T", "h の 1、点々、h の T"),
    # 関数
    (r"1 - \tanh^2", "1、マイナス ハイパボリックタンジェント の 2 乗"),
    (r"\sigma(b)", "シグマ 括弧 b 括弧閉じる"),
    (r"T \log_2 T", "T テイ 2 のログ T"),
    (r"\max(0,\ v + m - 1)", "最大値 括弧 0、v、プラス m、マイナス 1 括弧閉じる"),
    (r"\max_k p_k", "k についての最大値、p の k"),
    # 分数、根号、和
    (r"\frac{1}{B}", "B 分の 1"),
    (r"\frac25", "5 分の 2"),
    (r"\frac{\partial L}{\partial h_t}", "デル h の t 分の デル L"),
    (r"\partial L / \partial h_t", "デル L わる デル h の t"),
    (r"\frac{f_t}{f_t + i_t}", "分数、分母 f の t、プラス i の t、分子 f の t、分数終わり"),
    (r"1/\sqrt{H}", "1 わる ルート H"),
    (r"\sqrt{p(1-p)/n}", "ルート、p 括弧 1、マイナス p 括弧閉じる わる n、ルート終わり"),
    (r"\sum_{t=1}^{T} \delta_t x_t^\top",
     "t イコール 1 から T までの和、デルタ の t、x の t の転置"),
    (r"\sum_t y_t", "t についての和、y の t"),
    (r"\prod_{t=T}^{2} f_t", "t イコール T から 2 までの積、f の t"),
    (r"\int_0^1 u^2\, du", "0 から 1 までの積分、u の 2 乗、d u"),
    # 飾り
    (r"\tilde{C}_t", "C チルダ の t"),
    (r"\bar h", "h バー"),
    (r"\hat{y}_{t+1}", "y ハット の t プラス 1"),
    (r"\mathrm{d}c_t", "d c の t"),
    (r"\underbrace{x}_{\text{同じ時刻}}", "x、その下に 同じ時刻"),
    # 行と列
    (r"\begin{pmatrix} 1 \\ -0.5 \end{pmatrix}",
     "縦ベクトル、1行目、1。2行目、マイナス 0.5。ベクトル終わり"),
    (r"\begin{pmatrix} W_{hf} & W_{if} \end{pmatrix}",
     "横ベクトル、W の h f、W の i f、ベクトル終わり"),
    (r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} x",
     "2行2列の行列、1行目、1、0。2行目、0、1。行列終わり、x"),
    (r"\begin{aligned} c &= f \\ &\quad + i \end{aligned}",
     "1行目、c、イコール f。2行目、プラス i"),
    (r"\begin{cases} 1 & t = T \\ 0 & \text{ほか} \end{cases}",
     "場合分け、1行目、1、t、イコール T。2行目、0、ほか。場合分け終わり"),
]  # fmt: skip

markdown = MarkdownIt().use(dollarmath_plugin).use(colon_fence_plugin)


def formulas(text):
    """原稿の数式。ディレクティブの中も見る。"""
    for token in markdown.parse(text):
        if token.type == "math_block":
            yield token.content
        yield from (part.content for part in token.children or () if part.type == "math_inline")
    for fence in fences(text):
        if fence.name == "math":
            yield fence.text()
        elif fence.name not in (None, "code-cell", "literalinclude"):
            yield from formulas(fence.body)


FORMULAS = {tex.strip() for path in PAGES for tex in formulas(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("tex", "words"), SPOKEN, ids=[tex for tex, _ in SPOKEN])
def test_formula_is_spoken(tex, words):
    assert read(tex) == words


def test_book_has_formulas():
    assert len(FORMULAS) > 500
    assert {r"h_t", r"\tanh"} <= FORMULAS


def test_every_formula_of_the_book_is_spoken_without_tex():
    raw = {tex: read(tex) for tex in FORMULAS if re.search(r"[\\{}^_&$]|^$", read(tex))}
    assert not raw


def test_different_formulas_sound_different():
    """同じ読みになるのは、見た目も同じ式（空け方、括弧の大きさ、1 字の波括弧の違い）だけ。"""
    unseen = re.compile(r"\\(?:[,;!\ ]|q?quad\b|left\b|right\b|[bB]ig+[lr]?\b)|\{\}|\s")
    heard = {}
    for tex in sorted(FORMULAS):
        look = re.sub(r"\{(.)\}", r"\1", unseen.sub("", tex))
        heard.setdefault(read(tex), set()).add(look)
    confused = [texs for texs in heard.values() if len(texs) > 1]
    assert not confused


@pytest.mark.parametrize(
    ("tex", "named"),
    [
        (r"\nosuch{x}", r"\\nosuch"),
        (r"h_t + \mathfrak{g}", r"\\mathfrak"),
        (r"\begin{tabular} 1 \end{tabular}", r"\\begin\{tabular\}"),
        ("α", "α"),
        (r"\frac{1", "閉じていない"),
        (r"\begin{aligned} x", "閉じていない"),
        ("x}", "}"),
        ("x_", "途切れ"),
    ],
)
def test_what_cannot_be_spoken_is_named(tex, named):
    with pytest.raises(UnknownCommand, match=named):
        read(tex)


def test_unknown_command_fails_the_build(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text("# 章\n\n式 $\\nosuch x$ です。\n", encoding="utf-8")
    done = finish(start_build(tmp_path))
    assert done.returncode != 0
    assert r"数式の \nosuch の読み方を" in done.stderr and "index.md:3" in done.stderr
