"""many_seeds：横に並べて訓練しても、別々に訓練したときと同じになること。"""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lstm_text.device import generator
from lstm_text.experiments.races.contenders import CONTENDERS, build
from lstm_text.experiments.races.many_seeds import (
    ManySeeds,
    clip_gradients_,
    evaluate_together,
    fit_together,
    stacked,
)
from lstm_text.models import EveryStep, LastState
from lstm_text.tasks import adding, first_symbol, look_ahead_tags
from lstm_text.training import accuracy, tag_loss

SEEDS = (3, 1, 4)


def recall_models(name, num_layers=1):
    return [
        build(lambda layer: LastState(layer, 10), name, 10, 5, 8, seed, num_layers).double()
        for seed in SEEDS
    ]


def draw(g):
    x, y = first_symbol(7, 8, g)
    return x.double(), y


def adam(together, lr):
    return torch.optim.Adam(together.parameters(), lr)


def train_separately(models, clip, updates, lr):
    """1 つずつ、ふつうの Adam で訓練する。損失とノルムを返す。"""
    losses, norms = [], []
    for model, seed in zip(models, SEEDS, strict=True):
        optimizer, g = torch.optim.Adam(model.parameters(), lr), generator(seed)
        for _ in range(updates):
            x, y = draw(g)
            loss = cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip).item())
            optimizer.step()
            losses.append(loss.item())
    each = (torch.tensor(v, dtype=torch.float64).view(len(SEEDS), updates) for v in (losses, norms))
    return tuple(each)


@pytest.mark.parametrize("clip", [0.3, float("inf")], ids=["clip", "no clip"])
@pytest.mark.parametrize(("name", "num_layers"), [*((name, 1) for name in CONTENDERS), ("GRU", 2)])
def test_training_side_by_side_equals_separate_training(name, num_layers, clip):
    models = recall_models(name, num_layers)
    together = ManySeeds(models)
    x, y = draw(generator(9))
    rows = fit_together(
        together, SEEDS, draw, cross_entropy, adam(together, 0.05),
        updates=6, clip=clip, every=6, test=(x, y), score=cross_entropy,
    )  # fmt: skip
    losses, norms = train_separately(models, clip, updates=6, lr=0.05)
    outputs = together(x.expand(len(SEEDS), *x.shape))
    for i, model in enumerate(models):
        torch.testing.assert_close(outputs[i], model(x), rtol=0, atol=1e-9)
        for key, weight in model.state_dict().items():
            torch.testing.assert_close(together.state_of(i)[key], weight, rtol=0, atol=1e-9)
    assert rows[0]["loss"] == pytest.approx(losses.mean(dim=1).tolist(), rel=1e-5)
    assert rows[0]["grad_norm"] == pytest.approx(norms.amax(dim=1).tolist(), rel=1e-5)
    if clip == 0.3:
        assert norms.max() > clip  # 縮めるところを、確かに通っている


def test_the_seeds_differ_in_weights_and_in_data():
    together = ManySeeds(recall_models("LSTM"))
    assert not torch.equal(together.weights[0][0], together.weights[0][1])
    x, _ = stacked(lambda g: adding(4, 6, g), [generator(seed) for seed in SEEDS])
    assert not torch.equal(x[0], x[1])


def test_one_seed_that_explodes_leaves_the_others_alone():
    models = recall_models("RNN")
    with torch.no_grad():
        models[1].head.bias.fill_(float("nan"))
    together, (x, y) = ManySeeds(models), draw(generator(9))
    rows = fit_together(
        together, SEEDS, draw, cross_entropy, adam(together, 0.05),
        updates=4, clip=1.0, every=2, test=(x, y), score=cross_entropy,
    )  # fmt: skip
    assert [row["loss"][1] for row in rows] == [None, None]
    assert all(row["score"][i] is not None for row in rows for i in (0, 2))


def test_every_row_covers_the_updates_since_the_last_one():
    together, (x, y) = ManySeeds(recall_models("RNN")), draw(generator(9))
    rows = fit_together(
        together, SEEDS, draw, cross_entropy, adam(together, 0.01),
        updates=5, every=2, test=(x, y), score=accuracy,
    )  # fmt: skip
    assert [row["update"] for row in rows] == [2, 4, 5]


def test_answers_at_every_step_are_trained_as_well():
    models = [build(lambda r: EveryStep(r, 2), "双方向 LSTM", 10, 8, 6, s) for s in SEEDS]

    def tagging(g):
        x, tags = look_ahead_tags(16, 6, g)
        return nn.functional.one_hot(x, 10).float(), tags

    together, test = ManySeeds(models), tagging(generator(9))
    before = evaluate_together(together, *test, tag_loss)
    fit_together(
        together,
        SEEDS,
        tagging,
        tag_loss,
        adam(together, 0.02),
        updates=60,
        test=test,
        score=accuracy,
        clip=1.0,
    )
    assert (evaluate_together(together, *test, tag_loss) < before - 0.2).all()


def test_norms_are_measured_without_clipping():
    together = ManySeeds(recall_models("GRU"))
    x, y = stacked(draw, [generator(seed) for seed in SEEDS])
    torch.func.vmap(cross_entropy)(together(x), y).sum().backward()
    before = [weight.grad.clone() for weight in together.weights]
    norms = clip_gradients_(together, float("inf"))
    assert norms.shape == (3,) and (norms > 0).all()
    for weight, gradient in zip(together.weights, before, strict=True):
        assert torch.equal(weight.grad, gradient)


def test_layers_that_cannot_be_stacked_are_refused():
    with pytest.raises(ValueError, match=r"lstm_text\.layers の層が必要"):
        ManySeeds([LastState(nn.LSTM(2, 3, batch_first=True), 1)])
    with pytest.raises(ValueError, match="1 つ以上必要"):
        ManySeeds([])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA の使える GPU がありません")
def test_training_on_a_gpu_gives_the_same_numbers():
    x, y = draw(generator(9))
    scores = []
    for device in ("cpu", "cuda"):
        together = ManySeeds(recall_models("LSTM")).to(device)
        rows = fit_together(
            together, SEEDS, draw, cross_entropy, adam(together, 0.05), updates=6, clip=1.0,
            test=(x, y), score=cross_entropy,
        )  # fmt: skip
        scores.append(rows[-1]["score"])
    assert scores[1] == pytest.approx(scores[0], rel=1e-4)
