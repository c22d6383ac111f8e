"""大きな演習 5 の解答例: IMDb の成績を 2 ポイント上げる。

    python -m tests.solutions.large5

実データと GloVe で実験をひととおり動かし、記録を ``book/records/large5.json`` に残します。
少ないデータで変更を 1 つずつ試し、検証の精度を上げたものだけを合わせて、全部のデータで訓練します。
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import mean

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lstm_text.corpora import Reviews
from lstm_text.datasets import WordVectors, load_glove, load_imdb, split_validation
from lstm_text.device import generator, get_device, seeded
from lstm_text.models import LastStatePooling, MaxPooling, SentimentClassifier, count_parameters
from lstm_text.sentiment import EncodedReviews, by_length, collate_pairs, evaluation_batches
from lstm_text.text import PAD, LengthBuckets, Vocabulary, tokenize
from lstm_text.training import binary_accuracy, fit
from tests.solutions.record import write


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
    """モデルと訓練の設定。既定値が出発点。"""

    pooling: Callable[[int], nn.Module] = lambda features: MaxPooling()
    hidden_size: int = 32
    max_length: int = 200
    vectors: str = "なし"  # GloVe を「初期値」にするか、「固定」するか
    word_dropout: float = 0.0


CHANGES = {
    "最終状態": {"pooling": lambda features: LastStatePooling()},
    "注意機構": {"pooling": AttentionPooling},
    "GloVe（固定）": {"vectors": "固定"},
    "GloVe（初期値）": {"vectors": "初期値"},
    "隠れ状態 64 次元": {"hidden_size": 64},
    "400 語まで読む": {"max_length": 400},
    "語を落とす": {"word_dropout": 0.2},
}


def combined(start: Recipe, names: Sequence[str]) -> Recipe:
    """変更を順に重ねる。同じ項目の変更がぶつかれば、後のものが残る。"""
    for name in names:
        start = replace(start, **CHANGES[name])
    return start


def helpful(scores: dict[str, list[float]], start: str) -> list[str]:
    """検証の精度の平均が出発点より高かった変更を、低い順に並べる。"""
    means = {name: mean(values) for name, values in scores.items()}
    better = [name for name in scores if means[name] > means[start]]
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
    """設定どおりの、双方向 1 層の LSTM の分類器を作る。"""
    dimension = data.vectors.values.shape[1]
    with seeded(seed):
        recurrent = nn.LSTM(dimension, recipe.hidden_size, batch_first=True, bidirectional=True)
        pooling = recipe.pooling(2 * recipe.hidden_size)
        model = SentimentClassifier(len(data.vocabulary), dimension, recurrent, pooling, 0.3)
    if recipe.vectors != "なし":
        rows = embedding_rows(data.vocabulary, data.vectors, generator(seed))
        with torch.no_grad():
            model.embedding.weight.copy_(rows)
        model.embedding.weight.requires_grad_(recipe.vectors == "初期値")
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
    """訓練したモデルと、検証の精度、パラメータの数、CPU を使った秒数。"""
    model = build(recipe, data, seed).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 1 / epochs, total_iters=epochs)
    reviews = data.encoded("train", recipe.max_length)
    start = time.process_time()  # ほかのプログラムが動いていても、あまり変わらない
    history = fit(
        model,
        training_batches(reviews, batch_size, recipe.word_dropout, generator(seed)),
        nn.functional.binary_cross_entropy_with_logits,
        optimizer,
        epochs=epochs,
        validation=evaluation_batches(data.encoded("validation", recipe.max_length)),
        metric=binary_accuracy,
        clip=1.0,
        scheduler=slower,
        seed=seed,
    )
    return model, {
        "seed": seed,
        "accuracy": history["val_accuracy"][-1],
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


def ensemble(members: Sequence[Tensor]) -> Tensor:
    """モデルごとのロジットの平均。"""
    return torch.stack(list(members)).mean(dim=0)


def accuracy(scores: Tensor, labels: Sequence[int]) -> float:
    """ロジットの正負で答えたときの精度。"""
    return binary_accuracy(scores, torch.tensor(labels)).item()


def explore(
    data: Data, seeds: Sequence[int], epochs: int, batch_size: int
) -> dict[str, list[dict]]:
    """出発点と、そこから 1 つだけ変えたものを、種を変えて訓練する。"""
    recipes = {"出発点": Recipe()} | {name: combined(Recipe(), [name]) for name in CHANGES}
    return {
        name: [train(recipe, data, seed, epochs, batch_size)[1] for seed in seeds]
        for name, recipe in recipes.items()
    }


def finish(recipe: Recipe, data: Data, seeds: Sequence[int], epochs: int, batch_size: int) -> dict:
    """種ごとに訓練し、それぞれの検証とテストの、ロジットと精度をまとめる。"""
    runs, outputs = [], {"validation": [], "test": []}
    for seed in seeds:
        model, run = train(recipe, data, seed, epochs, batch_size)
        runs.append(run)
        for split, members in outputs.items():
            members.append(logits(model, data.encoded(split, recipe.max_length)))
    return {"runs": runs, "outputs": outputs}


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


def experiment(
    train_reviews: Reviews,
    test: Reviews,
    vectors: WordVectors,
    small: int,
    seeds: Sequence[int],
    members: int,
    epochs: int,
) -> dict:
    """``small`` 件で変更を選び、全部で訓練してテストする。JSON にできる値だけを返す。"""
    part, validation = split_validation(train_reviews, 0.1, generator(0))
    few = torch.randperm(len(part), generator=generator(0))[:small].tolist()
    trial = prepare({"train": part.select(few), "validation": validation}, vectors)
    rows = explore(trial, seeds, epochs, batch_size=32)
    scores = {name: [run["accuracy"] for run in runs] for name, runs in rows.items()}
    chosen = helpful(scores, "出発点")

    data = prepare({"train": part, "validation": validation, "test": test}, vectors)
    before = finish(Recipe(), data, seeds, epochs, batch_size=64)
    final = combined(Recipe(), chosen)
    after = finish(final, data, range(members), epochs, batch_size=64)
    labels = {"validation": validation.labels, "test": test.labels}
    return {
        "small": small,
        "train": len(part),
        "validation": len(validation),
        "test": len(test),
        "epochs": epochs,
        "vocabulary": len(data.vocabulary),
        "coverage": coverage(data),
        "explore": rows,
        "chosen": chosen,
        "before": {
            "runs": before["runs"],
            "test": [accuracy(one, test.labels) for one in before["outputs"]["test"]],
        },
        "after": {
            "runs": after["runs"],
            "ensemble": growth(after["outputs"]["validation"], labels["validation"]),
            "test": [accuracy(one, test.labels) for one in after["outputs"]["test"]],
            "test_ensemble": accuracy(ensemble(after["outputs"]["test"]), test.labels),
        },
        "examples": examples(
            before["outputs"]["test"][0], ensemble(after["outputs"]["test"]), test
        ),
    }


def main() -> None:
    """実データで実験を動かし、記録を書く。"""
    imdb = load_imdb()
    if imdb.source.is_builtin:
        raise SystemExit(f"記録には本物の IMDb が要ります。何も書かずに終わります。{imdb.source}")
    start = time.process_time()
    results = experiment(
        imdb.train, imdb.test, load_glove(100), small=4000, seeds=range(3), members=3, epochs=3
    )
    write("large5", results, time.process_time() - start)


if __name__ == "__main__":
    main()
