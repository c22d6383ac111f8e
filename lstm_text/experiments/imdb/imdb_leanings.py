"""数えた偏りを LSTM に読ませると、どれだけ速く、どこまで届くか

「速く」は、2 語の組までの偏りを読ませ、レビューを 1 度だけ読みます。「強く」は 3 語の組まで、2 度
読みます。「偏りなし」は、「強く」から偏りの入力だけを除いたもの、「自分の 1 件も数える」は、訓練の
ときにも、そのレビュー自身を数から除かないものです。時間には、偏りを数える時間も入ります。
"""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.lr_scheduler import LambdaLR

from lstm_text.device import generator, get_device, seeded
from lstm_text.experiments.imdb.asked import ask
from lstm_text.experiments.imdb.few_reviews import right
from lstm_text.experiments.imdb.minute import MAX_LENGTH, Material, material
from lstm_text.imdb import EncodedReviews, LeaningClassifier, Leanings, Recurrent
from lstm_text.records import pack
from lstm_text.text import Batch, training_batches

READ_LENGTH = 1_000  # 数えるときと、答えるときに読むトークンの数の上限


class NoLeanings(Leanings):
    """偏りを伏せたもの。入力の次元は変わらず、値がいつも 0。

    Examples
    --------
    >>> from lstm_text.text import Vocabulary
    >>> reviews = EncodedReviews([["good"], ["good"]], [1, 1], Vocabulary(["good"]), 9)
    >>> NoLeanings(reviews, 3, longest=1)(torch.tensor([[2]]))
    tensor([[[0.]]])
    """

    def __call__(self, ids: Tensor, labels: Tensor | None = None) -> Tensor:
        """どの組も 0。"""
        return torch.zeros(*ids.shape, self.longest, device=ids.device)


@dataclass(frozen=True)
class Recipe:
    """訓練のしかた。

    Attributes
    ----------
    leanings : type
        :class:`~lstm_text.imdb.Leanings` か、偏りを伏せる :class:`NoLeanings`。
    longest : int
        何語の組までの偏りを読ませるか。
    max_length : int
        訓練で読むトークンの数の上限。
    passes : float
        訓練用のレビューを何回読むか。
    removes_own : bool
        訓練のときに、そのレビュー自身の 1 件を数から除くか。

    Examples
    --------
    >>> RECIPES["速く"].longest
    2
    """

    leanings: type[Leanings] = Leanings
    longest: int = 3
    max_length: int = MAX_LENGTH
    passes: float = 2.0
    removes_own: bool = True
    embedding_dim: int = 32
    hidden_size: int = 32
    batch_size: int = 64
    learning_rate: float = 8e-3
    clip: float = 1.0


STRONG = Recipe()
RECIPES = {
    "速く": Recipe(longest=2, max_length=300, passes=1.0),
    "強く": STRONG,
    "偏りなし": replace(STRONG, leanings=NoLeanings),
    "自分の 1 件も数える": replace(STRONG, removes_own=False),
}
"""名前から、訓練のしかたへ。設定は検証用のレビューだけを見て決めた。"""


@dataclass(frozen=True)
class Settings:
    """記録の設定。

    Examples
    --------
    >>> units(Settings(seeds=(0,)))[0]
    {'recipe': '速く', 'seed': 0}
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)


def units(settings: Settings) -> list[dict]:
    """訓練のしかたと種の組。"""
    return [{"recipe": name, "seed": seed} for seed in settings.seeds for name in RECIPES]


def run(unit: dict, settings: Settings) -> dict:
    """1 つ訓練し、検証用とテスト用のレビュー、振る舞いの試験に答えさせる。"""
    known = material()
    model, facts = teach(RECIPES[unit["recipe"]], unit["seed"], known)
    validation, test = (
        right(model, EncodedReviews(known.tokens[name], part.labels, known.vocabulary, READ_LENGTH))
        for name, part in (("validation", known.validation), ("test", known.imdb.test))
    )
    said = {"validation": float(validation.mean()), "test": float(test.mean()), "right": pack(test)}
    return said | facts | ask(model, known.vocabulary, READ_LENGTH)


def teach(recipe: Recipe, seed: int, known: Material) -> tuple[LeaningClassifier, dict]:
    """数え、訓練する。

    Parameters
    ----------
    recipe : Recipe
    seed : int
    known : Material

    Returns
    -------
    model : LeaningClassifier
    facts : dict
        数えた組の数、更新の回数、終わりの 100 回の損失の平均、秒数と CPU 時間。
    """
    counted, members = (
        EncodedReviews(known.tokens["train"], known.train.labels, known.vocabulary, length)
        for length in (READ_LENGTH, recipe.max_length)
    )
    start, cpu_start = time.perf_counter(), time.process_time()
    leanings = recipe.leanings(counted, len(known.vocabulary), recipe.longest)
    with seeded(seed):
        layer = nn.LSTM(
            recipe.embedding_dim + leanings.longest, recipe.hidden_size,
            batch_first=True, bidirectional=True,
        )  # fmt: skip
        model = LeaningClassifier(leanings, recipe.embedding_dim, Recurrent(layer))
    model.to(get_device())
    batches = training_batches(members, recipe.batch_size, generator(seed))
    losses = update(model, batches, round(recipe.passes * len(batches)), recipe, seed)
    return model, {
        "phrases": len(leanings.keys) - 1,
        "updates": len(losses),
        "loss": statistics.fmean(losses[-100:]),
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu_start,
    }


def update(
    model: LeaningClassifier, batches: Iterable[Batch], updates: int, recipe: Recipe, seed: int
) -> list[float]:
    """``updates`` 回だけ重みを直し、直すたびの損失を返す。

    :func:`lstm_text.imdb.train_updates` と同じ学習率の上げ下げで、モデルに正解も渡す。

    Parameters
    ----------
    model : LeaningClassifier
    batches : iterable of Batch
    updates : int
    recipe : Recipe
    seed : int
        ドロップアウトの種。

    Returns
    -------
    list of float
    """
    device = next(model.parameters()).device
    optimizer = torch.optim.Adam(model.parameters(), recipe.learning_rate, betas=(0.9, 0.98))
    schedule = LambdaLR(
        optimizer, lambda done: min((done + 1) / (0.05 * updates), 1 - done / updates)
    )
    model.train()
    losses = []
    with seeded(seed):
        for ids, lengths, labels in islice(chain.from_iterable(repeat(batches)), updates):
            known = labels if recipe.removes_own else None
            logits = model(ids.to(device), lengths, known)
            loss = binary_cross_entropy_with_logits(logits, labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    model.eval()
    return losses
