"""組み込みのコーパスの性質。"""

import math
import time
from collections import Counter, defaultdict

import pytest
import torch

from lstm_text.datasets import builtin
from lstm_text.text import tokenize

UPOS = {"ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN"}
UPOS |= {"PUNCT", "SCONJ", "SYM", "VERB", "X"}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


MAKERS = [builtin.reviews, builtin.english_sentences, builtin.japanese_sentences]


@pytest.mark.parametrize("make", MAKERS)
def test_depends_on_the_generator_alone(make):
    torch.manual_seed(0)
    once = make(20, generator(1))
    torch.manual_seed(1)
    assert make(20, generator(1)) == once
    assert make(20, generator(2)) != once


@pytest.mark.parametrize("make", MAKERS)
def test_count(make):
    assert len(make(7, generator())) == 7
    with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0 でした"):
        make(0, generator())


@pytest.fixture(scope="module")
def made():
    start = time.perf_counter()
    made = builtin.reviews(2_000, generator())
    assert time.perf_counter() - start < 10  # ふつうは 1 秒未満
    return made


class TestReviews:
    def test_balanced_in_no_order(self, made):
        assert sum(made.labels) == 1_000
        assert made.labels != tuple(sorted(made.labels))
        assert sum(builtin.reviews(7, generator()).labels) == 4

    def test_lengths_are_skewed_like_real_ones(self, made):
        lengths = sorted(len(tokenize(text)) for text in made.texts)
        assert 8 <= lengths[0] < 30
        assert 250 < lengths[-1] < 400
        assert lengths[1_000] < sum(lengths) / 2_000 * 0.9  # 中央値は平均より小さい

    def test_vocabulary_and_markup(self, made):
        words = Counter(token for text in made.texts for token in tokenize(text))
        assert 300 < len(words) < 1_000
        assert {"n't", "not", "although", "!"} <= words.keys()
        text = " ".join(made.texts)
        assert "<br /><br />" in text and "&quot;" in text
        assert not {"<", ">", "+", "_"} & words.keys()  # 置き換え残し

    def test_texts_are_hardly_ever_repeated(self, made):
        others = builtin.reviews(2_000, generator(1))
        assert len({*made.texts, *others.texts}) > 3_980

    def test_word_order_matters(self, made):
        """語の袋のナイーブベイズでは、あてずっぽうよりよいが、よくはない。"""
        counts = {0: Counter(), 1: Counter()}
        for text, label in zip(made.texts[:1_500], made.labels, strict=False):
            counts[label].update(set(tokenize(text)))
        log_odds = Counter()
        for word in counts[0] | counts[1]:
            log_odds[word] = math.log((counts[1][word] + 1) / (counts[0][word] + 1))
        right = sum(
            (sum(log_odds[word] for word in set(tokenize(text))) > 0) == label
            for text, label in zip(made.texts[1_500:], made.labels[1_500:], strict=True)
        )
        assert 0.55 < right / 500 < 0.8

    def test_select_keeps_text_and_label_together(self, made):
        chosen = made.select([5, 3])
        assert chosen.texts == (made.texts[5], made.texts[3])
        assert chosen.labels == (made.labels[5], made.labels[3])


@pytest.mark.parametrize("make", MAKERS[1:])
class TestTaggedSentences:
    def test_well_formed(self, make):
        sentences = make(500, generator())
        assert len(set(sentences)) == 500
        for words, tags in sentences:
            assert len(words) == len(tags) > 1
            assert set(tags) <= UPOS
            assert all(words) and not any(c in word for word in words for c in "<>/ ")

    def test_the_next_word_decides_more_tags_than_the_words_before(self, make):
        sentences = make(3_000, generator())

        def accuracy(context) -> float:
            counts = defaultdict(Counter)
            for words, tags in sentences:
                for i, tag in enumerate(tags):
                    counts[context([w.lower() for w in words], i)][tag] += 1
            right = sum(max(c.values()) for c in counts.values())
            return right / sum(len(s.words) for s in sentences)

        word = accuracy(lambda w, i: w[i])
        before = accuracy(lambda w, i: (w[i - 1] if i else "", w[i]))
        after = accuracy(lambda w, i: (w[i], "".join(w[i + 1 : i + 2])))
        assert word < before < after
        assert word < 0.93
        assert after > 0.97


def test_neko_excerpt():
    text = builtin.neko_excerpt()
    assert text.startswith("\u3000吾輩は猫である。\n名前はまだ無い。")
    assert 19_000 < len(text) < 20_000
    assert "\r" not in text
