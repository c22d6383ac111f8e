"""埋め込みの初めの値にする単語ベクトル。"""

import hashlib
from contextlib import suppress

import torch
from torch import Tensor

from lstm_text import UNK
from lstm_text.datasets import cache_folder, load_glove
from lstm_text.device import generator
from lstm_text.imdb.corpus import EncodedTexts
from lstm_text.imdb.data import ImdbData
from lstm_text.storage import load_tensors, save_tensors
from lstm_text.text import Vocabulary


def word2vec(
    texts: list[EncodedTexts],
    vocabulary: Vocabulary,
    dimension: int,
    epochs: int = 5,
    seed: int = 0,
    workers: int = 1,
) -> Tensor:
    """文章から、単語ベクトル word2vec（skip-gram ではなく CBOW、負例 5）を作る。

    Parameters
    ----------
    texts : list of EncodedTexts
    vocabulary : Vocabulary
    dimension : int
    epochs : int
    seed : int
    workers : int
        スレッドの数。2 以上では速くなるが、結果は毎回わずかに変わる。

    Returns
    -------
    Tensor of float32, (len(vocabulary), dimension)
        文章に現れなかった番号の行は 0。

    Raises
    ------
    ModuleNotFoundError
        gensim が入っていないとき。

    References
    ----------
    Mikolov et al. (2013), "Distributed Representations of Words and Phrases and their
    Compositionality", NeurIPS。

    Examples
    --------
    >>> texts = EncodedTexts(torch.tensor([2, 3, 2, 3]), torch.tensor([0, 4]))
    >>> word2vec([texts], Vocabulary(["a", "b"]), 5).shape  # doctest: +SKIP
    torch.Size([4, 5])
    """
    try:
        from gensim.models import Word2Vec  # 使うときまで読み込まない
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            '単語ベクトルを作るには gensim が必要です（pip install -e ".[vectors]"）。'
            "Python 3.14 用の版はまだないので、3.13 までを使ってください。"
        ) from error
    names = list(map(str, range(len(vocabulary))))  # gensim の語は文字列
    sentences = [[names[i] for i in part[k].tolist()] for part in texts for k in range(len(part))]
    model = Word2Vec(
        sentences,
        vector_size=dimension,
        window=5,
        min_count=1,
        epochs=epochs,
        seed=seed,
        workers=workers,
    )
    vectors = torch.zeros(len(vocabulary), dimension)
    rows = [int(name) for name in model.wv.index_to_key]
    vectors[rows] = torch.from_numpy(model.wv.vectors.copy())
    return vectors


VECTORS = ("random", "glove", "word2vec")


def initial_vectors(data: ImdbData, dimension: int, vectors: str, seed: int) -> Tensor | None:
    """埋め込みの初めの値。``"random"`` なら None。

    Parameters
    ----------
    data : ImdbData
    dimension : int
    vectors : {"random", "glove", "word2vec"}
    seed : int
        ベクトルのない語の行の乱数の種。

    Returns
    -------
    Tensor, (len(data.vocabulary), dimension), or None
        ベクトルのない語の行は、ほかの行と同じ広がりの乱数。

    Examples
    --------
    >>> from lstm_text.imdb import TextOptions, load_reviews
    >>> initial_vectors(load_reviews(TextOptions(limit=9), 0.5, 0), 8, "random", 0) is None
    True
    """
    if vectors == "random":
        return None
    if vectors == "word2vec":
        table = _word2vec_once(data, dimension)
    else:
        glove = load_glove(dimension)
        table = torch.zeros(len(data.vocabulary), dimension)
        for i, row in zip(data.vocabulary.encode(glove.words), glove.values, strict=True):
            if i != UNK:
                table[i] = row
    missing = (table == 0).all(dim=1)
    noise = torch.randn(table.shape, generator=generator(seed))
    return torch.where(missing[:, None], table[~missing].std() * noise, table)


def _word2vec_once(data: ImdbData, dimension: int) -> Tensor:
    """単語ベクトルは、同じ文章からは 1 度だけ作り、キャッシュに残す。"""
    kind, digest = "単語ベクトル word2vec", hashlib.sha256(f"{dimension} ".encode())
    for texts in data.plain:
        digest.update(texts.ids.numpy())
        digest.update(texts.starts.numpy())
    path = cache_folder() / "vectors" / f"{digest.hexdigest()[:16]}.safetensors"
    with suppress(FileNotFoundError, ValueError):
        return load_tensors(path, kind).tensors["vectors"]
    table = word2vec(data.plain, data.vocabulary, dimension)
    with suppress(OSError):
        save_tensors(path, kind, {"vectors": table}, {})
    return table
