"""種だけが違うモデルを、横に並べて一度に訓練します。

1 つの種での結果は、たまたまかもしれません。種を変えて何度も訓練すればよいのですが、小さなモデルでは
計算そのものより、演算を 1 つずつ呼び出す手間に時間がかかります。そこで、同じ形の重みを積み重ね、
1 回の演算で全部の種の計算を進めます。種どうしは混ざらず、別々に訓練したときと同じ結果になります。
"""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from lstm_text.device import generator


class ManySeeds(nn.Module):
    """同じ形のモデルを、種の数だけ並べた 1 つのモデル。

    重みは、先頭に種の次元を足して積み重ねます。Adam や SGD のように要素ごとに重みを動かす
    最適化なら、そのまま種ごとの最適化になります。再帰層は :mod:`lstm_text.layers` のものを使います
    （``torch.nn`` の再帰層は、重みを積み重ねて計算できません）。

    Parameters
    ----------
    models : sequence of nn.Module
        形が同じで、重みの違うモデル。

    Raises
    ------
    ValueError
        モデルが 1 つもないとき、``torch.nn`` の再帰層を含むとき。

    Examples
    --------
    >>> models = [nn.Linear(3, 2) for _ in range(4)]
    >>> together = ManySeeds(models)
    >>> x = torch.ones(4, 5, 3)  # 種ごとに別のデータ
    >>> together(x).shape
    torch.Size([4, 5, 2])
    >>> torch.allclose(together(x)[1], models[1](x[1]))
    True
    """

    def __init__(self, models: Sequence[nn.Module]):
        super().__init__()
        if not models:
            raise ValueError("モデルが 1 つ以上必要ですが、空でした。")
        if any(isinstance(part, nn.RNNBase) for part in models[0].modules()):
            raise ValueError("torch.nn の再帰層は並べられません。lstm_text.layers の層が必要です。")
        stacked, _ = stack_module_state(list(models))
        self._names = list(stacked)
        self.weights = nn.ParameterList(nn.Parameter(w.detach()) for w in stacked.values())
        # 重みのない型。リストに入れて、この型の重みが自分の重みに数えられないようにする
        self._shape = [copy.deepcopy(models[0]).to("meta")]

    def __len__(self) -> int:
        return len(self.weights[0])

    def forward(self, *inputs: Tensor) -> Tensor:
        """``(種, batch, …)`` の入力から、``(種, …)`` の出力を計算する。"""
        (model,) = self._shape

        def one(weights: dict[str, Tensor], *inputs: Tensor) -> Tensor:
            return functional_call(model, weights, inputs)

        return vmap(one, randomness="different")(self._state(), *inputs)

    def _state(self) -> dict[str, Tensor]:
        return dict(zip(self._names, self.weights, strict=True))

    def state_of(self, index: int) -> dict[str, Tensor]:
        """``index`` 番目のモデルの重み。``load_state_dict`` に渡せる。"""
        return {name: weight[index].detach().clone() for name, weight in self._state().items()}


def clip_gradients_(together: ManySeeds, max_norm: float) -> Tensor:
    """種ごとに、勾配全体のノルムを ``max_norm`` 以下に縮める。

    Parameters
    ----------
    together : ManySeeds
        勾配の計算が済んだもの。
    max_norm : float
        上限。``inf`` なら、ノルムを測るだけ。

    Returns
    -------
    Tensor, (種,)
        縮める前のノルム。

    See Also
    --------
    torch.nn.utils.clip_grad_norm_ : 1 つのモデルについて同じ計算をする。

    Examples
    --------
    >>> together = ManySeeds([nn.Linear(1, 1, bias=False) for _ in range(2)])
    >>> together(torch.tensor([[[3.0]], [[0.5]]])).sum().backward()
    >>> clip_gradients_(together, 1.0)
    tensor([3.0000, 0.5000])
    >>> together.weights[0].grad.flatten()
    tensor([1.0000, 0.5000])
    """
    gradients = [weight.grad for weight in together.weights]
    norms = torch.stack([g.flatten(1).norm(dim=1) for g in gradients]).norm(dim=0)
    if max_norm < float("inf"):
        scale = (max_norm / (norms + 1e-6)).clamp(max=1)
        for gradient in gradients:
            gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
    return norms


Draw = Callable[[torch.Generator], tuple[Tensor, Tensor]]
Measure = Callable[[Tensor, Tensor], Tensor]


def stacked(draw: Draw, generators: Sequence[torch.Generator]) -> tuple[Tensor, Tensor]:
    """種ごとの生成器でデータを作り、積み重ねる。

    Parameters
    ----------
    draw : callable
        生成器から ``(入力, 目標)`` を作る関数。
    generators : sequence of torch.Generator

    Returns
    -------
    tuple of Tensor, それぞれ (種, n, ...)

    Examples
    --------
    >>> from lstm_text.tasks import adding
    >>> x, y = stacked(lambda g: adding(8, 5, g), [generator(0), generator(1)])
    >>> x.shape, y.shape
    (torch.Size([2, 8, 5, 2]), torch.Size([2, 8, 1]))
    """
    return tuple(map(torch.stack, zip(*map(draw, generators), strict=True)))


def fit_together(
    together: ManySeeds,
    seeds: Sequence[int],
    draw: Draw,
    loss: Measure,
    optimizer: torch.optim.Optimizer,
    *,
    updates: int,
    clip: float = float("inf"),
    every: int = 100,
    test: tuple[Tensor, Tensor],
    score: Measure,
) -> list[dict]:
    """並べたモデルを、種ごとに別のデータで訓練する。

    データは更新のたびに新しく作るので、訓練データの使い回しによる過学習は起きません。
    損失が有限でなくなった種があっても、ほかの種はそのまま進みます。

    Parameters
    ----------
    together : ManySeeds
    seeds : sequence of int
        種ごとに、訓練データの生成器の種。
    draw : callable
        生成器から、1 回の更新に使う ``(入力, 目標)`` を作る関数。
    loss : callable
        ``(予測, 目標)`` から損失を返す関数（1 つの種についてのもの）。
    optimizer : torch.optim.Optimizer
        ``together`` の重みを、要素ごとに動かすもの（Adam、SGD など）。
    updates : int
        更新の回数。
    clip : float
        種ごとの勾配のノルムの上限。省くと縮めない。
    every : int
        この回数ごとに評価する。
    test : tuple of Tensor
        評価に使う ``(入力, 目標)``。どの種も同じものを使う。
    score : callable
        ``(予測, 目標)`` から評価の数値を返す関数（1 つの種についてのもの）。

    Returns
    -------
    list of dict
        評価ごとに、``update``（それまでの更新の回数）、種ごとの ``loss``（前の評価からの損失の
        平均）、``score``、``grad_norm``（前の評価からの、縮める前の勾配のノルムの最大値）。
        有限でない値は None。有効数字は 6 桁。

    Examples
    --------
    >>> together = ManySeeds([nn.Linear(1, 1) for _ in range(3)])
    >>> x = torch.linspace(-1, 1, 8).unsqueeze(1)
    >>> optimizer = torch.optim.Adam(together.parameters(), lr=0.1)
    >>> mse = nn.functional.mse_loss
    >>> rows = fit_together(together, [0, 1, 2], lambda g: (x, 3 * x), mse, optimizer,
    ...                     updates=200, test=(x, 3 * x), score=mse)
    >>> [row["update"] for row in rows], max(rows[-1]["score"]) < 1e-3
    ([100, 200], True)
    """
    device = together.weights[0].device
    generators = [generator(seed) for seed in seeds]
    losses, norms, rows = [], [], []
    for update in range(1, updates + 1):
        x, y = (part.to(device) for part in stacked(draw, generators))
        each = vmap(loss)(together(x), y)
        optimizer.zero_grad()
        each.sum().backward()
        norms.append(clip_gradients_(together, clip))
        optimizer.step()
        losses.append(each.detach())
        if update % every == 0 or update == updates:
            row = {
                "loss": torch.stack(losses).mean(dim=0),
                "score": evaluate_together(together, *test, score),
                "grad_norm": torch.stack(norms).amax(dim=0),
            }
            rows.append({"update": update, **{name: numbers(t) for name, t in row.items()}})
            losses, norms = [], []
    return rows


@torch.no_grad()
def evaluate_together(together: ManySeeds, x: Tensor, y: Tensor, score: Measure) -> Tensor:
    """どの種のモデルにも同じデータを与え、種ごとの数値を求める。

    Parameters
    ----------
    together : ManySeeds
    x, y : Tensor, (n, ...)
    score : callable
        ``(予測, 目標)`` から数値を返す関数（1 つの種についてのもの）。

    Returns
    -------
    Tensor, (種,)

    Examples
    --------
    >>> together = ManySeeds([nn.Linear(2, 1) for _ in range(3)])
    >>> x, y = torch.ones(5, 2), torch.zeros(5, 1)
    >>> evaluate_together(together, x, y, nn.functional.mse_loss).shape
    torch.Size([3])
    """
    device = together.weights[0].device
    prediction = together(x.to(device).expand(len(together), *x.shape))
    target = y.to(device).expand(len(together), *y.shape)
    return torch.stack([score(p, t) for p, t in zip(prediction, target, strict=True)])


def numbers(values: Tensor) -> list[float | None]:
    """記録に書く数。有効数字 6 桁にし、有限でないものは None にする。

    Parameters
    ----------
    values : Tensor, (n,)

    Returns
    -------
    list of float or None

    Examples
    --------
    >>> numbers(torch.tensor([1 / 3, float("nan")]))
    [0.333333, None]
    """
    finite = values.isfinite().tolist()
    return [
        float(f"{v:.6g}") if ok else None for v, ok in zip(values.tolist(), finite, strict=True)
    ]
