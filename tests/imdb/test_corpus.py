"""corpus：1 つずつ切り分けたときと同じ番号になること、残したものが壊れていれば作り直すこと。"""

import os
import random
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import torch

from lstm_text import UNK
from lstm_text.datasets.builtin import reviews
from lstm_text.device import generator
from lstm_text.imdb import Chunks, EncodedTexts, Labelled, encode_texts, load_or_encode
from lstm_text.imdb import corpus as corpus_files
from lstm_text.text import Vocabulary, evaluation_batches, tokenize, training_batches

PIECES = [
    "Good", "film", "n't", "DON’T", "it's", "cannot", "<br />", "&quot;", "&amp;", " ", "\n",
    "\x00", "1,000.5", "...", "!", "😀", "👍🏽", "映画", "名作", "очень", "한국어", "नमस्ते",
    "e\u0301", "\u200b",
    "<unk>", "<pad>", "\ud800", "'", "-", "a", "Z", "ß", "İ",
]  # fmt: skip


def strange_texts(n, seed):
    rng = random.Random(seed)
    return [
        "".join(
            rng.choice(PIECES)
            if rng.random() < 0.8
            else chr(rng.choice([rng.randrange(0x250), rng.randrange(0x11000)]))
            for _ in range(rng.randrange(30))
        )
        for _ in range(n)
    ]


def one_by_one(parts, counted, max_size, min_count):
    tokens = {name: [tokenize(text) for text in texts] for name, texts in parts.items()}
    lists = [tokens_ for name in counted for tokens_ in tokens[name]]
    vocabulary = Vocabulary.build(lists, max_size, min_count)
    return vocabulary, {n: [vocabulary.encode(t) for t in ts] for n, ts in tokens.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("max_size", "min_count"), [(30_000, 1), (40, 1), (1000, 3), (2, 1)])
def test_same_as_tokenizing_one_by_one(monkeypatch, seed, max_size, min_count):
    monkeypatch.setattr(corpus_files, "_CHUNK", 7)  # 断片のつなぎ目をたくさん作る
    parts = {name: strange_texts(40, 10 * seed + i) for i, name in enumerate("abc")}
    vocabulary, ids = one_by_one(parts, ["a", "c"], max_size, min_count)
    corpus = encode_texts(parts, ["a", "c"], max_size, min_count, processes=1)
    assert corpus.vocabulary == vocabulary
    for name in parts:
        assert [row.tolist() for row in corpus.parts[name]] == ids[name]


def test_several_processes_give_the_same(monkeypatch):
    parts = {"train": reviews(5_000, generator(0)).texts, "test": strange_texts(50, 0)}
    one = encode_texts(parts, ["train"], processes=1)
    two = encode_texts(parts, ["train"], processes=2)
    assert one.vocabulary == two.vocabulary
    for name in parts:
        assert torch.equal(one.parts[name].ids, two.parts[name].ids)
        assert torch.equal(one.parts[name].starts, two.parts[name].starts)


def test_a_script_without_a_guard_is_not_started_again(tmp_path):
    """「if __name__ == "__main__":」のないプログラムの中でも動く。"""
    program = tmp_path / "program.py"
    program.write_text(
        "print('起きた')\n"
        "from lstm_text.imdb import encode_texts\n"
        "encode_texts({'train': ['a film'] * 5_000}, ['train'])\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert done.stdout == "起きた\n"


def test_words_of_a_part_that_is_not_counted_are_unknown():
    corpus = encode_texts({"train": ["good"], "test": ["good grief", ""]}, ["train"])
    assert [row.tolist() for row in corpus.parts["test"]] == [[2, UNK], []]


def test_no_texts_at_all():
    corpus = encode_texts({"train": []}, ["train"])
    assert len(corpus.vocabulary) == 2 and len(corpus.parts["train"]) == 0


class TestCache:
    parts = {"train": ["A good film.", "Bad!"], "test": ["A film \ud800"]}  # noqa: RUF012

    def load(self, folder, monkeypatch, **changes):
        """(番号, 作り直したか)"""
        made = []
        original = corpus_files.encode_texts
        monkeypatch.setattr(corpus_files, "encode_texts", lambda *a: made.append(1) or original(*a))
        parts = changes.pop("parts", self.parts)
        corpus = load_or_encode(parts, ["train"], folder=folder, **changes)
        monkeypatch.setattr(corpus_files, "encode_texts", original)
        return corpus.parts["train"].ids.tolist(), bool(made)

    def test_second_time_is_read(self, tmp_path, monkeypatch):
        first, made = self.load(tmp_path, monkeypatch)
        assert made
        assert self.load(tmp_path, monkeypatch) == (first, False)

    def test_another_text_setting_or_tokenizer_is_another_cache(self, tmp_path, monkeypatch):
        self.load(tmp_path, monkeypatch)
        assert self.load(tmp_path, monkeypatch, max_size=3)[1]
        assert self.load(tmp_path, monkeypatch, min_count=2)[1]
        assert self.load(tmp_path, monkeypatch, parts=self.parts | {"test": ["A film"]})[1]
        assert self.load(tmp_path, monkeypatch, parts=self.parts | {"train": ["A good film.Bad!"]})[
            1
        ]
        monkeypatch.setattr(corpus_files, "code_hash", lambda name: "別のコード")
        assert self.load(tmp_path, monkeypatch)[1]
        monkeypatch.setattr(unicodedata, "unidata_version", "99")
        assert self.load(tmp_path, monkeypatch)[1]

    @pytest.mark.parametrize("damage", [lambda c: c[:-1], lambda c: b"", lambda c: c[:-2] + b"zz"])
    def test_broken_cache_is_made_anew(self, tmp_path, monkeypatch, damage):
        first, _ = self.load(tmp_path, monkeypatch)
        (path,) = tmp_path.iterdir()
        path.write_bytes(damage(path.read_bytes()))
        assert self.load(tmp_path, monkeypatch) == (first, True)
        assert self.load(tmp_path, monkeypatch) == (first, False)

    def test_a_place_that_cannot_be_written_is_no_error(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("", encoding="utf-8")
        assert self.load(tmp_path / "file" / "folder", monkeypatch)[1]


class TestLabelled:
    texts = EncodedTexts(torch.tensor([5, 6, 7, 8], dtype=torch.int32), torch.tensor([0, 3, 3, 4]))

    def test_cut_members_and_empty(self):
        part = Labelled(self.texts, [1, 0, 1], max_length=2, members=[2, 1, 0])
        rows = [(ids.tolist(), label) for ids, label in (part[i] for i in range(3))]
        assert rows == [([8], 1.0), ([UNK], 0.0), ([5, 6], 1.0)]
        assert part.lengths == [1, 1, 2]

    def test_batches_of_the_book_read_it(self):
        part = Labelled(self.texts, [1, 0, 1], max_length=9)
        for batches in (training_batches(part, 2, generator(0)), evaluation_batches(part, 2)):
            seen = sorted(
                (row[:n].tolist(), label.item())
                for ids, lengths, labels in batches
                for row, n, label in zip(ids, lengths, labels, strict=True)
            )
            assert seen == [([UNK], 0.0), ([5, 6, 7], 1.0), ([8], 1.0)]

    def test_errors(self):
        with pytest.raises(ValueError, match="文章は 3 件ですが、正解は 2 件"):
            Labelled(self.texts, [1, 0], max_length=2)
        with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0"):
            Labelled(self.texts, [1, 0, 1], max_length=0)


def test_chunks_cover_every_token_but_lone_last_ones():
    texts = EncodedTexts(torch.arange(20, dtype=torch.int32), torch.tensor([0, 1, 1, 9, 20]))
    chunks = Chunks([texts, texts], length=4)
    got = [chunks[i][0].tolist() for i in range(len(chunks))]
    half = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16], [17, 18, 19]]
    assert got == half * 2
    assert chunks.lengths == list(map(len, got))
