"""explain：語の影響、読める色と文字、精度と確信度の表。"""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from lstm_text.imdb import (
    LENGTH_EDGES,
    Explanation,
    Shape,
    build_classifier,
    calibration,
    calibration_error,
    count_negations,
    gradient_times_input,
    group_accuracy,
    occlusion,
)
from lstm_text.text import Vocabulary

VOCABULARY = Vocabulary(["good", "bad", "film", "not", "n't"])


@pytest.fixture
def reader():
    model = build_classifier(torch.ones(len(VOCABULARY)), Shape(6, 4, pooling="mean"), seed=0)
    return model.double()


class LinearReader(nn.Module):
    """影響が手で計算できる読み手：埋め込みの和の 1 番目がロジット。"""

    def __init__(self, values):
        super().__init__()
        self.table = nn.Parameter(torch.tensor(values)[:, None])

    def embed(self, ids):
        return self.table[ids]

    def read(self, vectors, lengths):
        return vectors.sum(dim=(1, 2))

    def forward(self, ids, lengths):
        return self.read(self.embed(ids), lengths)


@pytest.mark.parametrize("method", [gradient_times_input, occlusion])
def test_linear_reader_is_explained_exactly(method):
    linear = LinearReader([0.0, 0.0, 2.0, -3.0, 0.5, -1.0, -1.0])
    explanation = method(linear, VOCABULARY, ["good", "bad", "film", "zzz"])
    assert explanation.influence == (2.0, -3.0, 0.5, 0.0)
    assert explanation.probability == pytest.approx(torch.tensor(-0.5).sigmoid().item())
    assert explanation.strongest(2) == [("bad", -3.0), ("good", 2.0)]


def test_occlusion_is_replacing_one_word_at_a_time(reader):
    tokens = ["not", "good", "film", "!"]
    reader.eval()

    def logit(words):
        return reader(torch.tensor([VOCABULARY.encode(words)]), torch.tensor([4])).item()

    explanation = occlusion(reader, VOCABULARY, tokens)
    for i, value in enumerate(explanation.influence):
        without = [*tokens[:i], "zzz", *tokens[i + 1 :]]
        assert value == pytest.approx(logit(tokens) - logit(without), abs=1e-9)


def test_gradient_times_input_is_the_slope_towards_nothing(reader):
    explanation = gradient_times_input(reader, VOCABULARY, ["bad", "film"])
    ids, lengths = torch.tensor([VOCABULARY.encode(["bad", "film"])]), torch.tensor([2])
    vectors, h = reader.eval().embed(ids), 1e-6
    for i in range(2):
        shrunk = vectors.clone()
        shrunk[0, i] *= 1 - h
        slope = (reader.read(vectors, lengths) - reader.read(shrunk, lengths)).item() / h
        assert explanation.influence[i] == pytest.approx(slope, rel=1e-3)


@pytest.mark.parametrize("method", [gradient_times_input, occlusion])
def test_the_model_is_left_as_it_was(reader, method):
    reader.train()
    first, second = (method(reader, VOCABULARY, ["good", "film"]) for _ in range(2))
    assert first == second and reader.training
    assert all(p.grad is None for p in reader.parameters())
    with pytest.raises(ValueError, match="語を 1 つ以上"):
        method(reader, VOCABULARY, [])


class Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


class TestHtml:
    explanation = Explanation(("<good>", "&", "bad\x00", "film"), (1.0, 0.0, -0.6, 0.05), 0.9)

    def test_is_balanced_escaped_and_reads_aloud(self):
        page, checker = self.explanation.to_html(), Checker()
        checker.feed(page)
        assert not checker.open
        answer = "答えは肯定、確信度 90.0 %。"
        assert checker.text == answer + "<good>（肯定へ） & bad\ufffd（否定へ） film"
        assert "\x00" not in page
        ElementTree.fromstring(page)  # EPUB のページは XML

    def test_not_by_colour_alone(self):
        page = self.explanation.to_html()
        assert "underline solid" in page and "underline dotted" in page

    @pytest.mark.parametrize("text, ground", [((33, 37, 41), (255, 255, 255)),
                                              ((206, 214, 221), (20, 24, 31))])  # fmt: skip
    def test_letters_are_legible_in_light_and_dark(self, text, ground):
        """いちばん濃い下地でも、本文の色との明るさの比が 4.5 以上（WCAG AA）。"""
        for red, green, blue, alpha in re.findall(
            r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)",
            Explanation(("a", "b"), (1.0, -1.0), 0.5).to_html(),
        ):
            a = float(alpha)
            mixed = [
                a * int(c) + (1 - a) * g for c, g in zip((red, green, blue), ground, strict=True)
            ]
            bright, dark = sorted((luminance(mixed), luminance(text)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5

    def test_nothing_moved_it(self):
        assert Explanation(("a",), (0.0,), 0.5).to_html().endswith(">a</span></p>")


def luminance(colour):
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_review_is_in_exactly_one_group():
    values = torch.tensor([0, 4, 5, 5, 99])
    rows = group_accuracy(torch.tensor([1, 0, 1, 1, 0]).bool(), values, [0, 5, 50])
    assert [(r["from"], r["to"], r["count"], r["accuracy"]) for r in rows] == [
        (0, 5, 2, 0.5), (5, 50, 2, 1.0), (50, None, 1, 0.0)
    ]  # fmt: skip


def test_a_calibrated_model_has_no_error():
    probability = torch.tensor([0.75] * 400 + [0.25] * 400)
    labels = torch.tensor([1] * 300 + [0] * 100 + [0] * 300 + [1] * 100)
    rows = calibration(probability, labels)
    assert [(row["count"], row["accuracy"], row["confidence"]) for row in rows] == [
        (800, 0.75, 0.75)
    ]
    assert calibration_error(rows) == 0
    assert sum(row["count"] for row in calibration(torch.tensor([0.0, 1.0]), labels[:2])) == 2


def test_negations():
    ids = torch.tensor(VOCABULARY.encode(["not", "good", "n't", "zzz", "not"]), dtype=torch.int32)
    assert count_negations(ids, VOCABULARY) == 3


def test_every_review_is_in_exactly_one_length_bin():
    lengths = torch.tensor([1, 99, 100, 399, 400, 5000])
    rows = group_accuracy(torch.tensor([True] * 6), lengths, LENGTH_EDGES)
    counts = [(row["from"], row["count"]) for row in rows]
    assert counts == [(0, 2), (100, 1), (200, 1), (400, 1), (800, 1)]
    assert all(row["accuracy"] == 1 and row["error"] == 0 for row in rows)


def test_an_edge_at_zero_ends_its_bin():
    """右の端が 0 の区間は、0 から先を含まない。"""
    values = torch.tensor([-2.0, -1.0, 0.0, 3.0])
    rows = group_accuracy(torch.tensor([True, False, True, True]), values, (-5, 0, 2))
    assert [(row["from"], row["to"], row["count"]) for row in rows] == [
        (-5, 0, 2),
        (0, 2, 1),
        (2, None, 1),
    ]
