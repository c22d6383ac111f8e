"""文章をモデルの入力にする部屋の性質。"""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lstm_text import IGNORE, PAD, UNK
from lstm_text.storage import replacing
from lstm_text.text import CharacterTable, LengthBuckets, Vocabulary, clean, collate, tokenize


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class TestTokenize:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("don't", "do n't"),
            ("DON’T", "do n't"),
            ("it's", "it 's"),
            ("I'm we've you're she'll he'd", "i 'm we 've you 're she 'll he 'd"),
            ("can't won't cannot", "ca n't wo n't can not"),
            ("O'Brien's", "o ' brien 's"),
            ("'quoted'", "' quoted '"),
            ("well-made", "well - made"),
            ("Good! Bad? Yes, no.", "good ! bad ? yes , no ."),
            ("wow!!!", "wow ! ! !"),
            ("so.......", "so ... ... ."),
            ("10/10, 7.5, 1,000 and 1980s", "10 / 10 , 7.5 , 1,000 and 1980s"),
            ("__really__ foo_bar", "really foo bar"),
        ],
    )
    def test_english(self, text, tokens):
        assert " ".join(tokenize(text)) == tokens

    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("a<br />b<BR>c<br/>d", ["a", "b", "c", "d"]),
            ("<i>very</i> good", ["very", "good"]),
            ("&quot;A&quot; &amp; B", ['"', "a", '"', "&", "b"]),
            ("1 < 2 > 0", ["1", "<", "2", ">", "0"]),
            ("&lt;br&gt;", ["<", "br", ">"]),
        ],
    )
    def test_markup_is_removed_and_everything_else_kept(self, text, tokens):
        assert tokenize(text) == tokens

    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("吾輩は猫。", ["吾", "輩", "は", "猫", "。"]),
            ("映画film10点", ["映", "画", "film10", "点"]),
            ("ОЧЕНЬ хорошо", ["очень", "хорошо"]),
            ("한국어 영화", ["한국어", "영화"]),
            ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
            ("cafe\u0301 café", ["café", "café"]),
            ("👍🏽❤️ ok", ["👍", "🏽", "❤", "ok"]),
            ("a\x00b\x85c", ["a", "b", "c"]),
            ("\ufeffword\u200b", ["word"]),
            ("", []),
            (" \n\t\x00 ", []),
        ],
    )
    def test_any_script(self, text, tokens):
        assert tokenize(text) == tokens

    def test_hundred_thousand_words(self):
        assert len(tokenize("word " * 100_000)) == 100_000

    @pytest.mark.parametrize(
        "unit", ["a", "'", "<", "<br ", "&", "1,", ".", "a\u0301", "n't", "\x00"]
    )
    def test_no_input_makes_it_slow(self, unit):
        start = time.perf_counter()
        tokenize(unit * 200_000)
        assert time.perf_counter() - start < 5  # 二乗の時間なら何分もかかる

    def test_tokens_survive_a_second_pass(self):
        tokens = tokenize("It's well-made; I didn't sleep... 10/10!")
        assert tokenize(" ".join(tokens)) == tokens

    def test_clean_leaves_plain_text_alone(self):
        assert clean("Plain text, 100%.") == "Plain text, 100%."


class TestVocabulary:
    def test_pad_and_unknown_are_distinct(self):
        vocabulary = Vocabulary.build([["a"]])
        assert (PAD, UNK) == (0, 1)
        assert vocabulary.tokens == ["<pad>", "<unk>", "a"]
        assert vocabulary.encode(["a", "zzz", ""]) == [2, UNK, UNK]

    def test_order_is_frequency_then_character_code(self):
        texts = [["b", "a", "c"], ["c", "é", "b"], ["c"]]
        assert Vocabulary.build(texts).tokens[2:] == ["c", "b", "a", "é"]
        assert Vocabulary.build(texts[::-1]) == Vocabulary.build(texts)

    def test_limits(self):
        texts = [["a"] * 3 + ["b"] * 2 + ["c"]]
        assert Vocabulary.build(texts, max_size=4).tokens[2:] == ["a", "b"]
        assert Vocabulary.build(texts, min_count=3).tokens[2:] == ["a"]
        assert len(Vocabulary.build(texts, max_size=2)) == 2
        assert len(Vocabulary.build([])) == 2
        with pytest.raises(ValueError, match="max_size は 2 以上"):
            Vocabulary.build(texts, max_size=1)

    def test_special_names_in_a_text_are_not_words(self):
        vocabulary = Vocabulary.build([["<pad>", "<unk>", "film"]])
        assert vocabulary.tokens == ["<pad>", "<unk>", "film"]
        assert vocabulary.encode(["<pad>", "<unk>"]) == [UNK, UNK]
        assert "<pad>" not in vocabulary
        with pytest.raises(ValueError, match="'<pad>' は特別な番号の名前"):
            Vocabulary(["<pad>"])

    def test_duplicates_are_refused(self):
        with pytest.raises(ValueError, match="'a' が重複"):
            Vocabulary(["a", "b", "a"])

    def test_decode_reverses_encode(self):
        vocabulary = Vocabulary(["good", "film"])
        assert vocabulary.decode(vocabulary.encode(["film", "good"])) == ["film", "good"]
        assert vocabulary.decode(torch.tensor([2, PAD])) == ["good", "<pad>"]
        for wrong in (-1, 4):
            with pytest.raises(IndexError, match=f"番号は 0 から 3 までです（{wrong} でした）"):
                vocabulary.decode([wrong])

    def test_untokenized_text_is_refused(self):
        with pytest.raises(TypeError, match="先に tokenize"):
            Vocabulary(["a"]).encode("a film")
        with pytest.raises(TypeError, match="先に tokenize"):
            Vocabulary.build(["a film"])

    def test_empty_and_unknown_reviews(self):
        vocabulary = Vocabulary(["film"])
        assert vocabulary.encode([]) == []
        assert vocabulary.encode(tokenize("未知の 語")) == [UNK] * 4


class TestSaving:
    def test_round_trip(self, tmp_path):
        vocabulary = Vocabulary(["映画", "😀", 'quo"te', "\x00", "film"])
        vocabulary.save(tmp_path / "new" / "vocabulary.json")
        assert Vocabulary.load(tmp_path / "new" / "vocabulary.json") == vocabulary
        assert os.listdir(tmp_path / "new") == ["vocabulary.json"]

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="語彙のファイル"):
            Vocabulary.load(tmp_path / "none.json")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b'{"words": ["a',
            b"\xff\xfe",
            b"[]",
            b"{}",
            b'{"words": "ab"}',
            b'{"words": [1]}',
            b'{"words": ["a", "a"]}',
            b'{"words": ["<unk>"]}',
            b"null",
        ],
    )
    def test_broken_file(self, tmp_path, content):
        path = tmp_path / "broken.json"
        path.write_bytes(content)
        with pytest.raises(ValueError, match="語彙として読めません"):
            Vocabulary.load(path)

    def test_failure_while_writing_keeps_the_old_file(self, tmp_path):
        path = tmp_path / "file.json"
        path.write_text("old")
        with pytest.raises(RuntimeError), replacing(path) as file:
            file.write(b"half of the n")
            raise RuntimeError
        assert path.read_text() == "old"
        assert os.listdir(tmp_path) == ["file.json"]

    def test_killed_while_writing_keeps_the_old_file(self, tmp_path):
        path = tmp_path / "file.json"
        path.write_text("old")
        program = (
            "import os, signal, sys\n"
            "from lstm_text.storage import replacing\n"
            "with replacing(sys.argv[1]) as file:\n"
            "    file.write(b'half'); file.flush()\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
        assert ended.returncode == -signal.SIGKILL
        assert path.read_text() == "old"

    def test_saved_file_is_plain_json(self, tmp_path):
        Vocabulary(["film"]).save(tmp_path / "v.json")
        assert json.loads((tmp_path / "v.json").read_text()) == {"words": ["film"]}
        assert (tmp_path / "v.json").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


class TestCollate:
    @pytest.mark.parametrize("kind", [list, tuple, torch.tensor, np.array])
    def test_pads_at_the_end(self, kind):
        ids, lengths, labels = collate([kind([5, 6, 7]), kind([8])])
        assert torch.equal(ids, torch.tensor([[5, 6, 7], [8, PAD, PAD]]))
        assert ids.dtype == lengths.dtype == torch.int64
        assert lengths.tolist() == [3, 1]
        assert labels is None

    def test_labels_keep_their_type(self):
        assert collate([[1], [2]], [1, 0]).labels.dtype == torch.int64
        assert collate([[1], [2]], [1.0, 0.0]).labels.dtype == torch.float32
        assert torch.equal(collate([[1], [2]], torch.tensor([3, 4])).labels, torch.tensor([3, 4]))

    @pytest.mark.parametrize("kind", [list, tuple, torch.tensor, np.array])
    def test_labels_of_every_step_are_padded_with_ignore(self, kind):
        labels = collate([[1], [2, 3]], [kind([4]), kind([5, 6])]).labels
        assert torch.equal(labels, torch.tensor([[4, IGNORE], [5, 6]]))

    def test_empty_sequence_is_named(self):
        with pytest.raises(ValueError, match=r"sequences\[1\] の長さが 0"):
            collate([[1, 2], []])

    def test_wrong_counts(self):
        with pytest.raises(ValueError, match="系列が一つもありません"):
            collate([])
        with pytest.raises(ValueError, match="系列は 2 個ですが、正解は 3 個"):
            collate([[1], [2]], [0, 1, 0])
        with pytest.raises(ValueError, match=r"sequences\[1\] の長さは 2 ですが、正解は 1 個"):
            collate([[1], [2, 3]], [[0], [1]])


class TestLengthBuckets:
    lengths = torch.randint(1, 500, (1003,), generator=generator(9))

    @pytest.mark.parametrize(("n", "size"), [(1003, 16), (64, 64), (5, 8), (100, 1)])
    def test_every_index_once_an_epoch(self, n, size):
        buckets = LengthBuckets(self.lengths[:n], size, generator())
        for _ in range(2):
            batches = list(buckets)
            assert len(batches) == len(buckets)
            assert sorted(i for batch in batches for i in batch) == list(range(n))
            assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)

    def test_little_padding(self):
        def share(batches) -> float:
            cells = sum(len(b) * self.lengths[b].max().item() for b in batches)
            return 1 - self.lengths.sum().item() / cells

        shuffled = torch.randperm(1003, generator=generator()).split(16)
        padding = share(LengthBuckets(self.lengths, 16, generator()))
        assert padding < 0.05
        assert padding < share([batch.tolist() for batch in shuffled]) / 5

    def test_order_depends_on_the_generator_alone(self):
        torch.manual_seed(0)
        first = LengthBuckets(self.lengths, 16, generator(1))
        one, two = list(first), list(first)
        torch.manual_seed(1)
        assert list(LengthBuckets(self.lengths.tolist(), 16, generator(1))) == one
        assert one != two
        assert list(LengthBuckets(self.lengths, 16, generator(2))) != one

    def test_batches_do_not_come_in_order_of_length(self):
        longest = [
            self.lengths[b].max().item() for b in LengthBuckets(self.lengths, 16, generator())
        ]
        assert longest != sorted(longest)

    def test_with_a_data_loader(self):
        data = [([1] * int(n), i % 2) for i, n in enumerate(self.lengths[:40])]
        loader = DataLoader(
            data,
            batch_sampler=LengthBuckets([len(x) for x, _ in data], 8, generator()),
            collate_fn=lambda pairs: collate(*zip(*pairs, strict=True)),
        )
        assert len(loader) == 5
        assert sum(lengths.sum().item() for _, lengths, _ in loader) == self.lengths[:40].sum()

    def test_sizes_must_be_positive(self):
        with pytest.raises(ValueError, match="1 以上"):
            LengthBuckets([1], 0, generator())
        with pytest.raises(ValueError, match="1 以上"):
            LengthBuckets([1], 1, generator(), pool=0)

    def test_empty_sequences_are_named_before_training(self):
        with pytest.raises(ValueError, match=r"lengths\[2\] が 0"):
            LengthBuckets([3, 1, 0], 2, generator())
        with pytest.raises(ValueError, match="系列が一つもありません"):
            LengthBuckets([], 2, generator())


class TestCharacterTable:
    def test_round_trip(self):
        text = "吾輩は猫である。\n😀"
        table = CharacterTable(text)
        assert table.chars == sorted(set(text))
        assert table.decode(table.encode(text)) == text
        assert [table.index(table.char(i)) for i in range(len(table))] == list(range(len(table)))
        assert table.decode(torch.tensor([0])) == table.char(0)
        assert "猫" in table and "犬" not in table

    def test_errors(self):
        with pytest.raises(ValueError, match="文章が空"):
            CharacterTable("")
        with pytest.raises(ValueError, match="'犬' は、1 種類の文字の表にありません"):
            CharacterTable("猫").encode("犬")
        for wrong in (-1, 1):
            with pytest.raises(IndexError, match="番号は 0 から 0 まで"):
                CharacterTable("猫").decode([wrong])
