"""students：先生の答えが、評価のないレビューの正解の代わりになる。"""

import pytest
import torch
from torch import nn

from lstm_text.experiments.imdb.students import answers, unlabelled, with_answers, with_validation
from lstm_text.imdb import Settings, TextOptions, load_data


class Judge(nn.Module):
    """最初の語の番号だけから答える、計算を手で追える先生。"""

    def __init__(self, scale):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, ids, lengths):
        return self.scale * (ids[:, 0].float() % 7 - 3)


@pytest.fixture(scope="module")
def data():
    return load_data(Settings(TextOptions(limit=40)))


def test_answers_stand_in_the_order_of_the_reviews(data, tmp_path):
    found = answers(Judge(0.5), unlabelled(data), tmp_path / "a.safetensors")
    assert len(found) == 40
    for ids, probability in zip(data.plain[1], found.tolist(), strict=True):
        z = torch.tensor(0.5 * (int(ids[0]) % 7 - 3))
        assert probability == pytest.approx(z.sigmoid().item(), abs=1e-6)


def test_unlabelled_reviews_have_no_answer(data):
    assert unlabelled(data).labels == data.everything.labels[36:] == [-1.0] * 40


def test_answers_are_made_once(data, tmp_path):
    path = tmp_path / "a.safetensors"
    first = answers(Judge(1.0), unlabelled(data), path)
    again = answers(Judge(9.0), unlabelled(data), path)
    assert torch.equal(first, again)


def test_answers_for_other_reviews_are_refused(data, tmp_path):
    path = tmp_path / "a.safetensors"
    answers(Judge(1.0), data.validation, path)
    with pytest.raises(ValueError, match="40 件の答えが必要ですが、4 件"):
        answers(Judge(1.0), unlabelled(data), path)


def test_a_broken_file_is_refused(data, tmp_path):
    path = tmp_path / "a.safetensors"
    answers(Judge(1.0), unlabelled(data), path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError):
        answers(Judge(1.0), unlabelled(data), path)


def test_only_the_training_part_grows(data):
    more = with_answers(data, torch.linspace(0, 1, 40))
    assert len(more.train) == 36 + 40
    for i in range(36):  # 本物の正解は、そのまま
        assert more.train[i][1] == data.train[i][1]
        assert torch.equal(more.train[i][0], data.train[i][0])
    for i, (ids, p) in enumerate(zip(data.plain[1], torch.linspace(0, 1, 40), strict=True)):
        assert more.train[36 + i][1] == pytest.approx(p.item())
        assert torch.equal(more.train[36 + i][0], ids[:400].long())
    assert more.validation is data.validation and more.test is data.test


def test_a_wrong_number_of_answers_is_refused(data):
    with pytest.raises(ValueError, match="正解は 39 件"):
        with_answers(data, torch.zeros(3))


def test_the_last_training_reads_every_labelled_review_once(data):
    everything = with_answers(with_validation(data), torch.linspace(0, 1, 40)).train
    assert len(everything) == 36 + 4 + 40
    parts = (data.train, data.validation, unlabelled(data))
    expected = [(ids[:400].tolist(), label) for part in parts for ids, label in part]
    for (ids, label), (same, answer) in zip(everything, expected[:40], strict=False):
        assert ids.tolist() == same and label == answer
    for (ids, _), (same, _) in zip(list(everything)[40:], expected[40:], strict=True):
        assert ids.tolist() == same
