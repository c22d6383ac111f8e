"""export：ONNX Runtime の答えは、PyTorch の答えと同じになる。"""

import sys

import pytest
import torch
from torch import nn

from lstm_text import PAD
from lstm_text.device import generator
from lstm_text.imdb import POOLINGS, Shape, build_classifier
from lstm_text.imdb.export import export_onnx

VOCAB_SIZE = 40
LENGTHS = torch.tensor([9, 4, 1, 2, 9])


def reader(**changes):
    """重みを大きくし、訓練したものと同じくらい、どのゲートも答えも大きく動くようにする。"""
    shape = Shape(embedding_dim=5, hidden_size=4, **changes)
    classifier = build_classifier(torch.arange(VOCAB_SIZE).float(), shape, seed=0)
    for weight in [*classifier.recurrent.parameters(), *classifier.head.parameters()]:
        weight.data.mul_(3)
    return classifier.eval()


def batch(time=9):
    ids = torch.randint(1, VOCAB_SIZE, (len(LENGTHS), time), generator=generator(1))
    return ids.masked_fill(torch.arange(time) >= LENGTHS[:, None], PAD), LENGTHS


def session(classifier, folder):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime が入っていません。")
    pytest.importorskip("onnx", reason="onnx が入っていません。")
    export_onnx(classifier, folder / "model.onnx")
    opened = runtime.InferenceSession(folder / "model.onnx")

    def answer(ids, lengths):
        inputs = {"ids": ids.numpy(), "lengths": lengths.numpy()}
        return torch.from_numpy(opened.run(["logits"], inputs)[0])

    return answer


def same(ours, right):
    assert ours.shape == right.shape and ours.dtype == right.dtype
    torch.testing.assert_close(ours, right.detach(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_any_batch_gets_the_answers_of_pytorch(pooling, num_layers, tmp_path):
    classifier = reader(pooling=pooling, num_layers=num_layers)
    answer = session(classifier, tmp_path)
    right = classifier(*batch())
    assert right.std() > 0.03  # 答えは、1 件ごとに違う
    same(answer(*batch()), right)
    longer = torch.cat([batch()[0], torch.full((len(LENGTHS), 30), PAD)], dim=1)
    same(answer(longer, LENGTHS), right)  # パディングは答えを変えない
    for ids, length, logit in zip(*batch(), right, strict=True):
        same(answer(ids[None, :length], length[None]), logit[None])


def test_a_long_review_alone(tmp_path):
    classifier = reader(pooling="attention")
    ids = torch.randint(2, VOCAB_SIZE, (1, 1_000), generator=generator(2))
    lengths = torch.tensor([1_000])
    same(session(classifier, tmp_path)(ids, lengths), classifier(ids, lengths))


def test_dropout_is_left_out_and_the_classifier_is_left_alone(tmp_path):
    rates = {"word_dropout": 0.5, "locked_dropout": 0.5, "weight_dropout": 0.5, "dropout": 0.5}
    classifier = reader(pooling="concat", **rates)
    right = classifier(*batch())
    before = {name: value.clone() for name, value in classifier.state_dict().items()}
    same(session(classifier.train(), tmp_path)(*batch()), right)
    assert classifier.training
    assert all(torch.equal(value, before[name]) for name, value in classifier.state_dict().items())


def test_a_double_classifier_becomes_float(tmp_path):
    classifier = reader(pooling="attention").double()
    same(session(classifier, tmp_path)(*batch()), classifier(*batch()).float())


def test_what_is_not_a_word_or_not_a_length_is_refused(tmp_path):
    answer = session(reader(), tmp_path)
    ids, lengths = batch()
    with pytest.raises(Exception, match="indices element out of data bounds"):
        answer(ids + VOCAB_SIZE, lengths)
    with pytest.raises(Exception, match="sequence_lens"):
        answer(ids, lengths + 1)


def test_a_failed_export_leaves_the_file_alone(tmp_path, monkeypatch):
    checker = pytest.importorskip("onnx.checker", reason="onnx が入っていません。")
    export_onnx(reader(), tmp_path / "model.onnx")
    before = (tmp_path / "model.onnx").read_bytes()

    def refuse(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(checker, "check_model", refuse)
    with pytest.raises(RuntimeError):
        export_onnx(reader(pooling="mean"), tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == before


def test_without_onnx_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r'onnx が必要です（pip install -e "\.\[onnx\]"'):
        export_onnx(reader(), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_only_a_classifier_is_exported(tmp_path):
    with pytest.raises(TypeError, match="Classifier が必要ですが、LSTM でした"):
        export_onnx(nn.LSTM(3, 2), tmp_path / "model.onnx")


def test_the_code_itself_cannot_be_traced():
    """export の説明が言うとおり：長さの値を見て道を変えるコードは、たどれない。"""
    with pytest.raises(Exception, match="data-dependent"):
        torch.export.export(reader(), batch())
