"""訓練の目的：ふつうの損失、敵対的訓練、仮想敵対的訓練。

目的は、1 つのミニバッチから損失（和）を順に出す生成器です。訓練のループは、出てくるたびに件数で
割って逆伝播します。2 つめの損失を作るときには、1 つめの勾配がもう求まっているので、敵対的な雑音の
向きを、余分な逆伝播なしに決められます。

正解が -1 のレビュー（評価のないもの）は、仮想敵対的訓練だけが使います。
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from lstm_text import PAD
from lstm_text.imdb.classifier import Classifier


def perturbation(direction: Tensor, epsilon: float) -> Tensor:
    """向きを、系列ごとに、大きさ（ノルム）がちょうど ε の雑音にする。

    Parameters
    ----------
    direction : Tensor, (batch, time, features)
        系列の外は 0。
    epsilon : float

    Returns
    -------
    Tensor, (batch, time, features)
        勾配は通さない。向きが 0 の系列では 0。

    References
    ----------
    Miyato, Dai & Goodfellow (2017), 式 (5)。

    Examples
    --------
    >>> perturbation(torch.tensor([[[3.0], [4.0]]]), epsilon=10.0)
    tensor([[[6.],
             [8.]]])
    """
    # 先に最大値で割る: 勾配はとても小さく、2 乗すると 0 になることがある
    direction = direction.detach().to(torch.promote_types(direction.dtype, torch.float32))
    smallest = torch.finfo(direction.dtype).tiny  # これより小さい数は 0 とみなされることがある
    direction = direction / direction.abs().amax(dim=(1, 2), keepdim=True).clamp_min(smallest)
    return epsilon * direction / direction.norm(dim=(1, 2), keepdim=True).clamp_min(smallest)


def _supervised(logits: Tensor, labels: Tensor) -> Tensor:
    known = (labels >= 0).to(logits.dtype)
    losses = binary_cross_entropy_with_logits(logits, labels.clamp_min(0), reduction="none")
    return (known * losses).sum()


class Supervised:
    """ふつうの 2 値交差エントロピー。

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> classifier = Classifier(torch.ones(9), Shape(embedding_dim=3, hidden_size=2))
    >>> batch = torch.tensor([[2, 3]]), torch.tensor([2]), torch.tensor([1.0])
    >>> Supervised().count(*batch), len(list(Supervised().losses(classifier, *batch)))
    (1, 1)
    """

    def count(self, ids: Tensor, lengths: Tensor, labels: Tensor) -> int:
        """損失の和を割る数。ここではレビューの件数。"""
        return len(labels)

    def losses(
        self, classifier: Classifier, ids: Tensor, lengths: Tensor, labels: Tensor
    ) -> Iterator[Tensor]:
        """損失の和を 1 つ出す。"""
        yield _supervised(classifier(ids, lengths), labels)


class Adversarial(Supervised):
    """敵対的訓練：損失がいちばん増える向きに、埋め込みを ε だけ動かしても当てさせる。

    Parameters
    ----------
    epsilon : float
        1 つのレビューの埋め込み全体に足す雑音のノルム。

    References
    ----------
    Miyato, Dai & Goodfellow (2017), 式 (4)〜(6)。

    Examples
    --------
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> model = build_classifier(torch.ones(9), Shape(4, 3, locked_dropout=0, dropout=0), seed=0)
    >>> batch = torch.tensor([[2, 3, 4]]), torch.tensor([3]), torch.tensor([1.0])
    >>> values = []
    >>> for loss in Adversarial(1.0).losses(model, *batch):
    ...     loss.backward()
    ...     values.append(loss.item())
    >>> values[0] < values[1]  # 雑音は損失を増やす
    True
    """

    def __init__(self, epsilon: float):
        self.epsilon = epsilon

    def losses(
        self, classifier: Classifier, ids: Tensor, lengths: Tensor, labels: Tensor
    ) -> Iterator[Tensor]:
        """雑音のない損失、次に雑音のある損失を出す。"""
        vectors = classifier.embed(ids)
        clean = vectors.detach().requires_grad_()
        same_masks = _remember_noise(ids.device)
        yield _supervised(classifier.read(clean, lengths), labels)
        moved = (clean + perturbation(clean.grad, self.epsilon)).detach().requires_grad_()
        same_masks()
        yield _supervised(classifier.read(moved, lengths), labels)
        vectors.backward(clean.grad + moved.grad)


class VirtualAdversarial(Supervised):
    """仮想敵対的訓練：答えの分布がいちばん変わる向きに動かしても、答えを変えさせない。

    正解を使わないので、評価のないレビューからも学べる。

    Parameters
    ----------
    epsilon : float
        雑音のノルム。
    probe : float
        向きを探すときの、小さな雑音のノルム。

    References
    ----------
    Miyato, Dai & Goodfellow (2017), 式 (7)〜(9)。

    Examples
    --------
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> model = build_classifier(torch.ones(9), Shape(4, 3, locked_dropout=0, dropout=0), seed=0)
    >>> batch = torch.tensor([[2, 3, 4]]), torch.tensor([3]), torch.tensor([1.0])
    >>> values = []
    >>> for loss in VirtualAdversarial(1.0).losses(model, *batch):
    ...     loss.backward()
    ...     values.append(loss.item())
    >>> values[1] > 0  # 雑音は答えの分布を変える
    True
    """

    def __init__(self, epsilon: float, probe: float = 0.1):
        self.epsilon, self.probe = epsilon, probe

    def losses(
        self, classifier: Classifier, ids: Tensor, lengths: Tensor, labels: Tensor
    ) -> Iterator[Tensor]:
        """ふつうの損失、次に答えの分布の変わり方（KL ダイバージェンス）を出す。"""
        vectors = classifier.embed(ids)
        clean = vectors.detach().requires_grad_()
        same_masks = _remember_noise(ids.device)
        logits = classifier.read(clean, lengths)
        answers = logits.detach()
        yield _supervised(logits, labels)

        inside = (ids != PAD).unsqueeze(-1)
        probe = perturbation(torch.randn_like(clean) * inside, self.probe).requires_grad_()
        same_masks()
        change = divergence(answers, classifier.read(clean.detach() + probe, lengths)).sum()
        (direction,) = torch.autograd.grad(change, probe)

        moved = (clean + perturbation(direction, self.epsilon)).detach().requires_grad_()
        same_masks()
        yield divergence(answers, classifier.read(moved, lengths)).sum()
        vectors.backward(clean.grad + moved.grad)


def divergence(logits: Tensor, moved: Tensor) -> Tensor:
    """2 つの答えの分布の KL ダイバージェンス。

    Parameters
    ----------
    logits, moved : Tensor, (batch,)
        もとの答えと、動かした答えのロジット。

    Returns
    -------
    Tensor, (batch,)

    Examples
    --------
    >>> divergence(torch.tensor([0.0, 2.0]), torch.tensor([0.0, 2.0]))
    tensor([0., 0.])
    """
    p = logits.sigmoid()
    return p * (logsigmoid(logits) - logsigmoid(moved)) + (1 - p) * (
        logsigmoid(-logits) - logsigmoid(-moved)
    )


def _remember_noise(device: torch.device) -> Callable[[], None]:
    """いまの乱数の状態を覚える。返した関数を呼ぶと戻り、同じドロップアウトのマスクが出る。"""
    if device.type == "cuda":
        state = torch.cuda.get_rng_state(device)
        return lambda: torch.cuda.set_rng_state(state, device)
    state = torch.get_rng_state()
    return lambda: torch.set_rng_state(state)
