"""数字の列を逆に書けるか：渡すのが最後の状態だけのときと、注意機構で読み返すとき

``longest`` までの長さの列で訓練し、列の全部（書き終わりの合図まで）を正しく書けた割合を、長さごとに
測ります。``length_10`` は、長さ 10 の列での割合です。``longest`` より長い列では訓練していません。
``by_place`` は、長さ ``longest`` の列の何文字めを当てたかで、それまでの正解を教えながら（教師強制）
測ります。最後のものは、書き終わりの合図です。
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text.device import generator, get_device, seeded
from lstm_text.models import AttentiveSeq2Seq, Seq2Seq, count_parameters
from lstm_text.tasks import reversed_digits

MODELS = {"最後の状態": Seq2Seq, "注意機構": AttentiveSeq2Seq}
SYMBOLS = 11  # PAD と、0 から 9 の数字
TEST_SEED = 1000


@dataclass(frozen=True)
class Settings:
    """記録の設定。``trials`` は、モデルと隠れ状態の次元。"""

    seeds: tuple[int, ...] = (0, 1, 2)
    trials: tuple[tuple[str, int], ...] = (
        ("最後の状態", 32),
        ("最後の状態", 64),
        ("最後の状態", 128),
        ("注意機構", 64),
    )
    longest: int = 20
    tested: int = 30  # この長さまで測る
    shown: tuple[int, ...] = (5, 10, 15, 20, 25)  # 表に出す長さ
    samples: int = 500  # 長さごとに
    embedding_dim: int = 16
    batch_size: int = 64
    updates: int = 1000
    lr: float = 1e-2
    clip: float = 1.0


def train(kind: str, hidden_size: int, seed: int, settings: Settings) -> Seq2Seq:
    """更新のたびに新しい列を作って訓練する。

    Parameters
    ----------
    kind : str
        ``MODELS`` の名前。
    hidden_size : int
    seed : int
        初期値とデータの種。
    settings : Settings

    Returns
    -------
    Seq2Seq
    """
    with seeded(seed):
        model = MODELS[kind](SYMBOLS, settings.embedding_dim, hidden_size).to(get_device())
    optimizer = torch.optim.Adam(model.parameters(), settings.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.updates)
    data = generator(seed)
    for _ in range(settings.updates):
        loss = model.loss(*_here(reversed_digits(settings.batch_size, settings.longest, data)))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        schedule.step()
    return model


def exact(model: Seq2Seq, source: Tensor, lengths: Tensor, target: Tensor) -> float:
    """書き終わりの合図まで、1 文字も違わずに書けた列の割合。

    Parameters
    ----------
    model : Seq2Seq
    source : Tensor of int64, (n, time)
    lengths : Tensor of int64, (n,)
    target : Tensor of int64, (n, steps)

    Returns
    -------
    float
    """
    wanted = model.with_end(target)
    answers = model.answer(source, lengths, wanted.shape[1])
    return (answers == wanted).all(dim=1).float().mean().item()


@torch.no_grad()
def by_place(model: Seq2Seq, source: Tensor, lengths: Tensor, target: Tensor) -> list[float]:
    """それまでの正解を教えたとき、次の 1 文字を当てた割合。何文字めかごとに。

    Parameters
    ----------
    model : Seq2Seq
    source, lengths, target : Tensor
        :func:`exact` と同じ。ただし、長さはどれも同じ。

    Returns
    -------
    list of float
        ``steps + 1`` 個。最後のものは、書き終わりの合図。
    """
    hits = model(source, lengths, target).argmax(dim=-1) == model.with_end(target)
    return hits.float().mean(dim=0).tolist()


def units(settings: Settings) -> list[dict]:
    """測るもの：モデルと、隠れ状態の次元の組。"""
    return [{"model": model, "hidden": hidden} for model, hidden in settings.trials]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。どの割合も、種ごとに並べる。"""
    models = [train(unit["model"], unit["hidden"], seed, settings) for seed in settings.seeds]
    accuracy = {
        length: [round(exact(model, *_test(settings, length)), 6) for model in models]
        for length in range(1, settings.tested + 1)
    }
    test = _test(settings, settings.longest)
    places = zip(*(by_place(model, *test) for model in models), strict=True)
    return {
        "parameters": count_parameters(models[0]),
        **{f"length_{length}": accuracy[length] for length in settings.shown},
        "by_length": [{"length": t, "accuracy": rates} for t, rates in accuracy.items()],
        "by_place": [
            {"place": k, "accuracy": [round(hit, 6) for hit in hits]}
            for k, hits in enumerate(places, 1)
        ],
    }


def _test(settings: Settings, length: int) -> tuple[Tensor, ...]:
    """どのモデルにも共通の、長さのそろった列。"""
    data = generator(TEST_SEED + length)
    return _here(reversed_digits(settings.samples, length, data, shortest=length))


def _here(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(each.to(get_device()) for each in tensors)
