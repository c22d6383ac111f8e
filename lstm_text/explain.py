"""答えの理由と信用：どの語がロジットを動かしたか、どこで間違えるか、確信度は当てになるか。"""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text.reader import Reader
from lstm_text.text import UNK, Vocabulary

NEGATIONS = frozenset(["not", "n't", "never", "no", "nothing", "nor", "neither", "nobody", "none"])
"""否定の語。"""


@dataclass(frozen=True)
class Explanation:
    """1 つの文章の、語ごとの影響。

    Attributes
    ----------
    tokens : tuple of str
    influence : tuple of float
        語ごとの影響。正なら肯定へ、負なら否定へロジットを動かした。
    probability : float
        肯定である確率。

    Examples
    --------
    >>> Explanation(("good", "film"), (0.9, 0.1), 0.8).strongest(1)
    [('good', 0.9)]
    """

    tokens: tuple[str, ...]
    influence: tuple[float, ...]
    probability: float

    def strongest(self, n: int) -> list[tuple[str, float]]:
        """影響の大きい順に ``n`` 語。"""
        pairs = zip(self.tokens, self.influence, strict=True)
        return sorted(pairs, key=lambda pair: -abs(pair[1]))[:n]

    def to_html(self) -> str:
        """色をつけた HTML の断片。

        色は文字の下地に薄く敷くだけなので、明るい画面でも暗い画面でも文字は読める。目に頼らない人の
        ために、影響の大きい語には「肯定へ」「否定へ」という読み上げ用の文字を添え、肯定は実線、
        否定は点線の下線でも区別する。
        """
        largest = max(map(abs, self.influence), default=0.0) or 1.0
        spans = [
            _span(token, value / largest)
            for token, value in zip(self.tokens, self.influence, strict=True)
        ]
        answer = "肯定" if self.probability > 0.5 else "否定"
        sure = 100 * max(self.probability, 1 - self.probability)
        label = f"答えは{answer}、確信度 {sure:.1f} %。"
        return f'<p class="influence">{label}<br/><span lang="en">{" ".join(spans)}</span></p>'


_HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def _span(token: str, strength: float) -> str:
    word = html.escape(token.replace("\x00", "\ufffd"))
    if abs(strength) < 0.1:
        return word
    # 下地の不透明度を抑える: 文字の色は画面の設定のまま読める
    colour, line, side = (
        ("0,128,96", "solid", "肯定へ") if strength > 0 else ("213,94,0", "dotted", "否定へ")
    )
    style = (
        f"background:rgba({colour},{0.45 * abs(strength):.2f});"
        f"text-decoration:underline {line} rgb({colour})"
    )
    note = f'<span lang="ja" style="{_HIDDEN}">（{side}）</span>' if abs(strength) >= 0.3 else ""
    return f'<span style="{style}">{word}{note}</span>'


def gradient_times_input(
    reader: Reader, vocabulary: Vocabulary, tokens: Sequence[str]
) -> Explanation:
    """勾配 × 入力：埋め込みを 0（平均的な語）に近づけたときの、ロジットの変化の 1 次近似。

    Parameters
    ----------
    reader : Reader
    vocabulary : Vocabulary
    tokens : sequence of str

    Returns
    -------
    Explanation

    References
    ----------
    Denil, Demiraj & de Freitas (2014), "Extraction of Salient Sentences from Labelled
    Documents", arXiv:1412.6815.

    Examples
    --------
    >>> from lstm_text.reader import Shape, build_reader
    >>> reader = build_reader(torch.ones(4), Shape(embedding_dim=3, hidden_size=2), seed=0)
    >>> len(gradient_times_input(reader, Vocabulary(["good", "film"]), ["good", "!"]).influence)
    2
    """

    def influence(ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        vectors = reader.embed(ids).detach().requires_grad_()
        logit = reader.read(vectors, lengths)
        (gradient,) = torch.autograd.grad(logit.sum(), vectors)
        return logit, (gradient * vectors).sum(dim=-1)[0]

    return _explain(reader, vocabulary, tokens, influence)


def occlusion(model: nn.Module, vocabulary: Vocabulary, tokens: Sequence[str]) -> Explanation:
    """遮蔽：語を 1 つずつ未知語に置き換えたとき、ロジットがどれだけ減るか。

    Parameters
    ----------
    model : nn.Module
        ``(ids, lengths)`` からロジット ``(batch,)`` を計算するモデル。
    vocabulary : Vocabulary
    tokens : sequence of str

    Returns
    -------
    Explanation

    References
    ----------
    Li, Monroe & Jurafsky (2016), "Understanding Neural Networks through Representation
    Erasure", arXiv:1612.08220.

    Examples
    --------
    >>> from lstm_text.reader import Shape, build_reader
    >>> reader = build_reader(torch.ones(4), Shape(embedding_dim=3, hidden_size=2), seed=0)
    >>> occlusion(reader, Vocabulary(["good", "film"]), ["good", "!"]).influence[1]
    0.0
    """

    def influence(ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        n = ids.shape[1]
        with torch.no_grad():
            logit = model(ids, lengths)
            without = ids.repeat(n, 1).fill_diagonal_(UNK)
            parts = [model(rows, lengths.expand(len(rows))) for rows in without.split(64)]
        change = logit - torch.cat(parts)
        # 置き換えても同じ番号なら、計算の順による丸めの差を残さない
        return logit, change.masked_fill(ids[0] == UNK, 0.0)

    return _explain(model, vocabulary, tokens, influence)


def _explain(
    model: nn.Module,
    vocabulary: Vocabulary,
    tokens: Sequence[str],
    influence: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
) -> Explanation:
    if not tokens:
        raise ValueError("語を 1 つ以上含む文章が必要ですが、空でした。")
    device = next(model.parameters()).device
    ids = torch.tensor([vocabulary.encode(tokens)], device=device)
    was_training = model.training
    model.eval()
    logit, values = influence(ids, torch.tensor([len(tokens)]))
    model.train(was_training)
    return Explanation(tuple(tokens), tuple(values.tolist()), logit.sigmoid().item())


def group_accuracy(correct: Tensor, values: Tensor, edges: Sequence[float]) -> list[dict]:
    """値の区間ごとの、件数、精度、標準誤差。件数 0 の区間は省く。

    Parameters
    ----------
    correct : Tensor of bool, (n,)
    values : Tensor, (n,)
        長さ、否定の語の数、評点など。
    edges : sequence of float
        区間の左の端。最後の区間に右の端はない。

    Returns
    -------
    list of dict
        キーは ``from``、``to``（最後は None）、``count``、``accuracy``、``error``。

    Examples
    --------
    >>> group_accuracy(torch.tensor([True, False]), torch.tensor([1, 9]), [0, 5])
    [{'from': 0, 'to': 5, 'count': 1, 'accuracy': 1.0, 'error': 0.0},
     {'from': 5, 'to': None, 'count': 1, 'accuracy': 0.0, 'error': 0.0}]
    """
    rows = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        inside = (values >= low) & (values < (math.inf if high is None else high))
        count = int(inside.sum())
        if count:
            p = correct[inside].double().mean().item()
            error = math.sqrt(p * (1 - p) / count)
            rows.append({"from": low, "to": high, "count": count, "accuracy": p, "error": error})
    return rows


def calibration(
    probability: Tensor,
    labels: Tensor,
    edges: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99),
) -> list[dict]:
    """確信度の区間ごとの、件数、平均の確信度、実際の精度。

    Parameters
    ----------
    probability : Tensor, (n,)
        肯定である確率。
    labels : Tensor, (n,)
        0 か 1。
    edges : sequence of float
        区間の左の端。

    Returns
    -------
    list of dict
        :func:`group_accuracy` のものに、``confidence`` を加えたもの。

    Examples
    --------
    >>> row, = calibration(torch.tensor([0.75, 0.25]), torch.tensor([1, 1]))
    >>> row["confidence"], row["accuracy"]
    (0.75, 0.5)
    """
    confidence = torch.maximum(probability, 1 - probability)
    correct = (probability > 0.5) == (labels > 0.5)
    rows = group_accuracy(correct, confidence, edges)
    for row in rows:
        inside = (confidence >= row["from"]) & (confidence < (row["to"] or math.inf))
        row["confidence"] = confidence[inside].double().mean().item()
    return rows


def calibration_error(rows: list[dict]) -> float:
    """期待較正誤差：確信度と精度の差の絶対値を、件数で重みをつけて平均したもの。

    Parameters
    ----------
    rows : list of dict
        :func:`calibration` の戻り値。

    Returns
    -------
    float

    References
    ----------
    Guo et al. (2017), "On Calibration of Modern Neural Networks", ICML, 式 (3)。

    Examples
    --------
    >>> calibration_error([{"count": 4, "confidence": 0.75, "accuracy": 0.5}])
    0.25
    """
    total = sum(row["count"] for row in rows)
    return sum(row["count"] * abs(row["confidence"] - row["accuracy"]) for row in rows) / total


def count_negations(ids: Tensor, vocabulary: Vocabulary) -> int:
    """否定の語がいくつあるか。

    Parameters
    ----------
    ids : Tensor of int, (length,)
    vocabulary : Vocabulary

    Returns
    -------
    int

    Examples
    --------
    >>> vocabulary = Vocabulary(["not", "bad"])
    >>> count_negations(torch.tensor([2, 3, 2]), vocabulary)
    2
    """
    known = [vocabulary.encode([word])[0] for word in NEGATIONS if word in vocabulary]
    return int(torch.isin(ids, torch.tensor(known, dtype=ids.dtype)).sum())
