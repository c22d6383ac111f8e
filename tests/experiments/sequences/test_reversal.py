"""reversal：正解の数え方、測る長さ、種ごとの並び。"""

import pytest
import torch

from lstm_text.experiments.sequences import reversal
from lstm_text.experiments.sequences.reversal import Settings, by_place, exact, run, train, units
from lstm_text.models import AttentiveSeq2Seq, Seq2Seq
from lstm_text.tasks import reversed_digits

TINY = Settings(
    seeds=(0, 5), trials=(("最後の状態", 8), ("注意機構", 6)), longest=4, tested=6, samples=20,
    shown=(2, 6), embedding_dim=3, batch_size=8, updates=3,
)  # fmt: skip


class Answering(torch.nn.Module):
    """決まった答えを書くモデル。"""

    with_end = Seq2Seq.with_end
    end = 11

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    def answer(self, source, lengths, longest):
        return self.answers[:, :longest]

    def forward(self, source, lengths, target):
        return torch.nn.functional.one_hot(self.answers, 12).float()


def test_an_answer_counts_only_when_every_symbol_and_the_end_are_right():
    target = torch.tensor([[3, 2], [3, 2], [3, 2], [3, 2], [4, 0], [4, 0]])
    answers = torch.tensor([[3, 2, 11], [3, 1, 11], [3, 2, 5], [3, 11, 0], [4, 11, 0], [4, 4, 11]])
    assert exact(Answering(answers), None, None, target) == pytest.approx(2 / 6)


def test_the_places_are_counted_one_by_one_with_the_end():
    target = torch.tensor([[3, 2], [4, 5], [6, 6], [1, 2]])
    answers = torch.tensor([[3, 2, 11], [4, 1, 11], [6, 1, 2], [2, 2, 11]])
    assert by_place(Answering(answers), None, None, target) == [0.75, 0.5, 0.75]


def test_the_run_is_that_of_models_trained_alone():
    for unit in units(TINY):
        values = run(unit, TINY)
        rows = {row["length"]: row["accuracy"] for row in values["by_length"]}
        assert list(rows) == [1, 2, 3, 4, 5, 6]
        assert (values["length_2"], values["length_6"]) == (rows[2], rows[6])
        assert [row["place"] for row in values["by_place"]] == [1, 2, 3, 4, 5]
        for k, seed in enumerate(TINY.seeds):
            model = train(unit["model"], unit["hidden"], seed, TINY)
            assert sum(p.numel() for p in model.parameters()) == values["parameters"]
            for length, accuracy in rows.items():
                test = reversal._test(TINY, length)
                assert set(test[1].tolist()) == {length}
                assert accuracy[k] == pytest.approx(exact(model, *test), abs=1e-6)


def test_the_two_models_of_one_seed_read_the_same_series(monkeypatch):
    seen = []

    def remember(*arguments, **named):
        seen.append(reversed_digits(*arguments, **named))
        return seen[-1]

    monkeypatch.setattr(reversal, "reversed_digits", remember)
    for model in ("最後の状態", "注意機構"):
        train(model, 4, 7, TINY)
    half = TINY.updates
    for one, other in zip(seen[:half], seen[half:], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert not torch.equal(seen[0][0], seen[1][0])


def test_training_lowers_the_loss():
    settings = Settings(longest=3, updates=150, batch_size=32, embedding_dim=8, lr=2e-2)
    test = reversal._test(settings, 3)
    for kind, model in (("最後の状態", Seq2Seq), ("注意機構", AttentiveSeq2Seq)):
        trained = train(kind, 24, 0, settings)
        assert type(trained) is model
        with torch.no_grad():
            assert trained.loss(*test) < 1.5  # 学ぶ前は log 12 = 2.5
