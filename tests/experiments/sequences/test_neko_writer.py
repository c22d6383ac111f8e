"""neko_writer：分け方、数え方、訓練、書き方、丸写しの量。"""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from lstm_text import records
from lstm_text.datasets import Book, Source
from lstm_text.device import seeded
from lstm_text.experiments import NotHere, make
from lstm_text.experiments.sequences import neko_writer
from lstm_text.experiments.sequences.neko_text import (
    RARE,
    copied_share,
    copying,
    longest_copy,
    ngram_bits,
    side_by_side,
    split,
)
from lstm_text.experiments.sequences.neko_writer import Settings, Writer, bits_per_character, fit
from lstm_text.records import to_json

RECORDS = Path(__file__).parents[3] / "book" / "records"
TINY = Settings(
    validation=0.25, min_count=1, ngrams=(1, 2), embedding_dim=6, hidden_size=8, streams=3,
    span=7, epochs=3, temperatures=(0.5, 1.0), paragraphs=2, shortest=12, longest=20, window=3,
)  # fmt: skip
TEXT = "吾輩は猫である。名前はまだ無い。どこで生れたか見当がつかぬ。" * 12


def random_text(seed, length, letters="あいう"):
    picks = torch.randint(len(letters), (length,), generator=torch.Generator().manual_seed(seed))
    return "".join(letters[i] for i in picks)


@pytest.fixture
def story():
    return split(TEXT, TINY.validation, TINY.min_count)


@pytest.fixture
def whole_novel(monkeypatch):
    book = Book(TEXT, Source("cache", "小説", "https://example.org"))
    monkeypatch.setattr(neko_writer, "load_neko", lambda: book)


def test_the_table_of_characters_knows_only_the_training_part():
    story = split("ああい\nいう　えええおおお", validation=0.5, min_count=2)
    assert story.train + story.validation == "ああいいうえええおおお"
    assert (len(story.train), len(story.validation)) == (5, 6)
    assert story.characters.chars == sorted("あい" + RARE)
    assert story.common(story.train) == "ああいい〓"
    assert story.characters.decode(story.encode("あえ")) == "あ〓"


@pytest.mark.parametrize("streams", [1, 3, 4])
def test_the_streams_are_the_novel_in_order(streams):
    ids = torch.arange(22)
    inputs, targets = side_by_side(ids, streams)
    assert torch.equal(inputs.flatten(), ids[: inputs.numel()])
    assert torch.equal(targets, inputs + 1)
    assert len(inputs) == streams and 22 - inputs.numel() <= streams


def test_too_few_characters_for_the_streams_are_refused():
    with pytest.raises(ValueError, match="4 文字以上必要ですが、3 文字"):
        side_by_side(torch.arange(3), 3)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_ngram_bits_equal_a_recursive_count(n):
    """別の書き方：文脈の終わりから再帰し、そのつど数える。"""
    train, validation = random_text(0, 60), random_text(1, 40, "あいうえ")

    def probability(context, char):
        shorter = probability(context[1:], char) if context else 1 / 5
        places = range(len(train) - len(context))
        after = Counter(
            train[i + len(context)] for i in places if train[i : i + len(context)] == context
        )
        if not after:
            return shorter
        weight = len(after) / (len(after) + after.total())
        return (1 - weight) * after[char] / after.total() + weight * shorter

    logs = [
        math.log2(probability(validation[max(0, t - n + 1) : t], validation[t]))
        for t in range(1, len(validation))
    ]
    assert ngram_bits(train, validation, n, 5) == pytest.approx(-sum(logs) / len(logs), rel=1e-12)


def test_ngram_probabilities_sum_to_one():
    letters = "あいうえ"
    total = sum(2 ** -ngram_bits("ああいうあいう", "い" + char, 2, 4) for char in letters)
    assert total == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_copy_equals_a_slow_loop(seed):
    text, source = random_text(seed, 25), random_text(100 + seed, 60)
    parts = {text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)}
    longest = max(len(part) for part in parts if part in source)
    found = longest_copy(text, source)
    assert len(found) == longest and found in text and found in source


def test_a_text_with_nothing_in_common_copies_nothing():
    assert longest_copy("abc", "xyz") == longest_copy("", "xyz") == ""
    assert longest_copy("abc", "zabcz") == "abc"


@pytest.mark.parametrize("seed", range(5))
def test_the_copied_share_equals_a_set_of_windows(seed):
    text, source = random_text(seed, 30), random_text(100 + seed, 40)
    windows = {source[i : i + 4] for i in range(len(source) - 3)}
    hits = [text[i : i + 4] in windows for i in range(27)]
    assert copied_share(text, source, 4) == sum(hits) / 27


def test_a_text_shorter_than_the_window_is_refused():
    with pytest.raises(ValueError, match="4 文字以上の文章が必要ですが、3 文字"):
        copied_share("abc", "abcd", 4)


def test_the_amount_of_copying_is_averaged_over_texts():
    assert copying(["abcd", "wxyz"], "abcd", 2) == {
        "texts": 2, "longest_mean": 2.0, "longest_max": 4, "share": 0.5,
    }  # fmt: skip


def test_reading_in_spans_equals_reading_at_once():
    with seeded(0):
        writer, ids = Writer(5, 3, 4, 0.5), torch.randint(5, (40,))
    writer.eval()
    with torch.no_grad():
        scores, _ = writer(ids[None, :-1])
    at_once = cross_entropy(scores[0], ids[1:]).item() / math.log(2)
    for span in (1, 7, 100):
        assert bits_per_character(writer, ids, span) == pytest.approx(at_once, rel=1e-5)


def test_the_best_epoch_is_the_one_that_is_kept():
    """検証の部分だけ文字がでたらめなら、覚えるほど検証の損失は大きくなる。"""
    story = split(TEXT + random_text(0, 120, TEXT[:30]), 0.25, 1)
    writer, rows = fit(story, replace(TINY, lr=0.02, epochs=12, dropout=0.0), seed=0)
    best = min(rows, key=lambda row: row["bits"])
    assert best["bits"] < rows[-1]["bits"] - 0.1
    kept = bits_per_character(writer, story.encode(story.validation))
    assert kept == pytest.approx(best["bits"], rel=1e-6)


def test_training_lowers_the_loss(story):
    _, rows = fit(story, replace(TINY, epochs=30, lr=0.03, dropout=0.0), seed=0)
    assert rows[-1]["bits"] < 1 < rows[0]["bits"]


def test_the_same_seed_writes_the_same_paragraph(story):
    with seeded(0):
        writer = Writer(len(story.characters), 4, 5, 0.5)
    with torch.no_grad():
        writer.head.bias[story.characters.index(RARE)] = 50.0  # 引けるなら、必ず引く
    texts = [neko_writer.write(writer, story.characters, TINY, 1.0, seed) for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]
    for text in texts:
        assert RARE not in text
        assert TINY.shortest < len(text) <= TINY.longest
        assert "。" not in text[TINY.shortest : -1]
        assert text.endswith("。") or len(text) == TINY.longest


def test_a_record_tells_everything(whole_novel, tmp_path):
    list(make(neko_writer, TINY, tmp_path))
    record = records.read("neko_writer", tmp_path)
    assert [r["unit"]["model"] for r in record.results] == ["1-gram", "2-gram", "LSTM"]
    values = record.values(model="LSTM")
    assert json.loads(to_json(values)) == values
    assert [row["epoch"] for row in values["epochs"]] == [1, 2, 3]
    assert values["bits"] == min(row["bits"] for row in values["epochs"])
    assert [(w["temperature"], w["seed"]) for w in values["written"]] == [
        (0.5, 0), (0.5, 1), (1.0, 0), (1.0, 1),
    ]  # fmt: skip
    train = split(TEXT, TINY.validation, TINY.min_count).train
    assert all(w["copied"] in w["text"] and w["copied"] in train for w in values["written"])
    assert [row["writer"] for row in values["copying"]] == ["漱石", "LSTM", "LSTM"]
    assert values["copying"][0]["share"] == 1.0  # くり返しなので、検証の部分も訓練の部分にある
    shown = neko_writer.table(record)
    assert all(TINY.prime + w["text"] in shown for w in values["written"])


def test_the_paragraphs_stay_out_of_the_table(whole_novel, tmp_path):
    list(make(neko_writer, TINY, tmp_path))
    record = records.read("neko_writer", tmp_path)
    page = records.show([record], is_stale=lambda record: False).data
    assert record.values(model="LSTM")["written"][0]["text"] not in page
    assert "<th>bits</th>" in page and "<th>written</th>" not in page


def test_the_excerpt_is_never_recorded(monkeypatch, tmp_path):
    book = Book(TEXT, Source("builtin", "小説", "冒頭", "例のため"))
    monkeypatch.setattr(neko_writer, "load_neko", lambda: book)
    with pytest.raises(NotHere, match="全文が必要"):
        list(make(neko_writer, TINY, tmp_path))
    assert not list(tmp_path.iterdir())
