"""大きな演習 5 の解答例：IMDb で、いちばん強い相手に挑む（初めの段）

    python -m tests.exercises.large.record large5

実データと GloVe で実験をひととおり動かし、記録に残します。
少ないデータで変更を 1 つずつ試し、検証の精度を上げたものだけを合わせて、全部のデータで訓練します。

この仕上げは種が 2 つ、比べる相手が 2 語までの NB-SVM で、演習の条件を満たしていません。条件どおりの
仕上げ（種 3 つ、3 語までの NB-SVM、1 件ごとに組にした区間）は、続きの ``large5_rival`` にあります。
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lstm_text import PAD
from lstm_text.datasets import Reviews, WordVectors, load_glove, load_imdb, split_validation
from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments import NotHere
from lstm_text.imdb import NBSVM, EncodedReviews, bag_of_pairs
from lstm_text.models import LastStatePooling, MaxPooling, SentimentClassifier, count_parameters
from lstm_text.text import (
    LengthBuckets,
    Vocabulary,
    by_length,
    collate_pairs,
    evaluation_batches,
    tokenize,
)
from lstm_text.training import Checkpoint, binary_accuracy, fit


class AttentionPooling(nn.Module):
    """各時刻の出力を、出力から計算した重みで平均する。重みの合計は系列の中で 1。

    Parameters
    ----------
    features : int
        再帰層の 1 時刻の出力の次元。
    """

    def __init__(self, features: int):
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(features, features), nn.Tanh(), nn.Linear(features, 1, bias=False)
        )

    def weights(self, output: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から重み ``(batch, time)`` を計算する。"""
        time = torch.arange(output.shape[1], device=output.device)
        outside = time >= lengths.to(output.device)[:, None]
        score = self.score(output).squeeze(-1).masked_fill(outside, float("-inf"))
        return score.softmax(dim=1)

    def forward(self, output: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """``(batch, time, features)`` から ``(batch, features)`` を返す。"""
        return (self.weights(output, lengths).unsqueeze(-1) * output).sum(dim=1)


@dataclass(frozen=True)
class Recipe:
    """モデルと訓練の設定。既定値は出発点のモデル（2 層、最大値プーリング）。"""

    pooling: Callable[[int], nn.Module] = lambda features: MaxPooling()
    hidden_size: int = 32
    layers: int = 2
    max_length: int = 400
    vectors: str = "なし"  # GloVe を「初期値」にするか、「固定」するか
    word_dropout: float = 0.0


TRIAL = Recipe(max_length=200)
"""変更を選ぶときの設定。出発点のモデルで、読む長さだけを半分にする。"""

CHANGES = {
    "最終状態": {"pooling": lambda features: LastStatePooling()},
    "注意機構": {"pooling": AttentionPooling},
    "GloVe（固定）": {"vectors": "固定"},
    "GloVe（初期値）": {"vectors": "初期値"},
    "1 層、64 次元": {"layers": 1, "hidden_size": 64},
    "400 語まで読む": {"max_length": 400},
    "語を落とす": {"word_dropout": 0.2},
}


def combined(start: Recipe, names: Sequence[str]) -> Recipe:
    """変更を順に重ねる。同じ項目の変更がぶつかれば、後のものが残る。"""
    for name in names:
        start = replace(start, **CHANGES[name])
    return start


def helpful(scores: dict[str, list[float]], start: str) -> list[str]:
    """平均が、出発点のいちばん良い種より高かった変更を、低い順に並べる。"""
    means = {name: mean(values) for name, values in scores.items()}
    better = [name for name in scores if means[name] > max(scores[start])]
    return sorted(better, key=means.__getitem__)


@dataclass(frozen=True)
class Data:
    """トークンにしたレビューと、訓練データの語彙、単語ベクトル。"""

    tokens: dict[str, list[list[str]]]
    labels: dict[str, Sequence[int]]
    vocabulary: Vocabulary
    vectors: WordVectors

    def encoded(self, split: str, max_length: int) -> EncodedReviews:
        """番号の列にしたレビュー。"""
        return EncodedReviews(self.tokens[split], self.labels[split], self.vocabulary, max_length)


def prepare(splits: dict[str, Reviews], vectors: WordVectors) -> Data:
    """レビューをトークンにし、``splits["train"]`` から語彙を作る。"""
    tokens = {name: [tokenize(text) for text in part.texts] for name, part in splits.items()}
    labels = {name: part.labels for name, part in splits.items()}
    return Data(tokens, labels, Vocabulary.build(tokens["train"]), vectors)


def embedding_rows(vocabulary: Vocabulary, vectors: WordVectors, rng: torch.Generator) -> Tensor:
    """語彙の順に並べた埋め込み。ベクトルのない語は同じ大きさの乱数、PAD は 0。"""
    row = {word: i for i, word in enumerate(vectors.words)}
    rows = torch.randn(len(vocabulary), vectors.values.shape[1], generator=rng)
    rows *= vectors.values.std()
    for i, word in enumerate(vocabulary.tokens):
        if word in row:
            rows[i] = vectors.values[row[word]]
    rows[PAD] = 0
    return rows


def build(recipe: Recipe, data: Data, seed: int) -> SentimentClassifier:
    """設定どおりの、双方向の LSTM の分類器を作る。"""
    dimension = 64 if recipe.vectors == "なし" else data.vectors.values.shape[1]
    dropout = 0.5 if recipe.layers > 1 else 0.0
    with seeded(seed):
        recurrent = nn.LSTM(
            dimension,
            recipe.hidden_size,
            recipe.layers,
            batch_first=True,
            dropout=dropout,
            bidirectional=True,
        )
        pooling = recipe.pooling(2 * recipe.hidden_size)
        model = SentimentClassifier(len(data.vocabulary), dimension, recurrent, pooling, 0.5)
    with torch.no_grad():
        model.embedding.weight.mul_(0.1)
        if recipe.vectors != "なし":
            rows = embedding_rows(data.vocabulary, data.vectors, generator(seed))
            model.embedding.weight.copy_(rows)
    model.embedding.weight.requires_grad_(recipe.vectors != "固定")
    return model


def drop_words(ids: Tensor, rate: float, rng: torch.Generator) -> Tensor:
    """語をでたらめに落とす。少なくとも 1 語は残す。"""
    kept = torch.rand(len(ids), generator=rng) >= rate
    if not kept.any():
        kept[torch.randint(len(ids), (), generator=rng)] = True
    return ids[kept]


def training_batches(
    reviews: EncodedReviews, batch_size: int, rate: float, rng: torch.Generator
) -> DataLoader:
    """長さの近いレビューを集め、語を落としたミニバッチ。落とし方は毎回変わる。"""

    def collate(pairs):
        return collate_pairs([(drop_words(ids, rate, rng), label) for ids, label in pairs])

    buckets = LengthBuckets(reviews.lengths, batch_size, rng)
    return DataLoader(reviews, batch_sampler=buckets, collate_fn=collate)


def train(
    recipe: Recipe, data: Data, seed: int, epochs: int, batch_size: int
) -> tuple[nn.Module, dict]:
    """検証の精度がいちばん高かったエポックのモデルと、その精度、パラメータの数、CPU の秒数。"""
    model = build(recipe, data, seed).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    reviews = data.encoded("train", recipe.max_length)
    start = time.process_time()  # ほかのプログラムが動いていても、あまり変わらない
    with tempfile.TemporaryDirectory() as folder:
        best = Checkpoint(Path(folder) / "best.pt", score=lambda row: row["val_accuracy"])
        fit(
            model,
            training_batches(reviews, batch_size, recipe.word_dropout, generator(seed)),
            nn.functional.binary_cross_entropy_with_logits,
            optimizer,
            epochs=epochs,
            validation=evaluation_batches(data.encoded("validation", recipe.max_length)),
            metric=binary_accuracy,
            clip=1.0,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs),
            checkpoint=best,
            seed=seed,
        )
        best.restore(model)
    return model, {
        "seed": seed,
        "accuracy": best.best_row["val_accuracy"],
        "parameters": count_parameters(model),
        "seconds": time.process_time() - start,
    }


@torch.no_grad()
def logits(model: nn.Module, reviews: EncodedReviews) -> Tensor:
    """すべてのレビューのロジットを、番号の順に。"""
    model.eval()
    device = next(model.parameters()).device
    result = torch.empty(len(reviews))
    result[by_length(reviews)] = torch.cat(
        [model(ids.to(device), lengths).cpu() for ids, lengths, _ in evaluation_batches(reviews)]
    )
    return result


def nbsvm_scores(data: Data) -> dict[str, Tensor]:
    """IMDb の章の NB-SVM を訓練データで学び、検証とテストの得点（正なら肯定）を求める。"""
    bag = bag_of_pairs()
    model = NBSVM().fit(bag.fit_transform(data.tokens["train"]), data.labels["train"])
    return {
        split: torch.from_numpy(bag.transform(data.tokens[split]) @ model.weight_ + model.bias_)
        for split in ("validation", "test")
    }


def ensemble(members: Sequence[Tensor]) -> Tensor:
    """モデルごとのロジットの平均。"""
    return torch.stack(list(members)).mean(dim=0)


def mixed(models: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """種類の違うモデルの得点を、検証での標準偏差が 1 になるようにそろえてから平均する。"""
    return {
        split: ensemble([scores[split] / scores["validation"].std() for scores in models])
        for split in models[0]
    }


def accuracy(scores: Tensor, labels: Sequence[int]) -> float:
    """ロジットの正負で答えたときの精度。"""
    return binary_accuracy(scores, torch.tensor(labels)).item()


def explore(
    data: Data, seeds: Sequence[int], epochs: int, batch_size: int
) -> dict[str, list[dict]]:
    """出発点と、そこから 1 つだけ変えたものを、種を変えて訓練する。"""
    recipes = {"出発点": TRIAL} | {name: combined(TRIAL, [name]) for name in CHANGES}
    return {
        name: [train(recipe, data, seed, epochs, batch_size)[1] for seed in seeds]
        for name, recipe in recipes.items()
    }


@dataclass
class Finished:
    """種ごとの訓練の結果と、検証とテストのロジット。"""

    runs: list[dict]
    outputs: dict[str, list[Tensor]]

    def ensemble(self) -> dict[str, Tensor]:
        """全部のモデルの平均。"""
        return {split: ensemble(members) for split, members in self.outputs.items()}


def finish(
    recipe: Recipe, data: Data, seeds: Sequence[int], epochs: int, batch_size: int
) -> Finished:
    """種ごとに訓練し、検証とテストのロジットを求める。"""
    done = Finished([], {"validation": [], "test": []})
    for seed in seeds:
        model, run = train(recipe, data, seed, epochs, batch_size)
        done.runs.append(run)
        for split, members in done.outputs.items():
            members.append(logits(model, data.encoded(split, recipe.max_length)))
    return done


def growth(members: Sequence[Tensor], labels: Sequence[int]) -> list[float]:
    """はじめの 1 個、2 個、… のアンサンブルの精度。"""
    return [accuracy(ensemble(members[:k]), labels) for k in range(1, len(members) + 1)]


def examples(before: Tensor, after: Tensor, reviews: Reviews, n: int = 5) -> dict[str, list[dict]]:
    """直った誤りと、まだ残る誤りを、確信の強かったものから ``n`` 件ずつ。"""
    target = torch.tensor(reviews.labels) == 1
    wrong_before, wrong_after = (before > 0) != target, (after > 0) != target
    groups = {"直った誤り": wrong_before & ~wrong_after, "残る誤り": wrong_after}
    return {
        name: [
            {
                "label": reviews.labels[i],
                "logit": after[i].item(),
                "words": " ".join(tokenize(reviews.texts[i])[:12]),
            }
            for i in sorted(members.nonzero().flatten().tolist(), key=lambda i: -abs(after[i]))[:n]
        ]
        for name, members in groups.items()
    }


def coverage(data: Data) -> float:
    """語彙のうち、単語ベクトルのある語の割合。"""
    known = set(data.vectors.words)
    return mean(word in known for word in data.vocabulary.tokens[2:])


def report(data: Data, test: Reviews, done: Finished) -> dict:
    """全部のデータで訓練した結果を、JSON にできる値にまとめる。テストの正解はここで初めて見る。"""
    labels, nbsvm = data.labels, nbsvm_scores(data)
    final = {
        "LSTM の平均": done.ensemble(),
        "NB-SVM": nbsvm,
        "LSTM の平均と NB-SVM": mixed([done.ensemble(), nbsvm]),
    }
    return {
        "train": len(labels["train"]),
        "validation": len(labels["validation"]),
        "test": len(labels["test"]),
        "vocabulary": len(data.vocabulary),
        "coverage": coverage(data),
        "runs": done.runs,
        "each": {
            split: [accuracy(one, labels[split]) for one in members]
            for split, members in done.outputs.items()
        },
        "growth": growth(done.outputs["validation"], labels["validation"]),
        "final": {
            name: {split: accuracy(scores[split], labels[split]) for split in scores}
            for name, scores in final.items()
        },
        "examples": examples(done.outputs["test"][0], final["LSTM の平均と NB-SVM"]["test"], test),
    }


@dataclass(frozen=True)
class Settings:
    """記録の設定。``chosen`` は、小さく試した結果（:func:`chosen_from`）で決めた変更。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    members: tuple[int, ...] = (0, 1)
    small: int = 4000
    epochs: int = 3
    chosen: tuple[str, ...] = ("GloVe（初期値）",)


def units(settings: Settings) -> list[dict]:
    """小さく試して変更を選ぶ段と、全部のデータで仕上げる段。"""
    return [{"step": "explore"}, {"step": "finish"}]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの段を、実データで動かす。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise NotHere(f"本物の IMDb が必要です。{imdb.source}")
    vectors = load_glove(100)
    if unit["step"] == "explore":
        return explored(imdb.train, vectors, settings)
    return finished(imdb.train, imdb.test, vectors, settings)


def explored(reviews: Reviews, vectors: WordVectors, settings: Settings) -> dict[str, list[dict]]:
    """``small`` 件だけで、変更を 1 つずつ試す。"""
    part, validation = split_validation(reviews, 0.1, generator(0))
    few = torch.randperm(len(part), generator=generator(0))[: settings.small].tolist()
    data = prepare({"train": part.select(few), "validation": validation}, vectors)
    return explore(data, settings.seeds, settings.epochs, batch_size=32)


def finished(reviews: Reviews, test: Reviews, vectors: WordVectors, settings: Settings) -> dict:
    """出発点のモデルに、選んだ変更を合わせ、全部の訓練データで訓練し、テストする。"""
    part, validation = split_validation(reviews, 0.1, generator(0))
    data = prepare({"train": part, "validation": validation, "test": test}, vectors)
    final = combined(Recipe(), settings.chosen)
    done = finish(final, data, settings.members, settings.epochs, batch_size=64)
    return report(data, test, done)


def chosen_from(rows: dict[str, list[dict]]) -> list[str]:
    """小さく試した結果から、合わせる変更を選ぶ。"""
    scores = {name: [run["accuracy"] for run in runs] for name, runs in rows.items()}
    return helpful(scores, "出発点")
