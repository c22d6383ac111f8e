"""本文の数字が、手で書かれた測定値でないこと。

測って得た数字は、セルから ``glue`` で入れるか、記録から読む。手で書いた測定値は、コードやデータが
変わっても残り、いつのものかわからなくなる。ここでは測定値らしい形をした数字を本文から探し、
理由のあるものだけを許す。数式、コード、文献の参照の中は見ない（式の中の数は、手で計算したもの）。
条件に結びつけた文（guard）の中の数字は、条件を求めるセルに同じ数字があれば、その条件が守っている。
手計算の問は見ない。正しい値は章のセルが計算し、ほかの数字は、手で計算する途中のもの。予想の問の
選択肢も見ない。測る前の予想を並べたもので、測った値ではない。
"""

import re

import pytest

from editions.fences import fences, options
from exercises.question_content import ITEM
from tests.book.pages import NOTEBOOKS, PAGES, prose

# 割合、小数、5 倍以上の倍率、秒。0.1、0.01、… は、しきい値や桁の見当なので見ない。
MEASURED = re.compile(
    r"(?<![\w.,/])(?!0\.0*1(?![\d]))(?:"
    r"\d[\d,]*(?:\.\d+)? ?%"
    r"|\d+\.\d+(?: ?(?:倍|ポイント|秒|ミリ秒|ms|点))?(?![\d.]*/)"
    r"|(?:[5-9]|[1-9]\d[\d,]*) ?倍"
    r"|(?:[2-9]|\d{2,}) ?(?:秒|ミリ秒|ms)"
    r")"
)

# 設定の値、練習の番号、版の番号。
SETTINGS = re.compile(
    r"(?:学習率|ドロップアウト|温度|率|練習|Python|CC BY(?:-SA)?|直交行列の)[はをに]? ?"
    r"(?:\d+(?:\.\d+)?(?: ?倍)?[、〜 ]*)+"
)

# 測らなくても決まっている数の、決まった言い方。
FIXED = re.compile(
    r"(?:あてずっぽう|偶然|答えるモデル)[^。|]{0,14}10 %"  # 10 種類の記号
    r"|95 % ?(?:区間|点|の区間)|（95 %）"  # 区間の定義
    r"|(?:「GRU は|GRU が LSTM より|再帰層の|3 段（|は) ?25 %|33(?:\.3)? %"  # 3 : 4 の比
    r"|忘却ゲートは 0\.5 |ゲートはどれも 0\.5 "  # σ(0)
)

# 章ごとの、許す数字とその理由。
ALLOWED = {
    "index": {
        "σ(3)": {"95 %"},
        "ページのモデルの答え（test_page_model.py）": {"18.6 %", "33.7 %", "52.5 %", "12.0 %"},
    },
    "01_rnn": {
        "手で計算した隠れ状態": {"0.76", "0.30", "0.07", "0.38", "0.41"},
        "手で計算した冪、級数、標準偏差": {"100 倍", "2.5 倍", "0.83 倍"},
        "理論からの予想": {"0.58 倍", "0.58"},
    },
    "02_lstm": {
        "手で計算したゲート": {"0.95 倍", "0.82", "0.91", "0.18"},
        "手で計算した冪（0.953 の 50 乗）": {"0.09"},
        "σ(0)": {"0.5"},
        "ページのモデルの答え（tests/browser/test_play.py）": {
            "92.3 %",
            "13.1 %",
            "48.3 %",
            "48.0 %",
            "10 倍",
        },
    },
    "03_adding": {
        "手で計算した標準偏差": {"0.006"},
        "手で書いた重み": {"10 倍", "1.4"},
        "たとえ": {"0.16", "0.3", "1.8"},
        "理論からの予想": {"0.58 倍"},
    },
    "04_gru": {
        "手で計算した更新と比": {"0.66", "0.75 倍", "0.95", "0.05"},
        "σ(0)": {"0.5"},
        "理論からの予想": {"0.58"},
    },
    "05_bidirectional": {
        "手で計算した隠れ状態と上限": {"0.674", "0.068", "75 %"},
    },
    "06_generation": {
        "手で計算した softmax と漸化式": {"11.107", "0.665", "0.910", "157 倍"},
        "たとえの確率": {"0.05"},
        "決めておいた窓の値": {"0.7", "0.9"},
        "課題の設定": {"10 %", "96 %", "20 倍"},
    },
    "07_imdb": {
        "たとえの確率": {"0.9", "97 %"},
        "決めておいた設定": {"2.25", "5 %", "120 秒"},
        "torchtext の版": {"0.18"},
    },
    "09_practice": {
        "手で作った損失の表": {"0.46"},
        "決めておいた設定": {"0.5", "120 秒"},
        "文献の数字": {"95.8 %"},
    },
    "08_ladder": {
        "作ったレビューでの期待値": {"7.5"},
        "目ざす精度": {"90 %"},
        "たとえの得": {"0.2 ポイント"},
    },
    "10_claims": {
        "たとえの結果": {"12 %", "9 %"},
        "主張の引用": {"75 %"},
        "手で計算した区間": {"1.96 倍", "0.40", "0.89", "0.28"},
        "境目ちょうどの区間が片側に外れる確率": {"2.5 %"},
        "tanh の不動点と、そこでの傾き": {"0.6", "0.6 倍"},
        "手で計算した検出力と、その水準": {"0.05", "0.376"},
        "測る前に決めた境目": {"10 %", "0.9", "1.1", "1.1 倍"},
        "信頼係数": {"95 %"},
        "区間を試す、本当の成功率": {"0.99", "0.999"},
        "別の CPU で作って確かめたこと": {"10 倍"},
    },
    "12_parallel": {
        "決めておいたブロックの大きさ": {"64 倍"},
        "一様分布の平均と分散": {"0.5", "0.083"},
        "σ(-3)": {"0.05"},
    },
    "checking": {
        "試験が守らせている上限": {"2 秒"},
        "確かめの既定の設定": {"10 秒"},
    },
    "13_exercises": {
        "手で計算した期待値と標準誤差": {"0.167", "0.2 ポイント"},
        "決めておいた合格の基準": {"100 %"},
    },
    "solutions_large": {
        "手で計算した期待値と、決めておいた境目": {"0.05", "0.167"},
    },
}

# 本文でない所：語の説明、記号、API、文献、実行時間の表、記録の表。
APPENDICES = {"api", "bibliography", "glossary", "notation", "records", "reproducibility"}
CHAPTERS = [page for page in PAGES if page.stem not in APPENDICES]


def numbers(text):
    """測定値らしい数字の、行の番号、数字、まわりの文。"""
    for number, line in enumerate(prose(without_predictions(text)), start=1):
        line = FIXED.sub("□", SETTINGS.sub("□", line))
        in_table = line.lstrip().startswith("|")
        for match in MEASURED.finditer(line):
            if not (in_table and re.fullmatch(r"[\d.]+", match[0])):  # 表の裸の小数は設定や手計算
                yield number, match[0], line[max(0, match.start() - 30) : match.end() + 20]


def without_predictions(text):
    """手計算の問と、予想の問の選択肢を除いた text。行の数は変えない。"""
    lines = text.split("\n")
    for fence in fences(text):
        if fence.name == "question":
            inside = range(fence.first + 1, fence.end - 1)
            worked = options(fence)["kind"] == "手計算"
            for number in inside if worked else ():
                lines[number] = ""
            for number in inside:
                if ITEM.match(lines[number]):
                    lines[number] = "- □ => " + lines[number].partition("=>")[2]
    return "\n".join(lines)


def held(page):
    """guard の中の行の番号から、その条件を求めるセルに書いてある数字への対応。"""
    notebook, found = NOTEBOOKS.get(page.stem), {}
    for fence in fences(page.read_text(encoding="utf-8")) if notebook else ():
        if fence.name == "guard":
            glued = re.compile(rf'glue\(\s*"(?:{"|".join(fence.argument.split())})",')
            code = "\n".join(c.source for c in notebook.cells if glued.search(c.source))
            inside = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", code.replace("_", "")))
            found |= dict.fromkeys(range(fence.first + 1, fence.end + 1), inside)
    return found


def allowed(name):
    return set().union(*ALLOWED.get(name, {}).values())


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_no_measured_number_is_typed(page):
    guarded = held(page)
    found = [
        f"{page.name}:{line} {number!r} …{around}…"
        for line, number, around in numbers(page.read_text(encoding="utf-8"))
        if number not in allowed(page.stem)
        and re.match(r"[\d.]+", number.replace(",", ""))[0] not in guarded.get(line, ())
    ]
    assert not found, "glue か記録から入れるか、理由を書いて許す：\n" + "\n".join(found)


@pytest.mark.parametrize("name", ALLOWED)
def test_every_allowed_number_is_still_there(name):
    page = next(page for page in PAGES if page.stem == name)
    present = {number for _, number, _ in numbers(page.read_text(encoding="utf-8"))}
    assert allowed(name) <= present


QUESTION = """::::{question} 2.1
:title: 題
:kind: KIND
:choice: a
問の 12.3 % です。
+++
- 45.6 % => 実際は 78.9 % です。
- 10 % より下
+++
解説の 98.7 % です。
::::"""


@pytest.mark.parametrize(
    ("kind", "expected"), [("予想", ["12.3 %", "78.9 %", "98.7 %"]), ("手計算", [])]
)
def test_a_prediction_is_not_a_measurement(kind, expected):
    assert [n for _, n, _ in numbers(QUESTION.replace("KIND", kind))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("精度は 87.3 % でした。", ["87.3 %"]),
        ("訓練には 42 秒かかり、12.5 倍速くなりました。", ["42 秒", "12.5 倍"]),
        ("損失は 0.0312 まで下がり、7 倍の差がつきました。", ["0.0312", "7 倍"]),
        ("精度は 40 % から 89% です。", ["40 %", "89%"]),
        ("| LSTM | 86.5 % | 3.2 倍 |", ["86.5 %", "3.2 倍"]),
        ("あてずっぽうの 10 % です。95 % 区間を描きます。学習率 0.003、温度 1.5 です。", []),
        ("損失が 0.01 を下回るまで。式は $0.58^{66}$、値は {glue:text}`x` % です。", []),
        ("| 値 | 0.3 | 0.8 |", []),
        ("2 倍、3 倍の話と、2017 年、10,000 件。", []),
    ],
)
def test_what_counts_as_a_measured_number(sentence, expected):
    assert [number for _, number, _ in numbers(sentence)] == expected
