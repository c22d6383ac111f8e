"""評価のない文章からの事前学習：双方向の言語モデル。

双方向の LSTM が 1 層なら、順方向は左だけを、逆方向は右だけを読むので、順方向の出力に次の語を、
逆方向の出力に前の語を当てさせても、答えがもれることはない。こうして両方向をいちどに訓練し、
埋め込みと LSTM をそのまま :class:`lstm_text.imdb.Classifier` に移す。
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from lstm_text import PAD
from lstm_text.imdb.classifier import Classifier
from lstm_text.models import run

_CUTOFFS = (1_000, 5_000)  # よく出る順の、まとまりの境目


class LanguageModel(nn.Module):
    """``Classifier`` の埋め込みと LSTM に、前後の語を当てる出力をつけたもの。

    語彙が大きいので、出力には適応的ソフトマックスを使う。めったに出ない語は、小さな次元で、
    必要なときにだけ計算する。

    Parameters
    ----------
    classifier : Classifier
        1 層の ``Classifier``。埋め込みと LSTM は共有される（訓練すれば、こちらも変わる）。

    Raises
    ------
    ValueError
        ``classifier`` の LSTM が 1 層でないとき。

    References
    ----------
    Dai & Le (2015), "Semi-supervised Sequence Learning", NeurIPS, 3 節。
    Grave et al. (2017), "Efficient softmax approximation for GPUs", ICML。

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> model = LanguageModel(Classifier(torch.ones(9), Shape(embedding_dim=4, hidden_size=2)))
    >>> ids, lengths = torch.tensor([[2, 3, 4], [5, 6, 0]]), torch.tensor([3, 2])
    >>> ahead, behind = model.contexts(ids, lengths)
    >>> ahead[1].tolist(), behind[1].tolist()  # 当てる語
    ([3, 4, 6], [2, 3, 5])
    """

    def __init__(self, classifier: Classifier):
        super().__init__()
        if classifier.recurrent.num_layers != 1:
            raise ValueError(
                "事前学習する LSTM は 1 層にしてください"
                f"（{classifier.recurrent.num_layers} 層でした）。2 層以上では、答えがもれます。"
            )
        self.words, self.recurrent = classifier.words, classifier.recurrent
        self.word_dropout, self.locked_dropout = classifier.word_dropout, classifier.locked_dropout
        vocab_size, embedding_dim = self.words.weight.shape
        self.project = nn.Linear(classifier.recurrent.hidden_size, embedding_dim)
        cutoffs = [cutoff for cutoff in _CUTOFFS if cutoff < vocab_size] or [vocab_size - 1]
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(
            embedding_dim, vocab_size, cutoffs, div_value=2
        )

    def contexts(
        self, ids: Tensor, lengths: Tensor
    ) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """方向ごとの、``(状態 (n, hidden), 当てる語 (n,))`` の組。"""
        vectors = self.locked_dropout(self.words(self.word_dropout(ids)))
        output, _ = run(self.recurrent, vectors, lengths)
        forward, backward = self.locked_dropout(output).chunk(2, dim=-1)
        inside = ids[:, 1:] != PAD  # となり合う 2 語がどちらも系列の中
        return (
            (forward[:, :-1][inside], ids[:, 1:][inside]),
            (backward[:, 1:][inside], ids[:, :-1][inside]),
        )


class NextWord:
    """言語モデルの目的：両方向の交差エントロピー。

    Examples
    --------
    >>> NextWord().count(torch.tensor([[2, 3, 4], [5, 6, 0]]), torch.tensor([3, 2]), None)
    6
    """

    def count(self, ids: Tensor, lengths: Tensor, labels: Tensor | None) -> int:
        """当てる語の数（両方向の合計）。"""
        return 2 * int((lengths - 1).sum())

    def losses(
        self, model: LanguageModel, ids: Tensor, lengths: Tensor, labels: Tensor | None
    ) -> Iterator[Tensor]:
        """両方向の損失の和を 1 つ出す。"""
        total = 0.0
        for states, targets in model.contexts(ids, lengths):
            log_probabilities = model.softmax(model.project(states), targets).output
            total = total - log_probabilities.float().sum()  # 和は 32 ビットで求める
        yield total


@torch.no_grad()
def bits_per_word(model: LanguageModel, batches) -> float:
    """1 語を当てるのに要るビット数の平均（小さいほどよい。2 の累乗がパープレキシティ）。

    Parameters
    ----------
    model : LanguageModel
    batches : iterable
        ``(ids, lengths, labels)`` の組。

    Returns
    -------
    float

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> model = LanguageModel(Classifier(torch.ones(9), Shape(embedding_dim=4, hidden_size=2)))
    >>> batch = torch.tensor([[2, 3, 4]]), torch.tensor([3]), torch.tensor([0.0])
    >>> 0 < bits_per_word(model, [batch]) < 10
    True
    """
    objective, device = NextWord(), next(model.parameters()).device
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    for ids, lengths, labels in batches:
        count += objective.count(ids, lengths, labels)
        for loss in objective.losses(model, ids.to(device), lengths, labels):
            total += loss.item()
    model.train(was_training)
    return total / count / torch.tensor(2.0).log().item()


def transfer(weights: dict[str, Tensor], classifier: Classifier) -> None:
    """事前学習した埋め込みと LSTM の重みを ``Classifier`` に移す。

    Parameters
    ----------
    weights : dict of str to Tensor
        :class:`LanguageModel` の ``state_dict``。
    classifier : Classifier

    Raises
    ------
    ValueError
        形が合わないとき。

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> shape = Shape(embedding_dim=4, hidden_size=2)
    >>> one, two = Classifier(torch.ones(9), shape), Classifier(torch.ones(9), shape)
    >>> transfer(LanguageModel(one).state_dict(), two)
    >>> torch.equal(one.recurrent.weight_hh_l0, two.recurrent.weight_hh_l0)
    True
    """
    own = classifier.state_dict()
    for name in own:
        if name.startswith(("words.", "recurrent.")):
            if name not in weights or weights[name].shape != own[name].shape:
                came = tuple(weights[name].shape) if name in weights else "なし"
                raise ValueError(
                    f"言語モデルの {name} には形 {tuple(own[name].shape)} が必要ですが、"
                    f"{came} でした。語彙、埋め込みの次元、隠れ状態の次元をそろえてください。"
                )
            own[name].copy_(weights[name])
