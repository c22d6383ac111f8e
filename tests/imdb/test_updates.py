"""updates：手で書いたループと一致し、決めた回数だけ直し、同じ種なら同じになる。"""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from lstm_text.imdb import AttentionClassifier, Recurrent, train_updates
from lstm_text.text import collate

BATCHES = [
    collate([[2, 3, 4], [5]], [1.0, 0.0]),
    collate([[6, 2], [3, 5, 2], [4]], [0.0, 1.0, 1.0]),
]


def reader(dropout=0.5):
    torch.manual_seed(0)
    return AttentionClassifier(
        torch.ones(9), 4, Recurrent(nn.LSTM(4, 3, batch_first=True)), dropout
    )


def test_equals_a_loop_written_out():
    model = reader(dropout=0.0)
    by_hand = copy.deepcopy(model)
    losses = train_updates(model, BATCHES, 40, learning_rate=0.02, clip=0.1)
    optimizer = torch.optim.Adam(by_hand.parameters(), betas=(0.9, 0.98))
    for step in range(40):
        rate = 0.02 * min((step + 1) / 2, (40 - step) / 40)
        optimizer.param_groups[0]["lr"] = rate
        ids, lengths, labels = BATCHES[step % 2]
        loss = binary_cross_entropy_with_logits(by_hand(ids, lengths), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(by_hand.parameters(), 0.1)
        optimizer.step()
        assert loss.item() == pytest.approx(losses[step], rel=1e-5)
    for ours, theirs in zip(model.parameters(), by_hand.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_same_seed_same_weights_and_the_model_ends_in_eval_mode():
    one, other, third = reader(), reader(), reader()
    train_updates(one, BATCHES, 5, seed=7)
    train_updates(other, BATCHES, 5, seed=7)
    train_updates(third, BATCHES, 5, seed=8)
    assert not one.training
    assert torch.equal(one.head.weight, other.head.weight)
    assert not torch.equal(one.head.weight, third.head.weight)


def test_the_global_random_state_is_left_alone():
    torch.manual_seed(1)
    want = torch.rand(1)
    torch.manual_seed(1)
    model = copy.deepcopy(reader())
    torch.manual_seed(1)
    train_updates(model, BATCHES, 3)
    assert torch.equal(torch.rand(1), want)


@pytest.mark.parametrize("updates", [1, 2, 3, 7])
def test_stops_after_exactly_that_many(updates):
    assert len(train_updates(reader(), BATCHES, updates)) == updates


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="1 以上の整数が必要ですが、0 でした"):
        train_updates(reader(), BATCHES, 0)
    with pytest.raises(ValueError, match="ミニバッチが 1 つもありません"):
        train_updates(reader(), [], 3)
