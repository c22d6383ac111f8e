"""大きな演習の解答例: 数値の良し悪しではなく、しくみが正しいか。"""

import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from statistics import mean, median

import pytest
import torch
from torch import nn

from lstm_text import IGNORE, PAD, UNK, records, tasks
from lstm_text.datasets import Sentence, Source, WordVectors, builtin
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.imdb import EncodedReviews
from lstm_text.models import MaxPooling, SentimentClassifier, count_parameters
from lstm_text.text import Vocabulary
from tests.exercises.large import (
    large1,
    large2,
    large3,
    large4,
    large4_between,
    large5,
    large5_paraphrase,
    large5_rival,
    record,
)

ROOT = Path(__file__).parents[3]
BOOK = ROOT / "book"


@pytest.fixture(autouse=True)
def on_cpu(monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cpu")
    get_device()


# --- 1 ゲートの値 ---------------------------------------------------------------


@pytest.fixture
def adder():
    return large1.trained_adder(seed=0, epochs=1, hidden_size=5, length=6)


@pytest.fixture
def x():
    return tasks.adding(30, 6, generator(1))[0]


def test_own_cell_equals_torch(adder, x):
    assert large1.largest_difference(adder.model, adder.after, x) < 1e-6


def test_cell_before_training_is_the_old_one(adder, x):
    assert large1.largest_difference(adder.model, adder.before, x) > 1e-3
    with seeded(0):
        fresh = nn.LSTM(2, 5, batch_first=True)
    assert torch.equal(adder.before.weight_ih, fresh.weight_ih_l0)


def test_trace_alone_gives_the_states(adder, x):
    gates = large1.trace(adder.after, x)
    previous = nn.functional.pad(gates.c, (0, 0, 1, 0))[:, :-1]
    assert torch.equal(gates.c, gates.f * previous + gates.i * gates.g)
    assert torch.equal(gates.h, gates.o * gates.c.tanh())
    assert gates.i.shape == (30, 6, 5)


def test_at_marks_separates_the_marked_times(x):
    gate = x[:, :, 1:].expand(-1, -1, 3) * torch.tensor([1.0, 2.0, 3.0]) + 5
    marked, unmarked = large1.at_marks(gate, x)
    assert marked.tolist() == [6, 7, 8]
    assert unmarked.tolist() == [5, 5, 5]


def test_memory_length():
    forget = torch.tensor([0.5, 0.9]).expand(4, 7, 2)
    assert torch.allclose(large1.memory_length(forget), torch.tensor([2.0, 10.0]))


def test_without_the_detour_only_the_forget_gates_are_left(adder, x):
    gates = large1.trace(adder.after, x)
    straight = large1.stretch(adder.after, gates, x, row=3, start=1, steps=4, detour=False)
    assert straight == pytest.approx(gates.f[3, 2:6].prod(dim=0).max().item(), rel=1e-4)
    assert large1.stretch(adder.after, gates, x, 3, 1, 4, detour=True) != pytest.approx(straight)


def test_correlation_with_the_first_value(adder, x):
    places = [(row, 0) for row in range(30)]
    value = x[:, 0, 0]
    c = torch.stack([value, -2 * value, torch.linspace(0, 1, 30)], dim=1)[:, None].expand(30, 6, 3)
    gates = large1.trace(adder.after, x)._replace(c=c)
    found = large1.correlation_with_first(gates, x, places, later=5)
    assert torch.allclose(found[:2], torch.ones(2), atol=1e-5)
    assert found[2] < 0.9


# --- 2 GRU と LSTM --------------------------------------------------------------


@pytest.mark.parametrize(("features", "out", "hidden_size"), [(10, 10, 32), (2, 1, 32), (5, 3, 50)])
def test_equal_hidden_size_is_within_three_percent(features, out, hidden_size):
    target = count_parameters(large2.LastState(nn.LSTM(features, hidden_size), out))
    found = large2.equal_hidden_size(target, nn.GRU, features, out)
    number = count_parameters(large2.LastState(nn.GRU(features, found), out))
    assert abs(number / target - 1) < 0.03
    assert found > hidden_size


def test_learning_stops_when_everything_is_right():
    model = large2.recall_model(nn.GRU, 32, seed=0)
    curve = large2.learn(model, *large2.every_sequence(3), limit=300)
    assert curve.reached == len(curve.accuracies) - 1 == len(curve.losses) - 1
    assert curve.accuracies[-1] == 1 > max(curve.accuracies[:-1])


def test_learning_that_fails_is_censored():
    model = large2.recall_model(nn.LSTM, 4, seed=0)
    curve = large2.learn(model, *large2.every_sequence(10), limit=5)
    assert curve.reached is None
    assert len(curve.losses) == 6


def test_median_curve_holds_the_last_value():
    assert large2.median_curve([[3, 1], [4, 4, 4, 4], [5, 2, 0]]) == [4, 2, 1, 1]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([30, 10, 20], "20［10、30］3/3 が到達"),
        ([30, None, 20], "30［20、100 超］2/3 が到達"),
        ([None, 10, None], "100 超［10、100 超］1/3 が到達"),
        ([None], "100 超［100 超、100 超］0/1 が到達"),
    ],
)
def test_censored_values_are_not_averaged(values, text):
    assert large2.censored(values, limit=100) == text


def test_times_are_measured_for_every_model():
    makers = {
        name: lambda layer=layer: large2.recall_model(layer, 4, seed=0)
        for name, layer in {"LSTM": nn.LSTM, "GRU": nn.GRU}.items()
    }
    found = large2.seconds_per_100(makers, *large2.every_sequence(3), updates=2, repeats=2)
    assert found.keys() == makers.keys()
    assert min(found.values()) > 0


def test_adding_that_is_not_learned_is_censored():
    assert large2.learn_adding(nn.GRU, 4, length=10, seed=0, limit=50) is None


# --- 3 単方向と双方向 -----------------------------------------------------------


@pytest.fixture(scope="module")
def sentences():
    return builtin.english_sentences(60, generator(0))


@pytest.fixture(scope="module")
def tables(sentences):
    return large3.Tables.build(sentences)


@pytest.mark.parametrize("name", large3.LAYERS)
def test_only_two_way_models_see_the_future(name, tables):
    model = large3.new_tagger(name, tables, seed=0)
    ids = torch.tensor([[2, 3, 4, 5, 6]])
    changed = torch.tensor([[2, 3, 4, 7, 8]])
    with torch.no_grad():
        same = (model(ids) == model(changed)).all(dim=2)[0, :3].tolist()
    ahead = int(name[-3]) if name.endswith("語") else 0
    two_way = name.startswith("双方向")
    assert same == ([False] * 3 if two_way else [t + ahead < 3 for t in range(3)])


@pytest.mark.parametrize("name", large3.LAYERS)
def test_padding_does_not_change_the_scores(name, tables, sentences):
    model = large3.new_tagger(name, tables, seed=0)
    short, long = sorted(sentences, key=lambda sentence: len(sentence.words))[:: len(sentences) - 1]
    pairs = [tables.encode(short), tables.encode(long)]
    assert len(pairs[0][0]) < len(pairs[1][0])
    with torch.no_grad():
        alone = model(*large3.collate_pairs(pairs[:1])[:2])[0]
        together = model(*large3.collate_pairs(pairs)[:2])[0, : len(pairs[0][0])]
    assert torch.allclose(alone, together, atol=1e-5)


def test_peeking_shifts_the_embeddings():
    embedded = torch.arange(1.0, 7.0).reshape(1, 3, 2)
    assert torch.equal(large3.peek(embedded, 0), embedded)
    assert large3.peek(embedded, 2)[0].tolist() == [
        [1, 2, 3, 4, 5, 6],
        [3, 4, 5, 6, 0, 0],
        [5, 6, 0, 0, 0, 0],
    ]
    assert large3.peek(embedded[:, :1], 2).tolist() == [[[1, 2, 0, 0, 0, 0]]]


def test_trained_tagger_answers_every_word(tables, sentences):
    model = large3.trained_tagger("双方向 32", tables, sentences, seed=0, epochs=1)
    found = large3.answer(model, tables, sentences)
    words = [word for sentence in sentences for word in sentence.words]
    assert found.words == words
    assert len(found.guess) == len(found.gold) == len(found.unknown) == len(words)
    assert 0 <= found.accuracy() <= 1


def test_batches_of_answers_keep_the_order(tables, sentences):
    model = large3.new_tagger("双方向 32", tables, seed=0)
    many = large3.answer(model, tables, [*sentences] * 5).guess  # 300 文は 2 バッチになる
    assert torch.equal(many, large3.answer(model, tables, sentences).guess.repeat(5))


def test_corrected_words_are_counted():
    tables = large3.Tables(Vocabulary(["to"]), ["ADP", "PART"])
    gold = torch.tensor([1, 1, 0, 1])
    words, following = ["to", "to", "To", "so"], ["go", "sit", "me", "be"]

    def answers(guess):
        return large3.Answers(words, following, torch.tensor(guess), gold, gold == 9)

    one_way, two_way = answers([0, 0, 1, 1]), answers([1, 1, 0, 0])
    assert large3.corrected(one_way, two_way, tables) == [
        ("to", "go", "ADP", "PART", 2),
        ("to", "me", "PART", "ADP", 1),
    ]
    assert large3.corrected(two_way, one_way, tables) == [("so", "be", "ADP", "PART", 1)]
    pairs = large3.corrected_pairs(one_way, two_way, tables)
    assert pairs == {"ADP → PART": 2, "PART → ADP": 1}


def test_unseen_words_and_tags():
    tables = large3.Tables.build([Sentence(("Go", "go", "once"), ("VERB", "VERB", "ADV"))])
    assert tables.encode(Sentence(("GO", "twice"), ("VERB", "X"))) == ([2, UNK], [1, IGNORE])


def test_most_frequent_tags_ignores_the_context():
    train = [Sentence(("to", "to", "to"), ("ADP", "ADP", "PART"))]
    sentences = [Sentence(("To", "dog", "to"), ("ADP", "NOUN", "PART"))]
    assert large3.most_frequent_tags(train, sentences) == pytest.approx(2 / 3)


def test_one_way_model_cannot_beat_the_bound():
    score, n = large3.made_language(bidirectional=False, seed=0, epochs=1)
    limit = float(tasks.best_one_way_accuracy())
    assert n == 4000 * 11
    assert score < limit + 5 * (limit * (1 - limit) / n) ** 0.5


# --- 4 系列長 -------------------------------------------------------------------


@pytest.mark.parametrize("name", large4.MODELS)
def test_trials_of_every_model(name):
    found = large4.trial(name, length=4, seed=0, limit=3, fixed=2)
    assert (found.model, found.length, found.updates) == (name, 4, None)
    assert 0 <= found.accuracy <= 1


def test_models_differ_only_in_what_they_say():
    plain, chrono = large4.lstm(50, seed=0), large4.chrono(50, seed=0)
    forget = large4.forgetting_less(50, seed=0)
    weights = [model.recurrent.weight_hh_l0 for model in (plain, chrono, forget)]
    assert torch.equal(weights[0], weights[1])
    assert torch.equal(weights[0], weights[2])
    bias = (forget.recurrent.bias_ih_l0 + forget.recurrent.bias_hh_l0)[32:64]
    assert torch.equal(bias, torch.ones(32))


def test_early_success_counts_as_right_later():
    found = large4.trial("GRU", length=3, seed=0, limit=300, fixed=299)
    assert found.updates is not None
    assert found.accuracy == 1


@pytest.mark.parametrize(
    ("updates", "result"),
    [([10, 30, 20], (20, False)), ([10, None, 20], (20, False)), ([None, 10, None], (100, True))],
)
def test_median_of_censored_trials(updates, result):
    trials = [large4.Trial("LSTM", 10, s, 1e-2, n, 0.5) for s, n in enumerate(updates)]
    assert large4.median_updates(trials, limit=100) == result


# --- 5 IMDb ---------------------------------------------------------------------


@pytest.fixture
def vectors():
    words = ("film", "good", "bad", "the")
    values = torch.randn(4, 6, generator=generator(0))
    return WordVectors(words, values, Source("builtin", "単語ベクトル", "作りもの"))


@pytest.fixture
def data(vectors):
    reviews = builtin.reviews(40, generator(0))
    return large5.prepare({"train": reviews, "validation": reviews}, vectors)


def test_attention_weights_sum_to_one_inside():
    with seeded(0):
        pooling = large5.AttentionPooling(3)
    output, lengths = torch.randn(2, 5, 3, generator=generator(0)), torch.tensor([5, 2])
    weights = pooling.weights(output, lengths)
    assert torch.allclose(weights.sum(dim=1), torch.ones(2))
    assert torch.equal(weights[1, 2:], torch.zeros(3))
    assert (weights[1, :2] > 0).all()
    assert torch.allclose(
        pooling(output, output[:, -1], lengths)[1], weights[1, :2] @ output[1, :2]
    )


def test_gradients_of_attention_are_finite():
    pooling = large5.AttentionPooling(3)
    output = torch.randn(2, 5, 3, requires_grad=True)
    pooling(output, output[:, -1], torch.tensor([5, 1])).sum().backward()
    assert output.grad.isfinite().all()
    assert torch.equal(output.grad[1, 1:], torch.zeros(4, 3))


@pytest.mark.parametrize("name", large5.CHANGES)
def test_padding_does_not_change_the_logits(name, data):
    model = large5.build(large5.combined(large5.Recipe(), [name]), data, seed=0).eval()
    ids = torch.tensor([[2, 3, 4]])
    padded = nn.functional.pad(ids, (0, 9), value=PAD)
    with torch.no_grad():
        difference = model(ids, torch.tensor([3])) - model(padded, torch.tensor([3]))
    assert difference.abs() < 1e-5


def test_changes_are_combined_in_order():
    recipe = large5.combined(large5.Recipe(), ["最終状態", "1 層、64 次元", "注意機構"])
    assert recipe.pooling is large5.AttentionPooling
    assert recipe.hidden_size == 64
    assert recipe.max_length == large5.Recipe().max_length


def test_only_helpful_changes_are_chosen():
    """平均が、出発点の平均でなく、いちばん良い種を上回ったものだけ。"""
    accuracies = {"出発点": [0.5, 0.7], "A": [0.9, 0.7], "B": [0.6, 0.68], "C": [0.7, 0.72]}
    rows = {name: [{"accuracy": each} for each in row] for name, row in accuracies.items()}
    assert large5.chosen_from(rows) == ["C", "A"]


def test_vectors_are_copied_in_the_order_of_the_vocabulary(vectors):
    vocabulary = Vocabulary(["good", "unheard", "film"])
    rows = large5.embedding_rows(vocabulary, vectors, generator(0))
    assert torch.equal(rows[PAD], torch.zeros(6))
    assert torch.equal(rows[2], vectors.values[1])
    assert torch.equal(rows[4], vectors.values[0])
    assert rows[3].abs().min() > 0


@pytest.mark.parametrize(("use", "moves"), [("固定", False), ("初期値", True)])
def test_fixed_vectors_do_not_move(use, moves, data):
    recipe = large5.Recipe(vectors=use, hidden_size=4, max_length=10)
    start = large5.build(recipe, data, seed=0).embedding.weight.clone()
    model, run = large5.train(recipe, data, seed=0, epochs=1, batch_size=10)
    assert torch.equal(model.embedding.weight, start) != moves
    assert torch.equal(model.embedding.weight[PAD], torch.zeros(6))
    assert run["parameters"] == count_parameters(model)


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_dropping_words_keeps_order_and_one_word(rate):
    rng = generator(0)
    for length in (1, 2, 30):
        ids = torch.arange(2, 2 + length)
        kept = large5.drop_words(ids, rate, rng)
        assert len(kept) >= 1
        assert set(kept.tolist()) <= set(ids.tolist())
        assert torch.equal(kept, kept.sort().values)
        assert rate > 0 or torch.equal(kept, ids)


def test_augmentation_leaves_the_labels():
    tokens = [["good"] * n for n in range(1, 9)]
    labels = [n % 2 for n in range(1, 9)]
    reviews = EncodedReviews(tokens, labels, Vocabulary(["good"]), max_length=9)
    loader = large5.training_batches(reviews, 1, 0.5, generator(0))
    epochs = [[(lengths.item(), label.item()) for _, lengths, label in loader] for _ in range(2)]
    for pairs in epochs:
        assert sorted(label for _, label in pairs) == sorted(labels)
        assert all(length >= 1 for length, _ in pairs)
    assert sorted(epochs[0]) != sorted(epochs[1])


def test_logits_are_in_the_order_of_the_reviews():
    with seeded(0):
        model = SentimentClassifier(9, 3, nn.LSTM(3, 2, batch_first=True), MaxPooling(), 0.5)
    reviews = EncodedReviews(
        [["a", "b", "c"], ["b"], ["c", "a"]], [0, 1, 0], Vocabulary(["a", "b", "c"]), max_length=9
    )
    found = large5.logits(model, reviews)
    for i in range(3):
        with torch.no_grad():
            alone = model(reviews.ids[i][None], torch.tensor([len(reviews.ids[i])]))
        assert torch.allclose(found[i], alone[0], atol=1e-6)


def test_ensemble_averages_the_logits():
    members = [torch.tensor([4.0, -1.0]), torch.tensor([-1.0, -3.0]), torch.tensor([-2.0, 1.0])]
    assert torch.allclose(large5.ensemble(members), torch.tensor([1 / 3, -1.0]))
    assert large5.growth(members, [1, 0]) == [1.0, 1.0, 1.0]
    assert large5.growth(members[1:], [1, 0]) == [0.5, 0.5]


def test_examples_are_right_now_or_wrong_still():
    reviews = builtin.reviews(4, generator(0))
    sign = torch.tensor(reviews.labels) * 2.0 - 1
    before = sign * torch.tensor([-1.0, -1.0, 1.0, 1.0])
    after = sign * torch.tensor([2.0, -3.0, -4.0, 5.0])
    found = large5.examples(before, after, reviews)
    assert [row["logit"] for row in found["直った誤り"]] == [after[0].item()]
    assert [row["logit"] for row in found["残る誤り"]] == [after[2].item(), after[1].item()]


def test_mixed_models_have_the_same_weight():
    """得点の大きさが違っても、同じ重みで平均する。尺度は検証だけから決める。"""
    small = {"validation": torch.tensor([-1.0, 1.0]), "test": torch.tensor([3.0])}
    large = {"validation": torch.tensor([-10.0, 10.0]), "test": torch.tensor([-10.0])}
    found = large5.mixed([small, large])["test"]
    assert torch.allclose(found * 2**0.5, torch.tensor([1.0]))


def test_nbsvm_scores_have_the_sign_of_the_answer(vectors):
    reviews = builtin.reviews(60, generator(0))
    data = large5.prepare(dict.fromkeys(("train", "validation", "test"), reviews), vectors)
    scores = large5.nbsvm_scores(data)
    assert large5.accuracy(scores["test"], reviews.labels) > 0.95
    assert torch.equal(scores["validation"], scores["test"])


def test_experiment_runs_on_made_reviews(vectors, monkeypatch):
    quick = {"vectors": "初期値", "hidden_size": 4}
    monkeypatch.setattr(large5, "CHANGES", {"小さく": quick, "語を落とす": {"word_dropout": 0.2}})
    monkeypatch.setattr(large5, "TRIAL", large5.Recipe(hidden_size=4, layers=1))
    settings = large5.Settings(seeds=(0, 1), members=(0, 1), small=30, epochs=1, chosen=("小さく",))
    reviews, test = builtin.reviews(60, generator(0)), builtin.reviews(20, generator(1))
    rows = large5.explored(reviews, vectors, settings)
    assert rows.keys() == {"出発点", "小さく", "語を落とす"}
    found = large5.finished(reviews, test, vectors, settings)
    assert len(found["growth"]) == len(found["each"]["test"]) == 2
    assert found["final"].keys() == {"LSTM の平均", "NB-SVM", "LSTM の平均と NB-SVM"}
    json.dumps([rows, found], allow_nan=False)


def test_best_epoch_is_kept(data, monkeypatch):
    """検証の精度がいちばん高かったエポックの重みに戻っている。"""
    model, run = large5.train(large5.Recipe(hidden_size=4), data, seed=0, epochs=3, batch_size=10)
    reviews = data.encoded("validation", 400)
    assert run["accuracy"] == pytest.approx(
        large5.accuracy(large5.logits(model, reviews), data.labels["validation"])
    )


def test_real_data_are_required(monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DATA", raising=False)
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
    monkeypatch.setenv("LSTM_TEXT_CACHE", "どこにもない")
    with pytest.raises(NotHere, match="本物の IMDb が必要です"):
        large5.run({"step": "explore"}, large5.Settings())


# --- 5 言い換え -----------------------------------------------------------------


def test_leaning_words_point_to_the_label():
    tokens, labels = [["good", "film"], ["good"], ["bad", "film"], ["bad", "bad"]], [1, 1, 0, 0]
    vocabulary = Vocabulary(["good", "bad", "film"])
    lean = large5_paraphrase.leaning(EncodedReviews(tokens, labels, vocabulary, 9), 5)
    assert torch.allclose(lean[2:], torch.tensor([3.0, 1 / 3, 1.0]).log())


def test_nearest_word_is_another_known_word_of_the_same_leaning():
    """0 と 1 はほぼ同じ向きだが評価が逆、2 はその次に近い。3 は替えられない語、4 は反対の向き。"""
    vectors = torch.tensor([[1.0, 0.0], [0.99, 0.1], [0.9, 0.5], [1.0, 0.01], [-1.0, 0.0]])
    usable = torch.tensor([True, True, True, False, True])
    lean = torch.tensor([2.0, -2.0, 2.0, 2.0, 0.0])
    free = large5_paraphrase.nearest(vectors, usable, lean, float("inf"))
    assert free.tolist() == [1, 0, 1, 3, 4]
    held = large5_paraphrase.nearest(vectors, usable, lean, 0.5)
    assert held.tolist() == [2, 1, 0, 3, 4]


def test_only_training_reviews_are_paraphrased(data):
    near = (torch.arange(len(data.vocabulary)) + 1) % len(data.vocabulary)
    changed = large5_paraphrase.ParaphrasedData(**vars(data), near=near, rate=0.3, seed=1)
    plain, found = data.encoded("train", 50), changed.encoded("train", 50)
    moved = total = 0
    for i in range(len(plain)):
        (before, label), (after, same_label) = plain[i], found[i]
        assert label == same_label and len(before) == len(after)
        different = before != after
        assert torch.equal(after[different], near[before[different]])
        moved, total = moved + int(different.sum()), total + len(before)
    # 割合 0.3 の 5σ
    assert abs(moved / total - 0.3) < 5 * (0.3 * 0.7 / total) ** 0.5
    assert not torch.equal(found[0][0], found[0][0])  # 読むたびに替え方が違う
    kept, validation = data.encoded("validation", 50), changed.encoded("validation", 50)
    assert all(torch.equal(kept[i][0], validation[i][0]) for i in range(len(kept)))


def test_special_marks_are_never_replaced(data):
    near = large5_paraphrase.neighbours(data, float("inf"))
    assert near[: UNK + 1].tolist() == list(range(UNK + 1))
    known = {"film", "good", "bad", "the"}
    words = data.vocabulary.tokens
    moved = [i for i, j in enumerate(near.tolist()) if i != j]
    assert all({words[i], words[near[i]]} <= known for i in moved)


def test_the_finish_of_exercise_5_keeps_every_answer_and_ignores_padding(vectors):
    reviews = builtin.reviews(40, generator(0))
    data = large5.prepare(dict.fromkeys(("train", "validation", "test"), reviews), vectors)
    settings = large5_rival.Settings(epochs=1)
    found = large5_rival.finish(data, large5_rival.rival_scores(data), 0, settings)
    assert found["padding"] < 1e-5
    for answer in found["answers"].values():
        assert records.unpack(answer["right"], 40).mean() == pytest.approx(answer["test"])
    json.dumps(found)


# --- 記録 -----------------------------------------------------------------------


RECORDED = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        large2,
        large3,
        large4,
        large4_between,
        large5,
        large5_paraphrase,
        large5_rival,
    )
}


@pytest.mark.parametrize("exercise", RECORDED.values(), ids=RECORDED)
def test_records_have_every_unit_and_the_settings(exercise):
    found = record.read(exercise.__name__.split(".")[-1])
    settings = exercise.Settings()
    assert [result["unit"] for result in found.results] == exercise.units(settings)
    assert found.settings == json.loads(json.dumps(asdict(settings)))


@pytest.mark.parametrize("name", RECORDED)
def test_a_record_is_checked_against_the_code_of_its_exercise(name):
    found = record.read(name)
    assert not record.is_stale(found)
    assert record.is_stale(replace(found, code="0" * 16))
    other = "large2" if name != "large2" else "large4"
    assert record.is_stale(replace(found, name=other))


def test_the_text_of_exercise_2_agrees_with_the_record():
    rows = record.read("large2").values(task="adding")
    assert max(rows["GRU（次元が同じ）"]["updates"]) < min(rows["LSTM"]["updates"])
    assert max(rows["GRU（数が同じ）"]["updates"]) < min(rows["LSTM"]["updates"])


def test_the_text_of_exercise_3_agrees_with_the_record():
    """次の 1 語で双方向の得の半分より多くが手に入り、窓を広げても双方向には届かない。"""
    dev = {r["unit"]["model"]: r["values"]["dev"] for r in record.read("large3").results}
    (lookup,) = dev.pop(large3.LOOKUP)
    assert min(map(min, dev.values())) > lookup
    one, two = mean(dev["単方向 64"]), mean(dev["双方向 64"])
    near = [mean(dev[f"単方向 64 と次の {k} 語"]) for k in (1, 2, 3)]
    assert (two - one) / 2 < near[0] - one == max(near) - one
    assert min(dev["単方向 64 と次の 1 語"]) > max(dev["単方向 64"])
    widest = max(max(dev[f"単方向 64 と次の {k} 語"]) for k in (1, 2, 3))
    assert widest < min(dev["双方向 32"])


def test_the_rival_of_exercise_5_is_the_one_of_the_contenders():
    (rival,) = records.read("imdb_contenders", BOOK / "records").select(model="3 語までの NB-SVM")
    for result in record.read("large5_rival").results:
        found = result["values"]
        assert found["rival"]["test"] == pytest.approx(rival["values"]["test"])
        assert found["padding"] < 1e-5
        for answer in found["answers"].values():
            assert records.unpack(answer["right"], 25_000).mean() == pytest.approx(answer["test"])


def test_the_gap_of_exercise_4_begins_between_10_and_50():
    results = record.read("large4_between").results
    trials = [large4.Trial(**row) for result in results for row in result["values"]["trials"]]
    settings = large4_between.Settings()

    def learned(model, length):
        return sum(t.updates is not None for t in large4.select(trials, model, length))

    seeds = len(settings.seeds)
    assert seeds == 5
    for length in settings.lengths[:-1]:
        assert learned("GRU", length) == learned("LSTM（chrono）", length) == seeds
    for model in ("LSTM", "LSTM（f = 1）"):
        assert all(2 * learned(model, length) > seeds for length in (15, 20))
        assert all(2 * learned(model, length) < seeds for length in (25, 30, 40, 50))
    assert learned("GRU", 50) == 0
    assert learned("LSTM（chrono）", 50) == seeds


def test_the_text_of_exercise_4_agrees_with_the_record():
    trials = [large4.Trial(**row) for row in record.read("large4").values(task="recall")["trials"]]

    def updates(model, length, lr=1e-2):
        return [t.updates for t in large4.select(trials, model, length, lr)]

    assert all(None not in updates(model, 10) for model in large4.MODELS)
    assert all(t.accuracy == 1 for t in trials if t.length == 10 and t.lr == 1e-2)
    assert max(updates("GRU", 10)) < min(updates("LSTM", 10))
    assert max(updates("LSTM（f = 1）", 10)) < min(updates("LSTM", 10))
    for length in (50, 100, 200):
        for model in ("LSTM", "GRU", "LSTM（f = 1）"):
            assert updates(model, length) == [None] * 3
        assert None not in updates("LSTM（chrono）", length)
        assert all(t.accuracy == 1 for t in large4.select(trials, "LSTM（chrono）", length))
    assert None not in updates("LSTM（chrono）", 50, 1e-3)
    assert updates("LSTM", 50, 1e-3) == updates("GRU", 50, 1e-3) == [None] * 3
    for model in ("LSTM", "GRU", "LSTM（chrono）"):
        assert median(updates(model, 10, 1e-3)) > median(updates(model, 10))
    assert min(updates("LSTM", 10, 1e-3)) < max(updates("GRU", 10, 1e-3))


def test_the_text_of_exercise_5_agrees_with_the_record():
    """検証で選んだモデルは、出発点より 2 ポイント上だが、いちばん強い相手には届いていない。"""
    stored = record.read("large5")
    explored, found = stored.values(step="explore"), stored.values(step="finish")
    assert list(stored.settings["chosen"]) == large5.chosen_from(explored) == ["GloVe（初期値）"]
    means = {name: mean(run["accuracy"] for run in runs) for name, runs in explored.items()}
    assert means["GloVe（固定）"] < means["出発点"] - 0.05
    assert found["test"] == 25_000
    start = records.read("imdb_chapter", BOOK / "records").results[0]["values"]["test"]["accuracy"]
    gains = {name: score["test"] - start for name, score in found["final"].items()}
    best = max(found["final"], key=lambda name: found["final"][name]["validation"])
    assert best == "LSTM の平均と NB-SVM"
    assert gains[best] > gains["NB-SVM"] > 0.02 > gains["LSTM の平均"] > 0
    assert gains[best] - gains["NB-SVM"] < 2 * (start * (1 - start) / found["test"]) ** 0.5
    contenders = records.read("imdb_contenders", BOOK / "records")
    (rival,) = contenders.select(model="3 語までの NB-SVM")
    assert found["final"][best]["test"] < rival["values"]["test"]
    ladder = records.read("imdb_ladder", BOOK / "records")
    for run in ladder.select(rung="長さを守る LSTM"):  # IMDb の章を写すだけでは届かない
        assert run["values"]["test"] < rival["values"]["test"]
    assert found["growth"][1] > found["growth"][0]
    assert {name: len(rows) for name, rows in found["examples"].items()} == {
        "直った誤り": 5,
        "残る誤り": 5,
    }


def test_the_paraphrases_of_exercise_5_did_not_help():
    """平均は出発点より低いが、種の揺れより小さい差。近い語に替えると、否定は消える。"""
    start = [run["accuracy"] for run in record.read("large5").values(step="explore")["出発点"]]
    found = record.read("large5_paraphrase")
    for way in large5_paraphrase.WAYS:
        rows = found.values(way=way)
        drop = mean(start) - mean(run["accuracy"] for run in rows["runs"])
        assert 0 < drop < max(start) - min(start)
        assert rows["swapped"]["not"] == "be"
    same = ("small", "epochs", "seeds")
    settings = (found.settings, record.read("large5").settings)
    assert [settings[0][name] for name in same] == [settings[1][name] for name in same]


# --- 本 -------------------------------------------------------------------------

INDEX = """# 試し

```{large-answer} 1
```

```{toctree}
solutions_large
```
"""


def test_every_large_exercise_has_its_answer():
    exercises = (BOOK / "13_exercises.md").read_text(encoding="utf-8")
    answers = (BOOK / "solutions_large.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^\(ex-large-(\d)\)=$", exercises, re.MULTILINE)
    assert numbers == list("12345")
    assert re.findall(r"^```\{large-answer\} (\d)$", exercises, re.MULTILINE) == numbers
    assert re.findall(r"^\(answer-large-(\d)\)=$", answers, re.MULTILINE) == numbers


@pytest.mark.parametrize("edition", [[], ["-t", "nosolutions"]], ids=["full", "nosolutions"])
def test_only_the_full_edition_holds_the_answers(edition, tmp_path):
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text(INDEX, encoding="utf-8")
    page = "(answer-large-1)=\n# 演習 1 の解答例\n"
    (tmp_path / "book/solutions_large.md").write_text(page, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", *edition]
    done = subprocess.run(
        [*command, "-d", tmp_path / "doctrees", tmp_path / "book", tmp_path / "html"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    index = (tmp_path / "html/index.html").read_text(encoding="utf-8")
    full = not edition
    assert ("解答例" in index) == ("large1.py" in index) == full
    assert (tmp_path / "html/solutions_large.html").exists() == full
