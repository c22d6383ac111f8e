"""ページの中で動く小さな LSTM: 訓練し、JavaScript が読むファイルに書き出します。

    python book/_ext/page/page_model.py

埋め込みは 8 ビットの整数に丸め、ほかの重みは float32 のまま、語彙と一緒に 1 つの .js にします。
``fetch`` はファイルを直接開いたページでは使えないので、データではなくスクリプトの形にします。
"""

import base64
import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from lstm_text import IGNORE, PAD
from lstm_text.datasets import Imdb, load_imdb
from lstm_text.device import describe, generator, get_device, seeded
from lstm_text.init import forget_gate_bias_
from lstm_text.models import EveryStep
from lstm_text.storage import replacing
from lstm_text.text import LengthBuckets, Vocabulary, collate, tokenize
from lstm_text.training import fit

FOLDER = Path(__file__).parents[2] / "_static" / "play"
CALL = "Play.receive("
WEIGHTS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


@dataclass(frozen=True)
class Settings:
    """ページのモデルの設定。"""

    vocab_size: int = 10_000
    embedding_dim: int = 16
    embedding_scale: float = 0.1
    hidden_size: int = 32
    dropout: float = 0.5
    forget_bias: float = 2.0
    longest: int = 200
    batch_size: int = 64
    learning_rate: float = 4e-3
    clip: float = 1.0
    epochs: int = 4
    seed: int = 0


class WordByWord(nn.Module):
    """1 語読むたびに、肯定のロジットを答える単方向の LSTM。"""

    def __init__(self, vocab_size: int, settings: Settings):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, settings.embedding_dim, padding_idx=PAD)
        self.dropout = nn.Dropout(settings.dropout)
        lstm = nn.LSTM(settings.embedding_dim, settings.hidden_size, batch_first=True)
        self.answer = EveryStep(lstm, 1)
        self.embedding.weight.data.mul_(settings.embedding_scale)
        forget_gate_bias_(self, settings.forget_bias)

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        """単語番号 ``(batch, time)`` から、語ごとのロジット ``(batch, time)`` を計算する。"""
        return self.answer(self.dropout(self.embedding(ids)), lengths).squeeze(-1)


def every_step_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """どの語まで読んだところでも、レビュー全体の正解を当てさせる損失。パディングは数えない。"""
    inside = targets != IGNORE
    return binary_cross_entropy_with_logits(logits[inside], targets[inside].float())


class Pieces:
    """レビューの無作為な場所から切り出した、``longest`` 語までのミニバッチ。"""

    def __init__(
        self,
        encoded: Sequence[list[int]],
        labels: Sequence[int],
        settings: Settings,
        generator: torch.Generator,
    ):
        self.encoded, self.labels = encoded, labels
        self.settings, self.generator = settings, generator

    def __iter__(self) -> Iterator[tuple]:
        longest = self.settings.longest
        pieces = []
        for ids in self.encoded:
            last = max(1, len(ids) - longest + 1)
            start = int(torch.randint(last, (1,), generator=self.generator))
            pieces.append(ids[start : start + longest])
        lengths = [len(piece) for piece in pieces]
        for batch in LengthBuckets(lengths, self.settings.batch_size, self.generator):
            targets = [[self.labels[i]] * lengths[i] for i in batch]
            yield tuple(collate([pieces[i] for i in batch], targets))


def trained(imdb: Imdb, settings: Settings) -> tuple[WordByWord, Vocabulary]:
    """訓練用のレビューで語彙を作り、モデルを訓練する。"""
    tokens = [tokenize(text) for text in imdb.train.texts]
    vocabulary = Vocabulary.build(tokens, settings.vocab_size)
    with seeded(settings.seed):
        model = WordByWord(len(vocabulary), settings).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), settings.learning_rate)
    encoded = [vocabulary.encode(review) for review in tokens]
    fit(
        model,
        Pieces(encoded, imdb.train.labels, settings, generator(settings.seed)),
        every_step_loss,
        optimizer,
        epochs=settings.epochs,
        clip=settings.clip,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.epochs),
        seed=settings.seed,
    )
    model.cpu().eval()
    codes, scale = quantise(model.embedding.weight.detach())
    model.embedding.weight.data = codes.float() * scale
    return model, vocabulary


def quantise(weight: Tensor) -> tuple[Tensor, float]:
    """重みを、-127 から 127 の整数と、1 つの目盛りの幅にする。"""
    scale = (weight.abs().max() / 127).item()
    return (weight / scale).round().to(torch.int8), scale


@torch.no_grad()
def accuracy(model: WordByWord, vocabulary: Vocabulary, reviews) -> float:
    """最後の語まで読んだところの答えの精度。"""
    encoded = [vocabulary.encode(tokenize(text)) for text in reviews.texts]
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    correct = 0
    for start in range(0, len(order), 256):
        batch = order[start : start + 256]
        ids, lengths, labels = collate(
            [encoded[i] for i in batch], [reviews.labels[i] for i in batch]
        )
        logits = model(ids, lengths)[torch.arange(len(batch)), lengths - 1]
        correct += int(((logits > 0) == (labels == 1)).sum())
    return correct / len(encoded)


def save(path: Path, model: WordByWord, vocabulary: Vocabulary, origin: dict) -> None:
    """モデルと語彙を、ページが読み込むスクリプトにする。"""
    codes, scale = quantise(model.embedding.weight.detach())
    lstm, head = model.answer.recurrent, model.answer.head
    weights = [*(getattr(lstm, name) for name in WEIGHTS), head.weight, head.bias]
    flat = torch.cat([weight.detach().flatten() for weight in weights])
    data = {
        "origin": origin,
        "words": vocabulary.tokens[2:],
        "embedding_dim": lstm.input_size,
        "hidden_size": lstm.hidden_size,
        "scale": scale,
        "embedding": base64.b64encode(codes.numpy().tobytes()).decode(),
        "weights": base64.b64encode(flat.numpy().astype("<f4").tobytes()).decode(),
    }
    with replacing(path) as file:
        file.write(f"{CALL}{json.dumps(data, ensure_ascii=False, indent=0)});\n".encode())


def load(path: Path) -> tuple[WordByWord, Vocabulary]:
    """:func:`save` の書いたスクリプトから、同じ重みのモデルを作る。"""
    data = json.loads(
        path.read_text(encoding="utf-8").removeprefix(CALL).rstrip().removesuffix(");")
    )
    vocabulary = Vocabulary(data["words"])
    sizes = Settings(embedding_dim=data["embedding_dim"], hidden_size=data["hidden_size"])
    model = WordByWord(len(vocabulary), sizes).eval()
    codes = torch.frombuffer(bytearray(base64.b64decode(data["embedding"])), dtype=torch.int8)
    flat = torch.frombuffer(bytearray(base64.b64decode(data["weights"])), dtype=torch.float32)
    model.embedding.weight.data = (codes.float() * data["scale"]).view(len(vocabulary), -1)
    lstm, head = model.answer.recurrent, model.answer.head
    weights = [*(getattr(lstm, name) for name in WEIGHTS), head.weight, head.bias]
    parts = flat.split([weight.numel() for weight in weights])
    for weight, part in zip(weights, parts, strict=True):
        weight.data = part.view_as(weight).clone()
    return model, vocabulary


def main() -> None:
    """本物の IMDb で訓練し、ページの置き場所に、モデルと由来を書く。"""
    imdb = load_imdb()
    print(imdb.source)
    if imdb.source.is_builtin:
        sys.exit("ページのモデルには本物の IMDb が要ります。何も書かずに終わります。")
    settings = Settings()
    model, vocabulary = trained(imdb, settings)
    origin = {"data": imdb.source.name, "reviews": len(imdb.train), "test_reviews": len(imdb.test)}
    origin["accuracy"] = accuracy(model, vocabulary, imdb.test)
    script = FOLDER / "page_model.js"
    save(script, model, vocabulary, origin)
    record = {
        **origin,
        "settings": asdict(settings),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "device": describe(get_device()),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "bytes": script.stat().st_size,
        "sha256": hashlib.sha256(script.read_bytes()).hexdigest(),
        "licence": "重みと語彙は IMDb のレビューから学んだもので、レビューの文章は含みません。",
    }
    with replacing(FOLDER / "page_model.json") as file:
        file.write(json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n")
    print(f"テストの精度 {100 * origin['accuracy']:.2f}%。{script} に書きました。")


if __name__ == "__main__":
    main()
