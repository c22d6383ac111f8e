"""ページの中で答える問: 3 つの答え方、誤った書き方、値の種類、ほかの版、この本の全部の問。"""

import base64
import html
import json
import re
from collections import Counter
from itertools import cycle

import pytest

from editions.fences import fences, options
from exercises.question_content import ELSE, FORMS, parse
from exercises.question_explanation import disagreement
from tests.book.pages import PAGES
from tests.exercises import every_exercise
from tests.exercises.engine.exercise import Kind
from tests.exercises.sample_questions import CHOICE, NEAR, NUMBER, ORDER, Small, page


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    parts = (CHOICE, NUMBER, ORDER, NEAR, "次は {ref}`q-2-2` です。")
    made = Small(tmp_path_factory.mktemp("questions"), *parts)
    done = made.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def text(part):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split())


def boxes(made):
    """番号から、その問の HTML への対応。"""
    parts = re.split(r'(?=<div class="question )', made.html())[1:]
    return {re.search(r'id="q-(\d+-\d+)"', part)[1]: part.split("</details>")[0] for part in parts}


def key(box):
    """ページに埋め込まれた鍵。符号化とは独立に、XOR を解いて読む。"""
    number = re.search(r'data-number="([^"]+)"', box)[1]
    mixed = base64.b64decode(re.search(r'data-key="([^"]+)"', box)[1])
    letters = bytes(a ^ b for a, b in zip(mixed, cycle(number.encode()), strict=False))
    return json.loads(letters)


def test_a_box_shows_its_question_and_folds_its_explanation(book):
    found = boxes(book)
    assert list(found) == ["2-1", "2-2", "2-3", "2-4"]
    choice, number, order, near = map(text, found.values())
    assert choice.startswith("問 2.1（予想） 50 時刻の壁 何回、解けるでしょうか")
    for item in ("10 回とも", "半分ほど", "1 回も解けない"):
        assert f"<li><p>{item}</p></li>" in found["2-1"]
    assert "=>" not in choice
    assert "整数で答えます（単位は個）。" in number
    assert "± 2 % の差は正解とします。" in near
    assert "正しい順に並べます。" in order and "<li><p>GRU</p></li>" in found["2-3"]
    for box in found.values():
        assert re.search(r"<summary>問 2\.\d の答えと解説</summary>\s*<p>解説：", box)


def test_hints_are_hidden_and_may_have_markdown(book):
    hidden = boxes(book)["2-1"].partition('<div class="question-hints" hidden>')[2]
    assert "<strong>忘れる速さ</strong>" in hidden
    assert "ゲートは 4 組です。" in text(boxes(book)["2-2"])


def test_the_values_are_those_of_the_cells(book):
    choice, number, order, near = map(key, boxes(book).values())
    assert choice["right"] == 3 and choice["hints"] == [["", 1], ["", 2]]
    assert number["right"] == 4321 and number["within"] == 0 and number["shown"] == "4,321"
    assert number["hints"] == [["", 480], ["", 3240], [">", 5000], ["else", 0]]
    assert order["right"] == [3, 1, 2] and order["hints"] == [["", [2, 1, 3]], ["else", 0]]
    assert near["right"] == pytest.approx(0.987654)
    assert near["within"] == pytest.approx(0.02 * 0.987654)


def test_the_right_value_is_not_in_the_page(book):
    page = book.html()
    for value in ("4321", "4,321", "0.98765", "3240", "3 1 2", "[3, 1, 2]"):
        assert value not in page, value
    for part in boxes(book).values():
        assert "right" not in part and "else" not in part


def test_a_question_can_be_linked(book):
    assert re.search(r'次は<a[^>]* href="#q-2-2"><span[^>]*>問 2\.2</span></a> です', book.html())


def test_only_pages_with_questions_load_the_scripts(book, tmp_path):
    assert "questions/box.js" in book.html() and "questions/progress.js" not in book.html()
    assert "questions/progress.js" in book.html("progress")
    plain = Small(tmp_path)
    assert plain.build().returncode == 0
    assert "questions/" not in plain.html()


def test_the_progress_page_lists_every_question(tmp_path):
    made = Small(tmp_path, ORDER, CHOICE)
    assert made.build("-j", "2").returncode == 0
    listed = re.findall(r'<li><p><a[^>]* href="index.html#(q-2-\d)".*?</li>', made.html("progress"))
    assert listed == ["q-2-1", "q-2-3"]
    made.write("index", page(NUMBER, "```{toctree}\nprogress\n```\n"))
    assert made.build("-j", "2").returncode == 0
    shown = text(made.html("progress"))
    assert "問 2.2（手計算） 重みの数" in shown and "問 2.1" not in shown


def test_edition_without_solutions(tmp_path):
    made = Small(tmp_path, CHOICE)
    assert made.build("-t", "nosolutions").returncode == 0
    (box,) = boxes(made).values()
    assert "解説" not in made.html() and key(box)["right"] == 3
    notebook = (made.folder / "build/html/notebooks/index.ipynb").read_text(encoding="utf-8")
    assert "何回、解ける" in notebook and "解説" not in notebook


def test_epub_has_the_question_and_the_folded_explanation(tmp_path):
    made = Small(tmp_path, CHOICE, NUMBER)
    done = made.build("-b", "epub")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = made.html()
    assert "50 時刻の壁" in shown and "<p>半分ほど</p>" in shown
    assert "<summary>問 2.1 の答えと解説</summary>" in shown
    for unused in ("もっと極端", "data-key", "question-hints"):
        assert unused not in shown


def wrong(question, *changes):
    for old, new in changes:
        assert old in question
        question = question.replace(old, new)
    return question


MALFORMED = {
    "題がない": (wrong(CHOICE, (":title: 50 時刻の壁\n", "")), "題（:title:）が要ります"),
    "種類がない": (wrong(CHOICE, (":kind: 予想\n", "")), "予想か手計算ですが、なしでした"),
    "知らない種類": (wrong(CHOICE, ("予想", "実装")), "予想か手計算ですが、実装でした"),
    "値の名前がない": (wrong(CHOICE, (":choice: wall\n", "")), "1 つが要りますが、なしでした"),
    "値が 2 つ": (
        wrong(CHOICE, (":choice: wall", ":choice: wall\n:number: count")),
        "どれか 1 つが要りますが、:number:、:choice:でした",
    ),
    "選ぶ問の単位": (wrong(CHOICE, (":choice: wall", ":choice: wall\n:unit: 個")), "数の問"),
    "glue がない": (wrong(CHOICE, ("wall", "tiny")), "値 tiny がありません"),
    "ヒントの glue がない": (wrong(NUMBER, ("three", "tiny")), "値 tiny がありません"),
    "範囲の外": (wrong(CHOICE, ("wall", "count")), "番号（1 から 3）である必要がありますが、"),
    "数でない": (wrong(NUMBER, (": count", ": words")), "値 words は数である必要があります"),
    "真偽値": (wrong(NUMBER, (": count", ": yes")), "数である必要がありますが、True でした"),
    "非数": (wrong(NUMBER, (": count", ": nothing")), "値 nothing は数である必要がありますが、nan"),
    "並びでない": (wrong(ORDER, (": line", ": wall")), "1 度ずつ並べたもの"),
    "ヒントの並びでない": (wrong(ORDER, ("2 1 3:", "2 1 2:")), "1 度ずつ並べたもの"),
    "区切りが足りない": (wrong(CHOICE, ("+++\n解説", "解説")), "+++ の行で区切って"),
    "解説がない": (wrong(CHOICE, ("解説：残るのはわずかです。\n", "")), "中身のあるものは 2 つ"),
    "選択肢でない行": (wrong(CHOICE, ("- 1 回も", "1 回も")), "「- 選択肢 => ヒント」"),
    "選択肢が 1 つ": (
        wrong(CHOICE, ("- 10 回とも => **忘れる速さ**を考えましょう。\n- 半分ほど", "- 半分ほど"),
              ("\n- 1 回も解けない", "")),
        "2 つ以上要りますが、1 つでした",
    ),
    "同じ選択肢": (wrong(CHOICE, ("- 半分ほど", "- 10 回とも")), "同じものがあります"),
    "空のヒント": (wrong(CHOICE, ("もっと極端です。", "")), "空のヒント"),
    "読めないヒント": (wrong(NUMBER, ("480:", "四百八十:")), "ヒントは「480: …」"),
    "数でないヒント": (wrong(NUMBER, ("480:", "4/0:")), "数が要りますが、「4/0」でした"),
    "同じ答えへのヒント": (wrong(NUMBER, ("> 5000", "480")), "「480」へのヒントが 2 つ"),
    "else がない": (wrong(NUMBER, ("else: 数え直しましょう。\n", "")), "「else: ヒント」が要り"),
    "並びに else がない": (wrong(ORDER, ("else: 量から考えましょう。\n", "")), "「else: ヒント」"),
    "数の問に選択肢": (wrong(NUMBER, ("480: ", "- ")), "数の問に選択肢は書けません"),
    "許す差": (wrong(NEAR, ("2 %", "少し")), ":within: は 0.05 か 5 % のように"),
    "許す差がない": (wrong(NEAR, (":within: 2 %\n", "")), "許す差（:within:）が要ります"),
}  # fmt: skip


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """誤った問を並べた章を作ったときの、問の番号（9.1 から、MALFORMED の順）ごとの知らせ。"""
    questions = [
        re.sub(r"\} 2\.\d", f"}} 9.{k}", question)
        for k, (question, _) in enumerate(MALFORMED.values(), start=1)
    ]
    done = Small(tmp_path_factory.mktemp("malformed"), *questions).build()
    assert done.returncode != 0
    return {
        name: [line for line in done.stderr.splitlines() if f"問 9.{k}: " in line]
        for k, name in enumerate(MALFORMED, start=1)
    }


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_question_is_told_in_japanese(complaints, name):
    (line,) = complaints[name]
    assert "index.md:" in line and MALFORMED[name][1] in line


def test_a_number_names_the_chapter_and_the_place_in_it(tmp_path):
    numbers = ("二", "2", "2.x")
    done = Small(tmp_path, *(wrong(CHOICE, ("} 2.1", f"}} {n}")) for n in numbers)).build()
    for number in numbers:
        assert f"問 {number}: 番号は 2.1 のように" in done.stderr


MISFITS = {
    "正しい選択肢": (wrong(CHOICE, ("1 回も解けない", "1 回も => 惜しい")), "正しい選択肢 3"),
    "誤った選択肢": (wrong(CHOICE, (" => もっと極端です。", "")), "選択肢 2 は正しくありませんが"),
    "正しい数": (wrong(NUMBER, ("480:", "4,321:")), "正しい値 4321 へのヒント"),
    "正しい並び": (wrong(ORDER, ("2 1 3:", "3 1 2:")), "正しい並び"),
    "解説": (wrong(NUMBER, ("数えられました", "$4 \\times 1080$")), "解説の数（4、1080）"),
}  # fmt: skip


def test_a_hint_that_does_not_fit_fails_only_the_reference_run(tmp_path):
    """値は実行で変わるので、ほかの計算機では、知らせるだけで本はできる。"""
    questions = [
        re.sub(r"\} 2\.\d", f"}} 9.{k}", question)
        for k, (question, _) in enumerate(MISFITS.values(), start=1)
    ]
    made = Small(tmp_path, *questions)
    done = made.build()
    assert done.returncode == 0, done.stderr
    strict = made.build("-D", "guards_strict=1")
    assert strict.returncode != 0
    answers = ("1 回も", "1 回も解けない", "4,321 個", "RNN、LSTM、GRU", "4,321 個")
    for k, ((_, told), answer) in enumerate(zip(MISFITS.values(), answers, strict=True), start=1):
        for output in (done.stdout, strict.stderr):
            assert re.search(rf"index\.md:\d+: 問 9\.{k}: {told}", output), told
        box = boxes(made)[f"9-{k}"]  # 解説の後に注が付き、基準の実行に向けたヒントは見せない
        assert f"この実行での正しい答えは「{answer}」です。" in text(box.partition("解説：")[2])
        assert key(box)["hints"] == []


def test_an_answer_that_fits_has_no_note(book):
    assert "違う結果" not in text(book.html())


def test_an_explanation_may_have_a_guard(tmp_path):
    guarded = ":::{guard} no\n:here: 今回は 0 回でした。\n解説：残るのはわずかです。\n:::"
    made = Small(tmp_path, wrong(CHOICE, ("解説：残るのはわずかです。", guarded)))
    made.write("index", made.source("index").replace('glue("yes"', 'glue("no", False)\nglue("yes"'))
    done = made.build()
    assert re.search(r"index\.md:\d+: 文の条件 no が成り立ちません", done.stdout), done.stderr
    (box,) = boxes(made).values()
    assert "残るのはわずかです。 この実行では、違う結果になりました" in text(box)
    assert "今回は 0 回でした" in text(box) and key(box)["hints"]


def test_one_note_is_enough(tmp_path):
    """答えも解説の条件も違えば、解説の条件の注だけを付ける。"""
    guarded = ":::{guard} no\n:here: 今回は 0 回でした。\n解説：残るのはわずかです。\n:::"
    question = wrong(MISFITS["正しい選択肢"][0], ("解説：残るのはわずかです。", guarded))
    made = Small(tmp_path, question)
    made.write("index", made.source("index").replace('glue("yes"', 'glue("no", False)\nglue("yes"'))
    assert made.build().returncode == 0
    (box,) = boxes(made).values()
    assert text(box).count("違う結果になりました") == 1 and key(box)["hints"] == []


@pytest.mark.parametrize(
    ("explanation", "value", "within", "unit"),
    [
        ("数のない解説です。", 5, 0, ""),
        ("$3 \\times 1,024 = 3072$ です。", 3072, 0, "個"),
        ("合わせて 3,072 個です。", 3072, 0, "個"),
        ("$h = -0.1621$ です。", -0.162132, 0.0001, ""),
        ("平均は $\\frac{7}{9}$ です。", 7 / 9, 0, ""),
        ("平均は $7/9$ です。", 7 / 9, 0, ""),
        ("$1/1.192 = 0.84$ です。", 0.8388, 0, ""),
        ("およそ 3200 本です。", 3174.6, 158.7, "本"),
        ("$0.95^{100} \\approx 0.0059$ です。", 0.592, 0, "%"),
        ("{glue:text}`told` % です。", 87.15, 0.2, "%"),
    ],
)
def test_explanations_that_agree(explanation, value, within, unit):
    assert disagreement(explanation, value, within, unit, {"told": "87.1"}.__getitem__) == []


@pytest.mark.parametrize(
    ("explanation", "value", "within", "unit"),
    [
        ("$3 \\times 1,024 = 3072$ です。", 3073, 0, "個"),
        ("$h = 0.1621$ です。", -0.162132, 0.0001, ""),
        ("$h = 0.162$ です。", 0.1632, 0.0005, ""),
        ("平均は $7/9$ です。", 9 / 7, 0, ""),
        ("$1/1.192$ です。", 1, 0, ""),
        ("{glue:text}`told` % です。", 88.15, 0.2, "%"),
        ("$0.87$ です。", 87.15, 0.2, "個"),
    ],
)
def test_explanations_that_do_not_agree(explanation, value, within, unit):
    (told,) = disagreement(explanation, value, within, unit, {"told": "87.1"}.__getitem__)
    assert told.startswith("解説の数（") and f"{value:.4g} と合うものがありません。" in told


def test_the_same_number_twice_is_a_failure(tmp_path):
    done = Small(tmp_path, CHOICE, wrong(NUMBER, ("} 2.2", "} 2.1"))).build()
    assert done.returncode != 0
    assert re.search(r"index\.md:\d+: 問 2\.1 は、\S+index\.md:\d+ にもあります", done.stderr)


# --- この本の問 ---------------------------------------------------------------------

CHAPTERS = [path for path in PAGES if re.match(r"(?:0[1-9]|1[0-2])_", path.name)]


def questions(path):
    return [f for f in fences(path.read_text(encoding="utf-8")) if f.name == "question"]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_numbers_follow_the_order_of_the_page(path):
    chapter = int(path.name[:2])
    for name in ("question", "answer"):
        found = [f.argument for f in fences(path.read_text(encoding="utf-8")) if f.name == name]
        assert found == [f"{chapter}.{k + 1}" for k in range(len(found))]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_at_least_half_of_a_chapter_asks_for_something_else_than_writing(path):
    kinds = Counter(options(fence)["kind"] for fence in questions(path))
    kinds.update(e.kind.value for e in every_exercise() if int(e.number) == int(path.name[:2]))
    total, written = kinds.total(), kinds[Kind.WRITE.value]
    assert total >= 5 and 2 * written <= total, dict(kinds)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_box_has_hints_for_typical_wrong_answers(path):
    for fence in questions(path):
        (form,) = set(FORMS) & set(options(fence))
        content = parse(fence.text(), form)
        typical = [hint for hint in content.hints if hint.value != ELSE]
        enough = {"number": 2, "order": 1, "choice": len(content.items) - 1}[form]
        assert len(typical) >= enough, f"問 {fence.argument} のヒントが足りません"
