"""動かせる図: キーボードで動くこと、絵が残ること、PyTorch と同じ答えになること。

この試験は、図だけの小さな本を作り、ファイルとして開く（サーバーも通信もいらない）。
"""

import math
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from lstm_text.text import tokenize
from page.page_model import FOLDER, load

ROOT = Path(__file__).parents[2]
NAMES = ("gates", "gradient", "padding", "sentence", "cut", "train")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
NASTY = [
    "I don't think it's good; they'd've said can't, CANNOT, won't!",
    "Great!<br /><br />Best<BR>film<p class='a'>ever</p><br2> <bré> <i>yes</i>",
    "7.5/10 — 3,000 fans... 5abc 1.5x ٣٫٥ ½ 10/10!!!",
    "😀👍🏽 👨‍👩‍👧 名作だった。吾輩は猫である 𠮷野家 々〇 ｶﾅ が",
    "a\0b\x01c\x85d\x1ce\u200bf\ufeffg\u00adh",
    "&quot;AT&amp;T&quot; &lt;b&gt; &amp;amp; &notit; &copy2000 &nosuch; &#39;s &#x2019;s &#0; "
    "&#128; &#xD800; &#1; a&#1;b a&NewLine;b &#x110000; &# &; &",
    "naïve café cafe\u0301 ΣΊΣΥΦΟΣ İstanbul ſtraße STRASSE очень हिन्दी ไทย العربية",
    "snake_case __init__ e-mail’s ‘n’ rock'n'roll o'clock 'tis don’t DON'T",
    "   \n\t ",
    "",
    "I" * 3000,
]
TEXTS = [
    "It is not a bad film.",
    "The beginning is boring and slow, but the ending is wonderful.",
    "zxqv " * 40,
    "great " * 150,
    "This movie was so bad, I couldn't believe it: 1/10!<br />Avoid it.",
]


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """動かせる図だけの小さな本。"""
    folder = tmp_path_factory.mktemp("play")
    (folder / "book").mkdir()
    shutil.copytree(ROOT / "book" / "figures", folder / "book" / "figures")
    figures = [f"```{{play}} {name}\n:alt: 試しの説明文です\n\n図の説明。\n```\n" for name in NAMES]
    (folder / "book" / "index.md").write_text("# 動かせる図\n\n" + "\n".join(figures), "utf-8")
    (folder / "book" / "plain.md").write_text(":orphan:\n\n# 図のないページ\n\n文。\n", "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-c",
            ROOT,
            "-q",
            "-d",
            folder / "t",
            folder / "book",
            folder / "html",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"LSTM_TEXT_CACHE": str(folder / "data")},
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@contextmanager
def opening(browser, small_book):
    """図のページを開く関数。エラーや、ファイルの外への要求があれば、終わりに失敗する。"""
    problems, contexts = [], []

    def open_it(viewport=DESKTOP, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith(("file:", "data:")) else problems.append(r.url),
        )
        page.goto((small_book / "index.html").as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def open_page(browser, small_book):
    with opening(browser, small_book) as open_it:
        yield open_it


@pytest.fixture(scope="module")
def functions(browser, small_book):
    """図の関数を呼ぶだけで、ページのようすを変えない試験が、使い回す 1 ページ。"""
    with opening(browser, small_book) as open_it:
        yield open_it()


def told(page, name, nth=0):
    return page.locator(f"figure.play-{name} [role=status]").nth(nth).inner_text()


def press(page, name, label, key, times=1):
    """名前で部品を見つけ、キーを押す。"""
    part = page.locator(f"figure.play-{name}").get_by_label(label, exact=True)
    part.focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_gates_by_keyboard(open_page):
    page = open_page()
    assert "c = 1.00 × 0.00 + 1.00 × 0.80 = 0.80" in told(page, "gates")
    press(page, "gates", "時刻 t", "ArrowRight", 3)
    press(page, "gates", "忘却ゲート f", "Home")
    assert "時刻 4：c = 0.00 × 0.80" in told(page, "gates")
    page.get_by_role("button", name="毎時刻半分").focus()
    page.keyboard.press("Enter")
    assert "c = 0.50 × 0.20 + 0.00 × 0.00 = 0.10" in told(page, "gates")


def test_gates_are_the_lstm(functions):
    draw = torch.rand(8, 4, generator=torch.Generator().manual_seed(0)).tolist()
    steps = [dict(zip("figo", row, strict=True)) for row in draw]
    states = functions.evaluate("steps => Play.gates.run(steps)", steps)
    c = torch.zeros(())
    for step, state in zip(steps, states, strict=True):
        c = step["f"] * c + step["i"] * step["g"]
        assert state["c"] == pytest.approx(c.item(), abs=1e-6)
        assert state["h"] == pytest.approx((step["o"] * c.tanh()).item(), abs=1e-6)


def test_gradient_by_keyboard(open_page):
    page = open_page()
    assert f"0.90 を 50 回掛けると {0.9**50:.3g}" in told(page, "gradient")
    press(page, "gradient", "回数 T", "End")
    press(page, "gradient", "最大特異値 s", "Home")
    assert "1000 回" in told(page, "gradient") and "跡形もありません" in told(page, "gradient")
    press(page, "gradient", "最大特異値 s", "End")
    assert "inf" in told(page, "gradient")


def test_gradient_names_its_limits_apart(open_page):
    page = open_page()
    figure = page.locator("figure.play-gradient")
    boxes = """(figure) => [...figure.querySelectorAll("svg text")]
      .filter((text) => /[上下]限/.test(text.textContent)).map((text) => text.getBBox())
      .map(({ y, height }) => [y, y + height]).sort((a, b) => a[0] - b[0])"""
    seen = set()
    for s, d in ((0.3, 0.1), (0.3, 1), (0.9, 1), (1.7, 1)):
        for label, value in (("最大特異値 s", s), ("tanh の傾き d", d)):
            figure.get_by_label(label, exact=True).fill(str(value))
        for times in (1, 20, 50, 90, 100, 200, 400, 1000):
            figure.get_by_label("回数 T", exact=True).fill(str(times))
            places = figure.evaluate(boxes)
            seen.add(len(places))
            for (_, end), (start, _) in pairwise(places):
                assert start >= end - 2, (s, d, times, places)
    assert 3 in seen


def test_gradient_knows_float32(functions):
    limits = [limit for _, limit in functions.evaluate("Play.gradient.limits")]
    info = torch.finfo(torch.float32)
    smallest = info.tiny * info.eps  # いちばん小さい非正規化数
    assert limits == pytest.approx([math.log10(v) for v in (info.max, info.tiny, smallest)])
    assert "非正規化数" in functions.evaluate("Play.gradient.verdict(-40)")


def test_padding_by_keyboard(open_page):
    page = open_page()
    assert "逆方向の半分は、パディング 1 個を読んだ状態です" in told(page, "padding")
    press(page, "padding", "そのまま渡す", "ArrowDown")
    assert "何も読んでいません" in told(page, "padding")
    press(page, "padding", "output[:, -1]", "ArrowDown")
    assert "両方とも、文の全体をちょうど読んでいます" in told(page, "padding")


@pytest.mark.parametrize("pads", [0, 2])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", [False, True])
def test_padding_tells_what_pytorch_reads(functions, pads, packed, end):
    """入力への勾配が 0 でない時刻が、図の言う「読んだ時刻」である。"""
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(2, 3, batch_first=True, bidirectional=True)
    x = torch.randn(1, 3 + pads, 2, requires_grad=True)
    given = x
    if packed:
        lengths = torch.tensor([3])
        given = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
    output, (h_n, _) = lstm(given)
    if packed:
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(
            output, batch_first=True, total_length=3 + pads
        )
    halves = output[0, -1].split(3) if end else (h_n[0, 0], h_n[1, 0])
    options = {"words": 3, "pads": pads, "packed": packed, "end": end}
    reading = functions.evaluate("options => Play.reading(options)", options)
    for half, direction in zip(halves, ("forward", "backward"), strict=True):
        (gradient,) = torch.autograd.grad(half.sum(), x, retain_graph=True)
        seen = gradient[0].abs().sum(dim=-1).nonzero().flatten().tolist()
        assert reading[direction]["read"] == seen


def test_sentence_by_keyboard(open_page):
    page = open_page()
    assert not page.evaluate("[...document.scripts].some(s => s.src.includes('page_model'))")
    page.get_by_label("英語の感想", exact=True).fill("A wonderful, moving film!")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("答えは肯定").wait_for()
    assert "6 語" in told(page, "sentence")
    press(page, "sentence", "何語めを見るか", "Home")
    assert "1 語めの a を読むと" in told(page, "sentence", 1)
    key = page.locator("figure.play-sentence .play-key")
    assert "ゲート" not in told(page, "sentence", 1) and "忘却" not in key.inner_text()
    press(page, "sentence", "中のゲートも見る", "ArrowDown")
    assert "ゲートの平均" in told(page, "sentence", 1) and "忘却" in key.inner_text()
    press(page, "sentence", "中のゲートも見る", "ArrowDown")
    assert "ユニット 1 のゲート" in told(page, "sentence", 1)


def test_sentence_without_words_is_refused(open_page):
    page = open_page()
    page.get_by_label("英語の感想", exact=True).fill("<br />")
    page.locator("figure.play-sentence").get_by_role("button", name="この文を読ませる").click()
    page.get_by_text("語が見つかりません").wait_for()


def forced(gate):
    """ゲートの 1 つが、どの時刻でもちょうど 0 になる nn.LSTM と、その語彙。"""
    model, vocabulary = load(FOLDER / "page_model.js")
    lstm = model.answer.recurrent
    rows = slice("ifgo".index(gate) * lstm.hidden_size, ("ifgo".index(gate) + 1) * lstm.hidden_size)
    with torch.no_grad():
        for weight in (lstm.weight_ih_l0, lstm.weight_hh_l0):
            weight[rows] = 0
        lstm.bias_ih_l0[rows] = -1e4
    return model, vocabulary


@pytest.mark.parametrize("gate", ["f", "i", "o"])
def test_a_cut_gate_is_that_of_pytorch(functions, gate):
    model, vocabulary = forced(gate)
    for text in TEXTS:
        ids = torch.tensor([vocabulary.encode(tokenize(text))])
        with torch.no_grad():
            expected = model(ids)[0].tolist()
            _, (_, cell) = model.answer.recurrent(model.embedding(ids))
        script = """async ([text, gate]) => {
            const model = await Play.load();
            const steps = model.read(model.encode(Play.tokenize(text)), { [gate]: 0 });
            return [steps.map(step => step.logit), [...steps.at(-1).c]];
        }"""
        logits, last_cell = functions.evaluate(script, [text, gate])
        assert logits == pytest.approx(expected, abs=1e-4)
        assert last_cell == pytest.approx(cell.flatten().tolist(), abs=1e-4)


@torch.no_grad()
def read_cut(gate, text):
    """ゲートを切った（gate が空なら切らない）モデルの、語ごとの肯定の確率（%）。"""
    model, vocabulary = forced(gate) if gate else load(FOLDER / "page_model.js")
    return 100 * model(torch.tensor([vocabulary.encode(tokenize(text))]))[0].sigmoid()


def test_what_the_book_tells_of_cut_gates():
    """初めの 1 語だけが違う 2 つの感想（例 1 と例 2）について、本文と絵の説明が言う数。"""
    texts = [f"{first} film, and I saw it with my brother." for first in ("Wonderful", "Boring")]
    ends = {
        gate: [f"{read_cut(gate, text)[-1]:.1f}" for text in texts] for gate in ("", "f", "i", "o")
    }
    assert ends == {
        "": ["92.3", "13.1"],
        "f": ["48.3", "48.3"],
        "i": ["48.0", "48.0"],
        "o": ["48.0", "48.0"],
    }
    apart = read_cut("f", texts[0]) - read_cut("f", texts[1])
    assert [f"{points:.1f}" for points in apart[:5]] == ["71.5", "19.0", "2.8", "0.4", "0.1"]
    assert (apart[5:].abs() < 0.05).all()
    third = "The beginning is boring and slow, but the ending is wonderful."
    assert [f"{read_cut(gate, third)[-1]:.1f}" for gate in ("", "f")] == ["18.6", "57.3"]
    description = (ROOT / "book" / "figures" / "play_cut.svg").read_text("utf-8")
    assert all(f"{number} %" in description for number in ("81.2", "92.3", "51.6", "48.3"))


def test_cut_by_keyboard(open_page):
    """4 つの選び方を矢印キーで回り、どれでも PyTorch の確率が文に出る。"""
    text = "A terrible film, and I hated it."
    told_as = {gate: f"{read_cut(gate, text)[-1]:.1f} %" for gate in ("", *"fio")}
    page = open_page()
    page.get_by_label("英語の感想（40 語まで）").fill(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("9 語を読み終えたとき").wait_for()
    assert told_as[""] in told(page, "cut")
    choices = page.locator("figure.play-cut").get_by_role("radio")
    choices.first.focus()
    for gate, name in zip("fio", ("忘却", "入力", "出力"), strict=True):
        page.keyboard.press("ArrowDown")
        now = f"{name}ゲート {gate} = 0 では、肯定の確率は {told_as['']} から {told_as[gate]} へ"
        assert told(page, "cut").startswith(now)
    page.keyboard.press("ArrowDown")
    assert choices.first.is_checked() and "切らないと" in told(page, "cut")
    table = page.locator("figure.play-cut table")
    last = table.locator("tr").last.locator("td").all_text_contents()
    assert [f"{number} %" for number in last] == [told_as[gate] for gate in ("", *"fio")]


def test_cut_without_words_is_refused(open_page):
    page = open_page()
    page.get_by_label("英語の感想（40 語まで）").fill("<br />")
    page.locator("figure.play-cut").get_by_label("出力ゲート o = 0").check()
    page.get_by_text("語が見つかりません").wait_for()


def test_the_picture_of_cut_is_what_the_page_draws(open_page):
    page = open_page()
    figure = page.locator("figure.play-cut")
    figure.get_by_role("button", name="例 1").click()
    figure.get_by_label("忘却ゲート f = 0").check()
    figure.locator(".play-canvas").evaluate("svg => { svg.style.width = '560px'; }")
    figure.locator(".play-canvas[viewBox='0 0 560 314']").wait_for()
    drawn, still = (
        figure.locator(f"{svg} :is(path, circle, rect, text)").evaluate_all(
            "all => all.map(e => e.outerHTML.match(/\\d+(?:\\.\\d+)?/g).map(Number)).flat()"
        )
        for svg in (".play-canvas", ".diagram svg")
    )
    assert still[: len(drawn)] == pytest.approx(drawn, abs=0.01)


def two_units(flat):
    """35 個の数を重みとする、2 ユニットの nn.LSTM（バイアスは bias_ih だけ）と出力の層。"""
    lstm = torch.nn.LSTM(1, 2, batch_first=True, dtype=torch.float64)
    head = torch.nn.Linear(2, 1, dtype=torch.float64)
    lstm.bias_hh_l0.requires_grad_(False).zero_()
    weights = [p for p in (*lstm.parameters(), *head.parameters()) if p.requires_grad]
    torch.nn.utils.vector_to_parameters(torch.tensor(flat, dtype=torch.float64), weights)

    def loss(batch):
        x = torch.tensor([each["x"] for each in batch], dtype=torch.float64)[..., None]
        answers = torch.tensor([each["answer"] for each in batch], dtype=torch.float64)
        _, (h, _) = lstm(x)
        return torch.nn.functional.binary_cross_entropy_with_logits(head(h[-1])[:, 0], answers)

    return weights, loss


def drawn_batches(count, length):
    """重みと、課題のとおりの系列を 16 本ずつ。"""
    draw = torch.Generator().manual_seed(0)
    flat = torch.randn(35, generator=draw, dtype=torch.float64).tolist()
    batches = []
    for _ in range(count):
        answers = torch.randint(2, (16,), generator=draw)
        x = torch.rand(16, length, generator=draw, dtype=torch.float64) - 0.5
        x[:, 0] = 2 * answers - 1
        batches.append(
            [
                {"x": row, "answer": answer}
                for row, answer in zip(x.tolist(), answers.tolist(), strict=True)
            ]
        )
    return flat, batches


@pytest.mark.parametrize("length", [1, 7, 40])
def test_training_gradients_are_those_of_autograd(functions, length):
    flat, [batch] = drawn_batches(1, length)
    weights, loss = two_units(flat)
    expected = torch.autograd.grad(loss(batch), weights)
    found = functions.evaluate(
        """([flat, batch]) => {
            const weights = Float64Array.from(flat);
            const { loss, gradient } = Play.training.lossAndGradient(weights, batch);
            return [loss, ...gradient];
        }""",
        [flat, batch],
    )
    assert found[0] == pytest.approx(loss(batch).item(), abs=1e-12)
    gradient = torch.cat([part.flatten() for part in expected]).tolist()
    assert found[1:] == pytest.approx(gradient, rel=1e-9, abs=1e-12)


def test_training_updates_are_those_of_adam(functions):
    flat, batches = drawn_batches(50, 20)
    weights, loss = two_units(flat)
    adam = torch.optim.Adam(weights, lr=0.01)
    for batch in batches:
        adam.zero_grad()
        loss(batch).backward()
        adam.step()
    found = functions.evaluate(
        """([flat, batches]) => {
            const weights = Float64Array.from(flat);
            const adam = new Play.Adam(weights.length, 0.01);
            for (const batch of batches) {
                adam.update(weights, Play.training.lossAndGradient(weights, batch).gradient);
            }
            return [...weights];
        }""",
        [flat, batches],
    )
    expected = torch.nn.utils.parameters_to_vector(weights).tolist()
    assert found == pytest.approx(expected, abs=1e-9)
    assert max(abs(a - b) for a, b in zip(found, flat, strict=True)) > 0.1


def test_training_starts_as_pytorch_does_but_for_the_forget_bias(functions):
    script = """() => {
        const { initial, random } = Play.training;
        return Array.from({ length: 200 }, (_, seed) => [...initial(3, random(seed))]);
    }"""
    drawn = torch.tensor(functions.evaluate(script), dtype=torch.float64)
    assert (drawn[:, 26:28] == 3).all()
    others = torch.cat([drawn[:, :26], drawn[:, 28:]], dim=1)
    bound = 1 / math.sqrt(2)
    assert others.abs().max() <= bound
    assert others.mean().abs() < 0.02 and abs(others.std() - bound / math.sqrt(3)) < 0.02


def by_key(page, name):
    """動かせる図のボタンを、キーボードで押す。"""
    page.locator("figure.play-train").get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def updates(page):
    return int(told(page, "train").split(" ")[0])


def test_train_by_keyboard(open_page):
    """バイアス 3 では覚え、0 では覚えない。2 本の損失の線が並ぶ。"""
    page = open_page()
    figure = page.locator("figure.play-train")
    by_key(page, "訓練する")
    figure.get_by_text("500 回の更新で").wait_for()
    assert "100 本のうち 100 本に正しく答えました。最初の符号を覚えています" in told(page, "train")
    press(page, "train", "3（f は約 0.95）", "ArrowUp", 2)
    assert told(page, "train").startswith("訓練の前です。f は約 0.50")
    by_key(page, "訓練する")
    figure.get_by_text("500 回の更新で損失 0.69").wait_for()
    assert "まだ覚えていません" in told(page, "train")
    label = figure.locator(".play-canvas").first.get_attribute("aria-label")
    assert "b = 3 では 500 回の更新で 0.008" in label and "b = 0 では 500 回の更新で 0.69" in label
    press(page, "train", "種", "ArrowRight")
    label = figure.locator(".play-canvas").first.get_attribute("aria-label")
    assert "まだ訓練していません" in label


def test_train_stops_goes_on_and_starts_again(open_page):
    page = open_page()
    figure = page.locator("figure.play-train")
    by_key(page, "訓練する")
    by_key(page, "止める")
    stopped = updates(page)
    assert 0 < stopped < 500
    page.wait_for_timeout(300)
    assert updates(page) == stopped
    by_key(page, "訓練する")
    figure.get_by_text("500 回の更新で").wait_for()
    first = told(page, "train")
    by_key(page, "最初から")
    assert told(page, "train").startswith("訓練の前です")
    by_key(page, "訓練する")
    figure.get_by_text("500 回の更新で").wait_for()
    assert told(page, "train") == first, "同じ種なら、同じ経過をたどる"


def test_train_tries_the_seeds(open_page):
    page = open_page()
    press(page, "train", "20", "ArrowLeft", 2)
    by_key(page, "20 の種で試す")
    page.get_by_text("試した 20 の種のうち").wait_for()
    assert told(page, "train").startswith("b = 3、T = 5 では、試した 20 の種のうち 20 で覚えました")


def test_train_draws_only_the_end_where_motion_is_reduced(open_page):
    page = open_page(reduced_motion="reduce")
    by_key(page, "訓練する")
    label = """() => {
        const [figure] = document.querySelectorAll("figure.play-train");
        const between = /^[1-4]00 回/.test(figure.querySelector("[role=status]").textContent);
        return between && figure.querySelector(".play-canvas").getAttribute("aria-label");
    }"""
    assert "まだ訓練していません" in page.wait_for_function(label).json_value()
    page.get_by_text("500 回の更新で").wait_for()
    pictures = page.locator("figure.play-train .play-canvas")
    assert "500 回の更新で" in pictures.first.get_attribute("aria-label")


def test_what_the_book_tells_of_the_training(functions):
    """T = 20 を 500 回更新して覚えた種は、20 のうち、b = 0 で 1、b = 1 で 9、b = 3 で 20。

    b = 3 の 20 の種では、最初の入力だけが違う 2 本の系列のセル状態の差が、10 倍より開く。
    """
    script = """() => [0, 1, 3].map((bias) => {
        const runs = Array.from({ length: 20 }, (_, k) => {
            const run = new Play.TrainingRun({ bias, length: 20, seed: k + 1 });
            for (let count = 0; count < 500; count++) run.update();
            return run;
        });
        const { sequence, random } = Play.training;
        const growth = runs.map((run) => {
            const read = (answer) => run.read(sequence(answer, 20, random(0)).x);
            const [one, other] = [read(1), read(0)];
            const gap = (t) => Math.max(...one[t].map(({ c }, k) => Math.abs(c - other[t][k].c)));
            return gap(19) / gap(0);
        });
        return [runs.filter((run) => run.correct() >= 95).length, Math.min(...growth)];
    })"""
    [zero, _], [one, _], [three, growth] = functions.evaluate(script)
    assert (zero, one, three) == (1, 9, 20)
    assert growth > 10


def test_the_picture_of_train_is_what_the_page_draws(open_page):
    page = open_page()
    figure = page.locator("figure.play-train")
    figure.locator(".play-canvas").evaluate_all(
        "all => all.forEach(svg => { svg.style.width = '560px'; })"
    )
    figure.locator(".play-canvas[viewBox='0 0 560 284']").wait_for()
    for name in ("0（f は約 0.50）", "1（f は約 0.73）", "3（f は約 0.95）"):
        figure.get_by_label(name).check()
        figure.get_by_role("button", name="訓練する").click()
        figure.get_by_text("500 回の更新で").wait_for()
    drawn, still = (
        figure.locator(f"{svg} :is(path, text)").evaluate_all(
            "all => all.map(e => e.outerHTML.match(/-?\\d+(?:\\.\\d+)?/g).map(Number)).flat()"
        )
        for svg in (".play-canvas", ".diagram g")
    )
    assert still == pytest.approx(drawn, abs=0.11)


@pytest.mark.parametrize("text", NASTY)
def test_tokens_are_those_of_python(functions, text):
    assert functions.evaluate("text => Play.tokenize(text)", text) == tokenize(text)


def test_logits_are_those_of_pytorch(functions):
    model, vocabulary = load(FOLDER / "page_model.js")
    for text in TEXTS:
        ids = vocabulary.encode(tokenize(text))
        with torch.no_grad():
            expected = model(torch.tensor([ids]))[0].tolist()
        script = """async text => {
            const model = await Play.load();
            return model.read(model.encode(Play.tokenize(text))).map(step => step.logit);
        }"""
        assert functions.evaluate(script, text) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_has_no_sideways_scroll(open_page, scheme):
    page = open_page(PHONE, color_scheme=scheme)
    page.locator("figure.play-sentence").get_by_role("button", name="この文を読ませる").click()
    page.get_by_text("答えは").wait_for()
    page.locator("figure.play-gates summary").click()
    cut = page.locator("figure.play-cut")
    cut.get_by_label("忘却ゲート f = 0").check()
    cut.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_every_control_has_a_name(open_page):
    page = open_page()
    nameless = page.evaluate(
        "[...document.querySelectorAll('.play-box :is(input, select, textarea)')]"
        ".filter(e => !e.labels.length).map(e => e.outerHTML)"
    )
    assert not nameless
    pictures = page.locator(".play-box svg[role=img]")
    labels = [pictures.nth(i).get_attribute("aria-label") for i in range(pictures.count())]
    assert labels[:3] and all(labels[:3])


def test_the_picture_stays_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    for name in NAMES:
        assert page.locator(f"figure.play-{name} .diagram svg").is_visible()


def test_the_picture_gives_way_to_the_play(open_page):
    page = open_page()
    for name in NAMES:
        assert page.locator(f"figure.play-{name} .play-box").is_visible()
        assert not page.locator(f"figure.play-{name} .diagram").is_visible()


def test_pages_without_figures_load_no_script(small_book):
    assert "play/" in (small_book / "index.html").read_text("utf-8")
    assert "play/" not in (small_book / "plain.html").read_text("utf-8")
