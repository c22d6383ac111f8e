"""本文の言葉づかい: 1 つの考えに 1 つの語、半角の数字、です・ます。"""

import re

import pytest

from tests.book.pages import NOT_PROSE, PAGES, prose, without_code

# 使わない言い方 → 使う言い方（book/glossary.md）
PREFERRED = {
    "遺忘": "忘却",
    "セルステート|細胞状態": "セル状態",
    "隠れ層": "隠れ状態（層を指すなら再帰層）",
    "誤差逆伝播|逆伝搬|誤差逆伝搬|バックプロパゲーション": "逆伝播",
    "勾配消滅": "勾配消失",
    "エンベディング|埋込み?(?![みめ])": "埋め込み",
    "過適合|過剰適合|オーバーフィッティング": "過学習",
    "ラーニングレート": "学習率",
    "シーケンス": "系列",
    "タイムステップ|時間ステップ": "時刻",
    "バリデーション": "検証",
    "トレーニング|学習データ": "訓練",
    r"(?<![ァ-ヴー])ロス(?![ァ-ヴー])": "損失",
    "正解率|正答率": "精度",
    "ボキャブラリー?": "語彙",
    "ゼロ埋め|ゼロパディング": "パディング",
    "一方向": "単方向",
    "本書": "この本",
}


def findings(page, pattern):
    for number, line in enumerate(prose(page.read_text(encoding="utf-8")), start=1):
        for match in re.finditer(pattern, line):
            yield f"{page.name}:{number} {match[0]!r} … {line.strip()[:60]}"


@pytest.fixture(params=PAGES, ids=lambda page: page.name)
def page(request):
    return request.param


def test_one_word_for_one_idea(page):
    found = [
        f"{finding}（{word} を使う）"
        for variants, word in PREFERRED.items()
        for finding in findings(page, variants)
    ]
    assert not found, "\n".join(found)


def test_digits_and_letters_are_half_width(page):
    found = list(findings(page, r"[０-９Ａ-Ｚａ-ｚ，．｡-ﾟ]+"))
    assert not found, "\n".join(found)


def test_japanese_punctuation(page):
    found = list(findings(page, r"[ぁ-んァ-ヴー一-龥][,.;](?=\s|$)|\([^()]*[ぁ-んァ-ヴ][^()]*\)"))
    assert not found, "\n".join(found)


def test_polite_endings(page):
    """段落の文は、です・ますで終わる（箇条書き、表、図の説明、用語集は体言止めや常体でよい）。"""
    if page.name == "glossary.md":
        return
    plain = r"(?:である|(?<![んれ])だ|(?<!まし)(?<!でし)た|ない|なる|する|れる|せる|いる|ある)。"
    lines = prose(page.read_text(encoding="utf-8"), (*NOT_PROSE, "figure"))
    found, kind = [], ""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            kind = ""
        elif not kind:
            kind = "other" if re.match(r"\s*(?:[-*|:`#>(]|\d+\.|\|)", line) else "prose"
        if kind == "prose" and re.search(plain, re.sub("「[^」]*」", "", line)):
            found.append(f"{page.name}:{number} {line.strip()[:70]}")
    assert not found, "\n".join(found)


# 起きたことを述べずに、読者に数を読み取らせる言い方
UNTOLD = (
    r"未測定"
    r"|(?:と|も|を)(?:見?比べて|見ておいて)ください"
    r"|[数値表図]を(?:見て|確かめて)ください"
    r"|「\{glue:text\}`[^`]*`」"  # 「なし」かもしれない値を、そのまま引く
)
TOLD = [page for page in PAGES if page.stem == "index" or page.stem < "07"]


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.stem)
def test_a_told_chapter_says_what_happened(page):
    source = page.read_text(encoding="utf-8")
    lines = without_code(source, (*NOT_PROSE, "exercise"))
    found = [
        f"{page.name}:{number} {match[0]!r} … {line.strip()[:60]}"
        for number, line in enumerate(lines, start=1)
        for match in re.finditer(UNTOLD, line)
    ]
    assert not found, "\n".join(found)
