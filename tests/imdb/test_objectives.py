"""objectives：雑音の大きさ、向き、パディング、勾配の止め方。"""

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from lstm_text import PAD
from lstm_text.imdb import (
    Adversarial,
    Shape,
    Supervised,
    VirtualAdversarial,
    build_classifier,
    divergence,
    perturbation,
)

IDS = torch.tensor([[2, 3, 4, 5], [6, 1, PAD, PAD], [2, PAD, PAD, PAD]])
LENGTHS = torch.tensor([4, 2, 1])
LABELS = torch.tensor([1.0, 0.0, 1.0])
BATCH = (IDS, LENGTHS, LABELS)


def reader(dropout=0.0, pooling="mean"):
    shape = Shape(5, 4, pooling=pooling, locked_dropout=dropout, dropout=dropout)
    return build_classifier(torch.arange(7.0), shape, seed=0).double()


def steps(objective, model, batch=BATCH):
    """訓練のループと同じに進め、損失と、read に渡されたベクトルを返す。"""
    seen, original = [], model.read
    model.read = lambda vectors, lengths: seen.append(vectors) or original(vectors, lengths)
    losses = []
    for loss in objective.losses(model, *batch):
        (loss / objective.count(*batch)).backward()
        losses.append(loss.item())
    del model.read
    return losses, seen


class TestPerturbation:
    @pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30])
    @pytest.mark.parametrize("epsilon", [0.1, 5.0])
    def test_norm_is_exactly_epsilon_for_each_sequence(self, scale, epsilon):
        direction = torch.randn(4, 7, 5, generator=torch.Generator().manual_seed(0)) * scale
        r = perturbation(direction, epsilon)
        assert torch.allclose(r.norm(dim=(1, 2)), torch.full((4,), epsilon), rtol=1e-5)
        cosine = torch.cosine_similarity(r.flatten(1), (direction / scale).flatten(1))
        assert torch.allclose(cosine, torch.ones(4), atol=1e-5)

    @pytest.mark.parametrize("flush", [True, False])
    def test_no_direction_gives_no_noise(self, flush):
        torch.set_flush_denormal(flush)  # 非正規化数を 0 とみなすと、0 で割ることになりやすい
        for dtype in (torch.float32, torch.float64):
            assert (perturbation(torch.zeros(2, 3, 4, dtype=dtype), 5.0) == 0).all()
        torch.set_flush_denormal(False)

    def test_gradient_is_blocked(self):
        direction = torch.ones(1, 2, 3, requires_grad=True)
        assert not perturbation(direction, 1.0).requires_grad


@pytest.mark.parametrize("make", [Adversarial, VirtualAdversarial])
class TestMoved:
    def test_norm_and_padding(self, make):
        model = reader()
        _, seen = steps(make(0.7), model)
        noise = (seen[-1] - model.embed(IDS)).detach()
        assert torch.allclose(noise.norm(dim=(1, 2)), torch.full((3,), 0.7).double(), rtol=1e-5)
        assert (noise[IDS == PAD] == 0).all()
        assert not seen[-1].requires_grad or seen[-1].is_leaf  # 雑音の作り方に勾配は通らない

    def test_same_masks_for_both_passes(self, make):
        """ε がほぼ 0 なら、ドロップアウトがあっても、2 つの答えは同じになる。"""
        torch.manual_seed(0)
        losses, _ = steps(make(1e-9), reader(dropout=0.5))
        assert losses[1] == pytest.approx(losses[0] if make is Adversarial else 0.0, abs=1e-7)

    def test_gradient_is_that_of_the_written_loss(self, make):
        """順に出した損失の勾配は、雑音を定数として足した損失をまとめて微分したものに等しい。"""
        model = reader()
        torch.manual_seed(0)
        _, seen = steps(make(0.7), model)
        got = {name: p.grad.clone() for name, p in model.named_parameters()}
        noise = (seen[-1] - model.embed(IDS)).detach()
        model.zero_grad()
        vectors = model.embed(IDS)
        clean, moved = model.read(vectors, LENGTHS), model.read(vectors + noise, LENGTHS)
        loss = binary_cross_entropy_with_logits(clean, LABELS)
        if make is Adversarial:
            loss = loss + binary_cross_entropy_with_logits(moved, LABELS)
        else:
            loss = loss + divergence(clean.detach(), moved).mean()
        loss.backward()
        for name, p in model.named_parameters():
            assert torch.allclose(got[name], p.grad, atol=1e-6), name


def test_adversarial_noise_raises_the_loss_more_than_random_noise():
    model = reader()
    (clean, moved), seen = steps(Adversarial(0.5), model)
    g = torch.Generator().manual_seed(0)
    for _ in range(20):
        noise = torch.randn(seen[0].shape, generator=g, dtype=torch.float64)
        noise = perturbation(noise * (IDS != PAD).unsqueeze(-1), 0.5)
        other = binary_cross_entropy_with_logits(
            model.read(seen[0] + noise, LENGTHS), LABELS, reduction="sum"
        )
        assert moved > other.item()
    assert moved > clean


def test_virtual_noise_changes_the_answers_more_than_random_noise():
    model = reader()
    torch.manual_seed(0)
    (_, change), seen = steps(VirtualAdversarial(0.5), model)
    answers = model.read(seen[0], LENGTHS)
    g = torch.Generator().manual_seed(0)
    larger = 0
    for _ in range(20):
        noise = torch.randn(seen[0].shape, generator=g, dtype=torch.float64)
        noise = perturbation(noise * (IDS != PAD).unsqueeze(-1), 0.5)
        larger += divergence(answers, model.read(seen[0] + noise, LENGTHS)).sum().item() < change
    assert larger == 20


def test_virtual_learns_from_reviews_without_labels():
    model = reader()
    unknown = (IDS, LENGTHS, torch.full((3,), -1.0))
    (supervised, change), _ = steps(VirtualAdversarial(0.5), model, unknown)
    assert supervised == 0 and change > 0
    assert model.head.weight.grad.abs().sum() > 0


def test_unlabelled_reviews_add_nothing_to_the_supervised_loss():
    model = reader()
    whole = next(Supervised().losses(model, IDS, LENGTHS, torch.tensor([1.0, -1.0, 1.0])))
    rows = [0, 2]
    part = next(Supervised().losses(model, IDS[rows], LENGTHS[rows], LABELS[rows]))
    assert torch.allclose(whole, part)


def test_divergence_is_that_of_two_coins():
    a, b = torch.tensor([0.3, -2.0, 40.0]), torch.tensor([1.0, 3.0, -40.0])
    p = a.sigmoid()
    expected = p * (logsigmoid(a) - logsigmoid(b)) + (1 - p) * (logsigmoid(-a) - logsigmoid(-b))
    assert torch.allclose(divergence(a, b), expected)
    assert (divergence(a, b) > 0).all() and (divergence(a, a) == 0).all()
