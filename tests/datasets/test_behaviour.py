"""振る舞いの試験の文と、否定を教える文の性質。"""

import re

import pytest
import torch

from lstm_text.datasets import (
    OpinionWords,
    behaviour,
    behaviour_tests,
    negation_by_distance,
    negation_lessons,
)
from lstm_text.datasets.grammar import shipped
from lstm_text.text import tokenize

TESTED = {
    1: """charming enjoyable entertaining memorable touching impressive delightful convincing
    exciting engaging compelling moving good funny clever witty""",
    0: """boring disappointing predictable annoying tedious forgettable pretentious pointless
    shallow stupid bad dull silly weak lame bland""",
}
TESTED = {word: label for label, words in TESTED.items() for word in words.split()}
# 教える語は、文法に並べてある
TAUGHT = {
    word.strip(): label
    for label, sign in ((1, "+"), (0, "-"))
    for word in re.search(
        rf"^adj\{sign}: (.*(?:\n +.*)*)", shipped("behaviours/lessons.txt"), re.MULTILINE
    )[1].split("|")
}
TESTED |= {"better": 1, "worse": 0}
NEGATIONS = {"not", "n't", "never", "nobody", "no", "nothing"}
NOUNS = {"film", "movie", "picture", "sequel", "documentary", "remake", "thriller", "plot"}
NOUNS |= {"comedy", "drama", "western", "cartoon", "series", "adaptation", "episode"}
NOUNS |= {"musical", "mystery", "romance", "biography", "production", "finale", "writing"}
NOUNS |= {"direction", "opening", "premise", "humor", "scenery", "score", "cast", "hero", "villain"}
NOUNS |= {"editing", "title"}
NOUNS |= {"story", "show", "script", "ending", "acting", "soundtrack", "music", "dialogue"}

KINDS = behaviour_tests()
DISTANCES = negation_by_distance()
ALL = [*KINDS.values(), *DISTANCES.values()]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def polar(text, lexicon=TESTED):
    """評価の語の位置。"""
    return [i for i, token in enumerate(tokenize(text)) if token in lexicon]


def signs(text, lexicon=TESTED):
    """評価の語の符号の和。語の順を見ない分類器の答え。"""
    return sum(2 * lexicon[token] - 1 for token in tokenize(text) if token in lexicon)


def agreement(reviews, lexicon=TESTED):
    pairs = list(zip(reviews.texts, reviews.labels, strict=True))
    return sum((signs(text, lexicon) > 0) == label for text, label in pairs) / len(pairs)


def gap(text, lexicon=TESTED):
    """形容詞と、その前の最も近い否定の語のあいだのトークンの数。否定の語がなければ None。"""
    tokens, end = tokenize(text), polar(text, lexicon)[-1]
    places = [i for i in range(end) if tokens[i] in NEGATIONS]
    return end - places[-1] - 1 if places else None


def templates(reviews):
    """文ごとに、評価の語と名詞を伏せ、冠詞をそろえた型。"""
    hidden = dict.fromkeys(TESTED | TAUGHT, "ADJ") | dict.fromkeys(NOUNS, "NOUN")
    hidden |= dict.fromkeys(("the", "this"), "THE") | {"an": "a", "is": "was"}
    return {
        tuple(hidden.get(token, token) for token in tokenize(sentence))
        for text in reviews.texts
        for sentence in re.split(r"(?<=[.!?]) ", text)
    }


@pytest.fixture(scope="module")
def lessons():
    return negation_lessons(2_000, generator())


class TestBehaviour:
    def test_the_kinds_in_order(self):
        names = "肯定文 近い否定 遠い否定 二重否定 逆接 程度 比較 名前と数 書き間違い 短い 長い"
        assert list(KINDS) == names.split()
        assert list(DISTANCES) == [0, 1, 2, 4, 8, 16]

    @pytest.mark.parametrize("reviews", ALL, ids=[*KINDS, *map(str, DISTANCES)])
    def test_two_hundred_distinct_balanced_tidy_texts(self, reviews):
        assert len(set(reviews.texts)) == len(reviews) == 200
        assert sum(reviews.labels) == 100
        for text in reviews.texts:
            assert re.fullmatch(r"[A-Z0-9][A-Za-z0-9 ,.!:']+[.!]", text)  # 置き換え残しがない
            assert not re.search(r"\ba [aeiou]|\ban [^aeiouh]|  |[.!] [a-z]", text)

    def test_the_same_every_time_whatever_was_made_before(self):
        behaviour._balanced.cache_clear()
        torch.manual_seed(1)
        assert negation_by_distance() == DISTANCES
        assert behaviour_tests() == KINDS

    @pytest.mark.parametrize(
        "kind", ["肯定文", "程度", "名前と数", "書き間違い", "短い", "長い", "二重否定"]
    )
    def test_where_the_word_alone_gives_the_label(self, kind):
        assert all(len(polar(text)) == 1 for text in KINDS[kind].texts)
        assert agreement(KINDS[kind]) == 1

    @pytest.mark.parametrize("reviews", [KINDS["近い否定"], KINDS["遠い否定"], *DISTANCES.values()])
    def test_where_negation_reverses_the_word(self, reviews):
        assert all(len(polar(text)) == 1 for text in reviews.texts)
        assert agreement(reviews) == 0

    @pytest.mark.parametrize(
        "kind", ["肯定文", "程度", "名前と数", "書き間違い", "短い", "長い", "逆接"]
    )
    def test_no_negation_elsewhere(self, kind):
        assert not any(NEGATIONS & set(tokenize(text)) for text in KINDS[kind].texts)

    def test_near_and_far(self):
        assert {gap(text) for text in KINDS["近い否定"].texts} == {0, 1, 2}
        assert min(gap(text) for text in KINDS["遠い否定"].texts) == 4

    @pytest.mark.parametrize("distance", DISTANCES)
    def test_distance(self, distance):
        assert {gap(text) for text in DISTANCES[distance].texts} == {distance}

    def test_double_negation_denies_twice(self):
        for text in KINDS["二重否定"].texts:
            tokens = tokenize(text)
            assert sum(token in NEGATIONS | {"deny"} for token in tokens) == 2

    def test_contrast_holds_one_word_of_each_sign(self):
        assert {signs(text) for text in KINDS["逆接"].texts} == {0}

    def test_comparison_sometimes_reverses_the_word(self):
        for text, label in zip(KINDS["比較"].texts, KINDS["比較"].labels, strict=True):
            assert len(polar(text)) == 1
            reversed_ = " less " in text or "nowhere near" in text
            assert (signs(text) > 0) == (label != reversed_)
        assert 0.5 < agreement(KINDS["比較"]) < 0.9

    def test_one_misspelt_word(self):
        known = {
            t
            for kind, r in KINDS.items()
            if kind != "書き間違い"
            for x in r.texts
            for t in tokenize(x)
        }
        for text in KINDS["書き間違い"].texts:
            assert len([token for token in tokenize(text) if token not in known]) == 1

    def test_lengths(self):
        assert all(1 <= len(text.split()) <= 3 for text in KINDS["短い"].texts)
        verdict = max(len(text.split()) for text in KINDS["肯定文"].texts)
        assert all(60 + verdict <= len(text.split()) <= 120 for text in KINDS["長い"].texts)

    def test_names_and_numbers(self):
        for text in KINDS["名前と数"].texts:
            assert re.search(r" [A-Z][a-z]+", text)

    def test_enough_words_of_each_sign(self):
        seen = {token for reviews in ALL for text in reviews.texts for token in tokenize(text)}
        assert TESTED.keys() <= seen
        assert min(list(TESTED.values()).count(label) for label in (0, 1)) >= 14


class TestLessons:
    def test_shares_no_polar_word_with_the_tests(self, lessons):
        assert not TESTED.keys() & TAUGHT.keys()
        seen = {token for text in lessons.texts for token in tokenize(text)}
        assert TAUGHT.keys() <= seen and not TESTED.keys() & seen
        assert not any(polar(text, TAUGHT) for reviews in ALL for text in reviews.texts)
        assert min(list(TAUGHT.values()).count(label) for label in (0, 1)) >= 20

    def test_shares_no_template_with_the_tests(self, lessons):
        taught = templates(lessons)
        assert len(taught) > 100
        for reviews in ALL:
            assert not templates(reviews) & taught

    def test_neither_the_word_nor_the_negation_gives_the_label(self, lessons):
        pairs = list(zip(lessons.texts, lessons.labels, strict=True))
        ones = [(text, label) for text, label in pairs if len(polar(text, TAUGHT)) == 1]
        right = sum((signs(text, TAUGHT) > 0) == label for text, label in ones)
        assert 0.4 < right / len(ones) < 0.6
        negated = [label for text, label in pairs if NEGATIONS & set(tokenize(text))]
        assert 0.55 < len(negated) / len(pairs) < 0.7
        assert 0.47 < sum(negated) / len(negated) < 0.53

    def test_negation_reaches_at_most_five_words(self, lessons):
        reversed_ = [
            text
            for text, label in zip(lessons.texts, lessons.labels, strict=True)
            if len(polar(text, TAUGHT)) == 1 and (signs(text, TAUGHT) > 0) != label
        ]
        assert {gap(text, TAUGHT) for text in reversed_} == {0, 1, 2, 3, 4, 5}

    def test_balanced_in_no_order(self, lessons):
        assert sum(lessons.labels) == 1_000
        assert lessons.labels[:20] != tuple(sorted(lessons.labels[:20]))
        for n in (1, 2, 3, 5):
            assert len(negation_lessons(n, generator())) == n

    def test_short_and_tidy(self, lessons):
        for text in lessons.texts:
            assert 4 <= len(text.split()) <= 25
            assert 1 <= len(re.findall(r"[.!]", text)) <= 2
            assert re.fullmatch(r"[A-Z][A-Za-z ,.!']+[.!]", text)

    def test_depends_on_the_generator_alone(self):
        torch.manual_seed(0)
        once = negation_lessons(20, generator(1))
        torch.manual_seed(1)
        assert negation_lessons(20, generator(1)) == once
        assert negation_lessons(20, generator(2)).texts != once.texts

    def test_other_words_take_the_place_of_the_listed_ones(self):
        words = OpinionWords(("crisp", "zesty"), ("soggy",))
        lessons = negation_lessons(400, generator(), words)
        found = {token for text in lessons.texts for token in tokenize(text)}
        assert {"crisp", "zesty", "soggy"} <= found
        assert TAUGHT.keys() & found <= {"honest"}  # to be honest という決まり文句
        plain = [
            (text, label)
            for text, label in zip(lessons.texts, lessons.labels, strict=True)
            if not (NEGATIONS | {"crisp", "zesty"}) & set(tokenize(text))
        ]
        assert plain and not any(label for _, label in plain)

    def test_words_of_both_signs_are_needed(self):
        with pytest.raises(ValueError, match="それぞれ 1 つ以上必要ですが、1 語と 0 語でした"):
            negation_lessons(4, generator(), OpinionWords(("crisp",), ()))

    def test_count(self):
        with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0 でした"):
            negation_lessons(0, generator())
