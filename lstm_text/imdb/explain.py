"""どの語がロジットを動かしたか。"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lstm_text import UNK
from lstm_text.imdb.classifier import Classifier
from lstm_text.text import Vocabulary


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
    classifier: Classifier, vocabulary: Vocabulary, tokens: Sequence[str]
) -> Explanation:
    """勾配 × 入力：埋め込みを 0（平均的な語）に近づけたときの、ロジットの変化の 1 次近似。

    Parameters
    ----------
    classifier : Classifier
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
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> classifier = build_classifier(torch.ones(4), Shape(embedding_dim=3, hidden_size=2), seed=0)
    >>> len(gradient_times_input(classifier, Vocabulary(["good", "film"]), ["good", "!"]).influence)
    2
    """

    def influence(ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        vectors = classifier.embed(ids).detach().requires_grad_()
        logit = classifier.read(vectors, lengths)
        (gradient,) = torch.autograd.grad(logit.sum(), vectors)
        return logit, (gradient * vectors).sum(dim=-1)[0]

    return _explain(classifier, vocabulary, tokens, influence)


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
    >>> from lstm_text.imdb import Shape, build_classifier
    >>> classifier = build_classifier(torch.ones(4), Shape(embedding_dim=3, hidden_size=2), seed=0)
    >>> occlusion(classifier, Vocabulary(["good", "film"]), ["good", "!"]).influence[1]
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
