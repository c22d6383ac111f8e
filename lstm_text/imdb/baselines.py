"""語の並びを（ほとんど）見ない、感情分析の強い比べ相手。scikit-learn を使います。

scikit-learn は、読み込むだけで 1 秒かかるので、どの関数も、呼ばれたときに取り込みます。
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix, diags_array


def words_and_pairs(tokens: Sequence[str]) -> list[str]:
    """語と、隣り合う 2 語の組（bigram）を並べる。

    Parameters
    ----------
    tokens : sequence of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> words_and_pairs(["not", "good", "."])
    ['not', 'good', '.', 'not good', 'good .']
    """
    return [*tokens, *(f"{first} {second}" for first, second in pairwise(tokens))]


def up_to_triples(tokens: Sequence[str]) -> list[str]:
    """語と、隣り合う 2 語の組、3 語の組（trigram）を並べる。

    Parameters
    ----------
    tokens : sequence of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> up_to_triples(["not", "good", "."])
    ['not', 'good', '.', 'not good', 'good .', 'not good .']
    """
    triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return [*words_and_pairs(tokens), *map(" ".join, triples)]


class NBSVM:
    """ナイーブベイズの重みを掛けた特徴で学ぶ、線形の SVM。

    語（または語の組）が肯定のレビューにどれだけ偏って現れるかの対数比を、
    その語の「ある・なし」に掛けてから、線形の SVM を学びます。

    Parameters
    ----------
    smoothing : float
        回数に足す数 α。
    interpolation : float
        SVM の重みと、その絶対値の平均とを混ぜる割合 β。1 なら SVM の重みだけを使う。
    C : float
        SVM の正則化の逆数。

    References
    ----------
    Wang & Manning (2012), "Baselines and Bigrams: Simple, Good Sentiment and Topic
    Classification", ACL, 式 (2)〜(4)。

    Examples
    --------
    >>> x = csr_matrix(np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0]]))
    >>> NBSVM().fit(x, [1, 1, 0, 0]).predict(x)
    array([1, 1, 0, 0])
    """

    def __init__(self, smoothing: float = 1.0, interpolation: float = 0.25, C: float = 0.1):
        self.smoothing, self.interpolation, self.C = smoothing, interpolation, C

    def fit(self, x: csr_matrix, labels: Sequence[int]) -> "NBSVM":
        """語のある・なし ``(n, features)`` と、正解 0、1 から学ぶ。"""
        from sklearn.svm import LinearSVC

        positive = np.asarray(labels) == 1
        p = self.smoothing + x[positive].sum(axis=0)
        q = self.smoothing + x[~positive].sum(axis=0)
        self.log_ratio_ = np.asarray(np.log(p / p.sum()) - np.log(q / q.sum())).ravel()
        svm = LinearSVC(C=self.C).fit(x @ diags_array(self.log_ratio_), positive)
        weight, beta = svm.coef_.ravel(), self.interpolation
        self.weight_ = self.log_ratio_ * ((1 - beta) * np.abs(weight).mean() + beta * weight)
        self.bias_ = beta * svm.intercept_[0]
        return self

    def predict(self, x: csr_matrix) -> np.ndarray:
        """語のある・なし ``(n, features)`` から、0 か 1 を答える。"""
        return (x @ self.weight_ + self.bias_ > 0).astype(int)


def bag_of_pairs():
    """トークンの列を、語と 2 語の組のある・なしのベクトルにする変換器。

    1 件のレビューにしか現れない語や組は使いません。

    Returns
    -------
    CountVectorizer

    Examples
    --------
    >>> bag_of_pairs().fit([["not", "good"], ["not", "good"]]).get_feature_names_out().tolist()
    ['good', 'not', 'not good']
    """
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(analyzer=words_and_pairs, binary=True, min_df=2, dtype=np.float32)


def bag_of_triples():
    """トークンの列を、語と 2 語の組と 3 語の組のある・なしのベクトルにする変換器。

    1 件のレビューにしか現れない語や組は使いません。

    Returns
    -------
    CountVectorizer

    Examples
    --------
    >>> bag_of_triples().fit([["so", "good"], ["so", "good"]]).get_feature_names_out().tolist()
    ['good', 'so', 'so good']
    """
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(analyzer=up_to_triples, binary=True, min_df=2, dtype=np.float32)


def tfidf_logistic_regression(C: float = 3.0):
    """TF-IDF とロジスティック回帰。特徴の行列を入力とする。

    Parameters
    ----------
    C : float
        正則化の逆数。

    Returns
    -------
    Pipeline

    Examples
    --------
    >>> x = csr_matrix(np.eye(2))
    >>> tfidf_logistic_regression().fit(x, [0, 1]).predict(x)
    array([0, 1])
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    return Pipeline(
        [
            ("tfidf", TfidfTransformer()),
            ("regression", LogisticRegression(C=C, solver="liblinear")),
        ]
    )
