"""prediction：番号にする、ミニバッチにする、1 つの文章の評価を当てる。"""

import pytest
import torch
from torch import nn

from lstm_text import PAD, UNK
from lstm_text.device import generator
from lstm_text.imdb import EncodedReviews, Prediction, predict, probabilities
from lstm_text.models import LastStatePooling, MaxPooling, MeanPooling, SentimentClassifier
from lstm_text.text import Vocabulary, evaluation_batches, padding_share, training_batches

VOCABULARY = Vocabulary(["a", "b", "good", "bad", "film"])
TOKENS = [["good", "film"], ["bad"], ["a", "b", "a", "zzz"], ["film", "a", "good"], ["b"]]
LABELS = [1, 0, 0, 1, 1]


@pytest.fixture
def model():
    torch.manual_seed(0)
    recurrent = nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True, dropout=0.5)
    return SentimentClassifier(len(VOCABULARY), 3, recurrent, MaxPooling(), dropout=0.5)


@pytest.fixture
def reviews():
    return EncodedReviews(TOKENS, LABELS, VOCABULARY, max_length=3)


def test_reviews_are_cut_and_unknown_words_are_not_pads():
    reviews = EncodedReviews(TOKENS, LABELS, VOCABULARY, max_length=4)
    ids, label = reviews[2]
    assert ids[-1] == UNK and UNK != PAD and label == 0.0
    assert EncodedReviews(TOKENS, LABELS, VOCABULARY, max_length=3).lengths == [2, 1, 3, 3, 1]


@pytest.mark.parametrize(
    ("tokens", "labels", "max_length", "message"),
    [
        (TOKENS, LABELS[:-1], 9, "5 件ですが、正解は 4 件"),
        (TOKENS, LABELS, 0, "1 以上の整数が必要ですが、0"),
        ([["a"], []], [0, 1], 9, "1 番のレビューにトークンがありません"),
    ],
)
def test_bad_reviews_are_told_in_japanese(tokens, labels, max_length, message):
    with pytest.raises(ValueError, match=message):
        EncodedReviews(tokens, labels, VOCABULARY, max_length)


def test_every_review_appears_once_an_epoch_with_its_label(reviews):
    batches = training_batches(reviews, 2, generator(0))
    for _ in range(2):
        seen = []
        for ids, lengths, labels in batches:
            for row, length, label in zip(ids, lengths, labels, strict=True):
                assert (row[length:] == PAD).all()
                seen.append((row[:length].tolist(), label.item()))
        expected = [(ids.tolist(), label) for ids, label in (reviews[i] for i in range(5))]
        assert sorted(seen) == sorted(expected)


def test_labels_are_float32_for_the_loss(reviews):
    _, _, labels = next(iter(training_batches(reviews, 5, generator(0))))
    assert labels.dtype == torch.float32


def test_evaluation_goes_from_short_to_long(reviews):
    widths = [ids.shape[1] for ids, _, _ in evaluation_batches(reviews, 2)]
    assert widths == [1, 3, 3]


@pytest.mark.parametrize("pooling", [MaxPooling, MeanPooling, LastStatePooling])
def test_adding_pads_does_not_change_a_logit(reviews, model, pooling):
    model.pooling = pooling()
    model.eval()
    for ids, lengths, _ in evaluation_batches(reviews, 5):
        longer = torch.cat([ids, torch.full((len(ids), 300), PAD)], dim=1)
        assert torch.equal(model(ids, lengths), model(longer, lengths))


def test_probabilities_come_back_in_the_order_of_the_reviews(reviews, model):
    got = probabilities(model, reviews)
    for i, tokens in enumerate(TOKENS):
        alone = predict(model, VOCABULARY, " ".join(tokens), max_length=3)
        assert got[i].item() == pytest.approx(alone.probability, abs=1e-6)


def test_prediction_leaves_the_training_mode_and_gradients_alone(reviews, model):
    model.train()
    first, second = (predict(model, VOCABULARY, "A good film!") for _ in range(2))
    assert first == second and model.training
    probabilities(model, reviews)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_prediction_reads_html_like_the_training_data(model):
    assert predict(model, VOCABULARY, "good<br /><br />film") == predict(
        model, VOCABULARY, "Good film"
    )


@pytest.mark.parametrize("text", ["", "  \n", "<br /><br />", "\x00"])
def test_an_empty_review_is_refused_in_japanese(model, text):
    with pytest.raises(ValueError, match="語を 1 つ以上含む文章が必要"):
        predict(model, VOCABULARY, text)


def test_a_review_that_is_not_text_is_refused_in_japanese(model):
    with pytest.raises(TypeError, match="文字列が必要ですが、list"):
        predict(model, VOCABULARY, ["good", "film"])


@pytest.mark.parametrize("text", ["zzz qqq", "名作だった", "😀😀", "очень хорошо"])
def test_unknown_words_only_give_an_answer_and_say_so(model, text):
    prediction = predict(model, VOCABULARY, text)
    assert 0 < prediction.probability < 1
    assert prediction.unknown == 1
    assert "語彙にない語 100%" in str(prediction)


def test_a_very_long_review_is_cut(model):
    text = "good film " * 50_000
    assert predict(model, VOCABULARY, text, max_length=20) == predict(
        model, VOCABULARY, "good film " * 10, max_length=20
    )


def test_confidence_is_that_of_the_answer():
    assert Prediction(0.2, 0.0).label == "否定"
    assert Prediction(0.2, 0.0).confidence == pytest.approx(0.8)
    assert Prediction(0.7, 0.0).label == "肯定"


def test_padding_share_of_equal_lengths_is_zero():
    assert padding_share([[3, 3], [5]]) == 0
    assert padding_share([[3, 1]]) == pytest.approx(2 / 6)
