"""実データ: 探し、確かめて、読む。

どのデータも、(1) 環境変数 ``LSTM_TEXT_DATA`` のフォルダ、(2) 以前にダウンロードしたキャッシュ、
(3) 公式の配布元からのダウンロード、(4) 組み込みのコーパス、の順に探し、どれを使ったかを
``source`` に残します。

===================  ================================================================
環境変数             意味
===================  ================================================================
LSTM_TEXT_DATA       データを置いたフォルダ（キャッシュのフォルダと同じ並び方）
LSTM_TEXT_CACHE      キャッシュのフォルダ（なければ利用者ごとの標準の場所）
LSTM_TEXT_OFFLINE    1 ならダウンロードしない
===================  ================================================================

``python -m lstm_text.datasets`` は、すべてのデータを先にダウンロードしておきます。
"""

import hashlib
import io
import json
import os
import re
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from lstm_text import corpora
from lstm_text.corpora import Reviews, Sentence
from lstm_text.files import replacing

_GLOVE_URL = "https://nlp.stanford.edu/data/glove.6B.zip"
_TIMEOUT = (5, 20)  # 接続と、次の断片が届くまでの秒数
_BUILTIN_SEED = 20260101
_IMDB_COUNTS = {"neg": 12_500, "pos": 12_500, "unsup": 50_000}
_SENTENCE_COUNTS = {"en_ewt": (12_544, 2_001, 2_077), "ja_gsd": (7_050, 507, 543)}


@dataclass(frozen=True)
class Source:
    """データの出どころ。``str`` で、ページに載せる 1 文になる。

    Attributes
    ----------
    kind : {"LSTM_TEXT_DATA", "cache", "download", "builtin"}
        どこから読んだか。
    name : str
        データの名前。
    where : str
        配布元の URL。組み込みのコーパスなら、それが何か。
    note : str
        断り書き。先に探した所で見つからなかった理由など。

    Examples
    --------
    >>> source = Source("cache", "IMDb の映画レビュー", "https://example.org/imdb")
    >>> print(source)
    データ：IMDb の映画レビュー（https://example.org/imdb から以前にダウンロードしたキャッシュ）。
    >>> source.is_builtin
    False
    """

    kind: Literal["LSTM_TEXT_DATA", "cache", "download", "builtin"]
    name: str
    where: str
    note: str = ""

    def __post_init__(self):
        # 章が使ったデータを、本を作る側が知るための知らせ。
        sys.audit("lstm_text.source", self.name, str(self))

    @property
    def is_builtin(self) -> bool:
        """組み込みのコーパスか。"""
        return self.kind == "builtin"

    def __str__(self) -> str:
        if self.is_builtin:
            return f"データ：{self.name}ではなく、{self.where}です（{self.note}）。"
        how = {
            "LSTM_TEXT_DATA": "環境変数 LSTM_TEXT_DATA のフォルダ",
            "cache": f"{self.where} から以前にダウンロードしたキャッシュ",
            "download": f"{self.where} からダウンロードしました",
        }[self.kind]
        return f"データ：{self.name}（{how}{self.note and '。' + self.note}）。"


@dataclass(frozen=True)
class Imdb:
    """IMDb の映画レビュー（Maas et al., 2011）。:func:`load_imdb` の戻り値。

    Attributes
    ----------
    train, test : Reviews
        訓練用とテスト用。
    source : Source
        出どころ。

    Examples
    --------
    >>> train, test = Reviews(("Great!", "Dull."), (1, 0)), Reviews(("Fine.",), (1,))
    >>> imdb = Imdb(train, test, Source("builtin", "レビュー", "作りもの", "例のため"))
    >>> len(imdb.train), imdb.test.texts[0]
    (2, 'Fine.')
    """

    train: Reviews
    test: Reviews
    source: Source


@dataclass(frozen=True)
class Unlabelled:
    """評価のないレビュー。:func:`load_imdb_unlabelled` の戻り値。

    Attributes
    ----------
    texts : tuple of str
        本文。
    source : Source
        出どころ。

    Examples
    --------
    >>> source = Source("builtin", "レビュー", "作りもの", "例のため")
    >>> Unlabelled(("Great!", "Dull."), source).texts
    ('Great!', 'Dull.')
    """

    texts: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Treebank:
    """品詞（UPOS）つきの文。:func:`load_treebank` の戻り値。

    Attributes
    ----------
    train, dev, test : tuple of Sentence
        訓練用、検証用、テスト用。
    source : Source
        出どころ。

    Examples
    --------
    >>> sentence = Sentence(("雨", "だ"), ("NOUN", "AUX"))
    >>> source = Source("builtin", "文", "作りもの", "例のため")
    >>> Treebank((sentence,), (), (), source).train[0].tags
    ('NOUN', 'AUX')
    """

    train: tuple[Sentence, ...]
    dev: tuple[Sentence, ...]
    test: tuple[Sentence, ...]
    source: Source


@dataclass(frozen=True)
class Book:
    """一冊の本の本文。:func:`load_neko` の戻り値。

    Attributes
    ----------
    text : str
        本文。
    source : Source
        出どころ。

    Examples
    --------
    >>> Book("吾輩は猫である。", Source("builtin", "小説", "冒頭", "例のため")).text[:2]
    '吾輩'
    """

    text: str
    source: Source


@dataclass(frozen=True, eq=False)
class WordVectors:
    """訓練済みの単語ベクトル。:func:`load_glove` の戻り値。

    Attributes
    ----------
    words : tuple of str
        語。
    values : Tensor of float32, (len(words), dimension)
        行が語に対応する。
    source : Source
        出どころ。

    Examples
    --------
    >>> source = Source("cache", "単語ベクトル", "https://example.org/vectors")
    >>> WordVectors(("film", "good"), torch.zeros(2, 50), source).values.shape
    torch.Size([2, 50])
    """

    words: tuple[str, ...]
    values: torch.Tensor
    source: Source


@dataclass(frozen=True)
class _Remote:
    """配布されているファイル。``path`` はフォルダの中での場所。"""

    path: str
    url: str
    sha256: str = ""
    counts: tuple[int, int] = (0, 0)

    def accepts(self, content: bytes) -> bool:
        """本物か。ハッシュがわからないものは、文の数と語の数で確かめる。"""
        if self.sha256:
            return hashlib.sha256(content).hexdigest() == self.sha256
        try:
            sentences = parse_conllu(content.decode())
        except ValueError:
            return False
        return (len(sentences), sum(len(s.words) for s in sentences)) == self.counts


def _treebank_files(
    folder: str, release: str, prefix: str, hashes: dict[str, str]
) -> tuple[_Remote, ...]:
    base = f"https://raw.githubusercontent.com/UniversalDependencies/{folder}/{release}"
    return tuple(
        _Remote(
            f"ud/{folder}/{prefix}-ud-{split}.conllu",
            f"{base}/{prefix}-ud-{split}.conllu",
            hashes.get(split, ""),
            counts=(7_050, 168_333),  # ハッシュのない、Japanese GSD の train の文と語の数
        )
        for split in ("train", "dev", "test")
    )


_IMDB = _Remote(
    "imdb/aclImdb_v1.tar.gz",
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)
_NEKO = _Remote(
    "text/neko.txt",
    "https://nlp100.github.io/data/neko.txt",
    "3a05f10114fa7eea9df80a9bb371f9787445e98119900bd6a6bbd8f2c06e3f4b",
)
_TREEBANKS = {
    "en_ewt": _treebank_files(
        "UD_English-EWT",
        "r2.16",
        "en_ewt",
        {
            "train": "3fb78e2b55482c8ee00caa653af436c88c9e5bc9a73ce26e4ae3ddc79d2b7e7b",
            "dev": "531a54ff90d6ab12201c5a50c3e78e6ddac4de69abc4bce5d275d3cd29efe2b6",
            "test": "e266e515a0a7547657ed3d90d9ba46487d6bd251f27ad4269d4e8a427c8555cd",
        },
    ),
    "ja_gsd": _treebank_files(
        "UD_Japanese-GSD",
        "r2.9",
        "ja_gsd",
        {
            "dev": "62f75632d2ddc26ca5c1cfdfb65b61e5ace1a2c4672aab301784dfb2e3878c3d",
            "test": "7485963bbc6bf123abb662b8d7605c47e0b5f5437c50a2bbe4a2ce9881b051cb",
        },
    ),
}


def load_imdb() -> Imdb:
    """IMDb の映画レビュー。訓練 25,000 件、テスト 25,000 件、肯定と否定が半分ずつ。

    レビューは否定、肯定の順、それぞれ番号の順に並びます。検証用の分割はないので、
    ``split_validation`` で訓練から分けます。なお、123 通りの本文が訓練とテストの両方にあります。

    Returns
    -------
    Imdb
        ``train`` と ``test``。手に入らなければ、組み込みのレビュー 4,000 件と 2,000 件。

    Raises
    ------
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        ``LSTM_TEXT_DATA`` のフォルダのアーカイブが壊れているとき。

    References
    ----------
    Maas et al. (2011), "Learning Word Vectors for Sentiment Analysis", ACL.

    Examples
    --------
    >>> imdb = load_imdb()
    >>> print(imdb.source)  # doctest: +SKIP
    データ：IMDb の映画レビュー（環境変数 LSTM_TEXT_DATA のフォルダ）。
    >>> len(imdb.train) >= 4_000
    True
    """
    name = "IMDb の映画レビュー"
    contents, source = _find(name, [_IMDB])
    if contents is None:
        generator = torch.Generator().manual_seed(_BUILTIN_SEED)
        train, test = corpora.reviews(4_000, generator), corpora.reviews(2_000, generator)
        what = "文法から作った架空の映画レビュー（訓練 4,000 件、テスト 2,000 件）"
        return Imdb(train, test, replace(source, where=what))
    texts, note = _reviews_in(
        contents[0], ("train/neg", "train/pos", "test/neg", "test/pos"), "labelled"
    )
    train, test = (
        Reviews(
            (*texts[f"{split}/neg"], *texts[f"{split}/pos"]),
            (0,) * len(texts[f"{split}/neg"]) + (1,) * len(texts[f"{split}/pos"]),
        )
        for split in ("train", "test")
    )
    return Imdb(train, test, replace(source, note=_join(source.note, note)))


def load_imdb_unlabelled() -> Unlabelled:
    """IMDb の、評価のないレビュー 50,000 件。

    Returns
    -------
    Unlabelled
        手に入らなければ、組み込みのレビュー 4,000 件。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。

    Examples
    --------
    >>> len(load_imdb_unlabelled().texts) >= 4_000
    True
    """
    contents, source = _find("IMDb の評価のないレビュー", [_IMDB])
    if contents is None:
        generator = torch.Generator().manual_seed(_BUILTIN_SEED + 1)
        what = "文法から作った架空の映画レビュー（4,000 件）"
        return Unlabelled(corpora.reviews(4_000, generator).texts, replace(source, where=what))
    texts, note = _reviews_in(contents[0], ("train/unsup",), "unlabelled")
    return Unlabelled(tuple(texts["train/unsup"]), replace(source, note=_join(source.note, note)))


def load_imdb_ratings() -> dict[str, tuple[int, ...]]:
    """IMDb のレビューに付いた評点（10 点満点）。4 点までが否定、7 点からが肯定。

    5 点と 6 点のレビューは、初めから入っていない。

    Returns
    -------
    dict of str to tuple of int
        ``"train"`` と ``"test"``。並びは :func:`load_imdb` の ``train`` と ``test`` と同じ。
        本物の IMDb が手に入らなければ空（組み込みのレビューに評点はない）。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。

    Examples
    --------
    >>> load_imdb_ratings()["test"][:3]  # doctest: +SKIP
    (2, 3, 4)
    """
    if load_imdb().source.is_builtin:  # 壊れたアーカイブも、ここで断られる
        return {}
    contents, _ = _find("IMDb の評点", [_IMDB])
    member_name = re.compile(r"aclImdb/(train|test)/(neg|pos)/(\d+)_(\d+)\.txt")
    with tarfile.open(fileobj=io.BytesIO(contents[0]), mode="r|gz") as tar:
        names = [member_name.fullmatch(member.name) for member in tar if member.isfile()]
    rated = sorted((m[1], m[2], int(m[3]), int(m[4])) for m in names if m)
    return {split: tuple(r[3] for r in rated if r[0] == split) for split in ("train", "test")}


def load_imdb_films() -> tuple[str, ...]:
    """IMDb の訓練用のレビューが、どの映画の感想か。

    Returns
    -------
    tuple of str
        映画の番号（``"tt"`` で始まる）。並びは :func:`load_imdb` の ``train`` と同じ。
        本物の IMDb が手に入らなければ空（組み込みのレビューは、どの映画の感想でもない）。

    Raises
    ------
    FileNotFoundError, ValueError
        ``load_imdb`` と同じ。映画の番号の数が合わないときも。

    Examples
    --------
    >>> load_imdb_films()[0]  # doctest: +SKIP
    'tt0064354'
    """
    if load_imdb().source.is_builtin:  # 壊れたアーカイブも、ここで断られる
        return ()
    contents, _ = _find("IMDb の映画の番号", [_IMDB])
    pages = {f"aclImdb/train/urls_{label}.txt": "" for label in ("neg", "pos")}
    with tarfile.open(fileobj=io.BytesIO(contents[0]), mode="r|gz") as tar:
        for member in tar:
            if member.name in pages and member.isfile():  # 1 行に 1 件、レビューの番号の順
                pages[member.name] = tar.extractfile(member).read().decode(errors="replace")
    films = [re.findall(r"/title/(tt\d+)/", page) for page in pages.values()]
    for name, label, found in zip(pages, ("neg", "pos"), films, strict=True):
        _require_number(f"{_IMDB.path} の {name}", len(found), _IMDB_COUNTS[label], "件")
    return (*films[0], *films[1])


def load_treebank(name: Literal["en_ewt", "ja_gsd"]) -> Treebank:
    """Universal Dependencies の、品詞（UPOS）つきの文。

    Parameters
    ----------
    name : {"en_ewt", "ja_gsd"}
        英語（English Web Treebank r2.16、12,544 / 2,001 / 2,077 文）か、
        日本語（Japanese GSD r2.9、7,050 / 507 / 543 文）。

    Returns
    -------
    Treebank
        ``train``、``dev``、``test``。手に入らなければ、組み込みの 4,000 / 500 / 500 文。

    Raises
    ------
    ValueError
        名前が違うとき、``LSTM_TEXT_DATA`` のフォルダのファイルが壊れているとき。
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。

    Examples
    --------
    >>> treebank = load_treebank("ja_gsd")
    >>> treebank.train[0].words[-1], treebank.train[0].tags[-1]
    ('。', 'PUNCT')
    """
    titles = {"en_ewt": "UD English-EWT の文", "ja_gsd": "UD Japanese-GSD の文"}
    if name not in titles:
        raise ValueError(f"name には 'en_ewt' か 'ja_gsd' が必要ですが、{name!r} でした。")
    contents, source = _find(titles[name], _TREEBANKS[name])
    if contents is None:
        language, make = {
            "en_ewt": ("英文", corpora.english_sentences),
            "ja_gsd": ("和文", corpora.japanese_sentences),
        }[name]
        made = tuple(make(5_000, torch.Generator().manual_seed(_BUILTIN_SEED)))
        what = f"文法から作った品詞つきの{language}（訓練 4,000 文、検証 500 文、テスト 500 文）"
        return Treebank(made[:4_000], made[4_000:4_500], made[4_500:], replace(source, where=what))
    splits = []
    for remote, content, count in zip(
        _TREEBANKS[name], contents, _SENTENCE_COUNTS[name], strict=True
    ):
        try:
            splits.append(tuple(parse_conllu(content.decode())))
        except ValueError as error:
            raise ValueError(f"{remote.path} を CoNLL-U として読めません（{error}）。") from error
        _require_number(remote.path, len(splits[-1]), count, "文")
    return Treebank(*splits, source)


def load_neko() -> Book:
    """夏目漱石『吾輩は猫である』の全文（約 33 万字、パブリックドメイン）。

    Returns
    -------
    Book
        手に入らなければ、同梱の冒頭約 2 万字。

    Raises
    ------
    FileNotFoundError
        ``LSTM_TEXT_DATA`` のフォルダがないとき。
    ValueError
        ``LSTM_TEXT_DATA`` のフォルダのファイルが壊れているとき。

    Examples
    --------
    >>> load_neko().text[:8]
    '\\u3000吾輩は猫である'
    """
    contents, source = _find("『吾輩は猫である』の全文", [_NEKO])
    if contents is None:
        text = corpora.neko_excerpt()
        return Book(text, replace(source, where=f"冒頭の {len(text):,} 字"))
    try:
        text = contents[0].decode().lstrip("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{_NEKO.path} を UTF-8 として読めません（{error}）。") from error
    if not text.startswith("\u3000吾輩は猫である"):
        raise ValueError(f"{_NEKO.path} は『吾輩は猫である』ではありません（{text[:20]!r}）。")
    return Book(text.partition("\n© 2018 GitHub")[0], source)  # 配布元のページの脚注が混じっている


def load_glove(dimension: Literal[50, 100]) -> WordVectors:
    """60 億語の文章から作られた単語ベクトル GloVe 6B のうち、IMDb によく出る語の分。

    862 MB あるので、自動ではダウンロードしません。``LSTM_TEXT_DATA`` のフォルダか、
    :func:`cache_folder` の、``glove`` の中を探します。配布元の ``glove.6B.zip`` でも、そこから
    取り出した ``glove.6B.100d.txt`` でも、よく出る 2 万語だけにした ``.npy`` と ``.vocab.txt``
    の組でもかまいません。

    Parameters
    ----------
    dimension : {50, 100}
        ベクトルの次元。

    Returns
    -------
    WordVectors

    Raises
    ------
    FileNotFoundError
        どちらのフォルダにもないとき。
    ValueError
        壊れているとき、中身の次元や数が合わないとき。

    References
    ----------
    Pennington, Socher & Manning (2014), "GloVe: Global Vectors for Word Representation", EMNLP.

    Examples
    --------
    >>> load_glove(100).values.shape  # doctest: +SKIP
    torch.Size([19690, 100])
    """
    folders = {"cache": cache_folder()}
    if variable := os.environ.get("LSTM_TEXT_DATA"):
        folders = {"LSTM_TEXT_DATA": Path(variable).expanduser(), **folders}
    name = f"glove.6B.{dimension}d.txt"
    for kind, folder in folders.items():
        folder = folder / "glove"
        if small := sorted(folder.glob(f"glove.6B.{dimension}d.*.npy")):
            words, values = _small_glove(small[0])
        elif (folder / name).is_file():
            with (folder / name).open("rb") as lines:
                words, values = _parse_glove(lines, name, dimension)
        elif (folder / "glove.6B.zip").is_file():
            words, values = _zipped_glove(folder / "glove.6B.zip", name, dimension)
        else:
            continue
        if values.shape != (len(words), dimension):
            raise ValueError(
                f"{small[0].name} には {len(words):,} 語 × {dimension} 次元が必要ですが、"
                f"{tuple(values.shape)} でした。"
            )
        return WordVectors(words, values, Source(kind, "単語ベクトル GloVe 6B", _GLOVE_URL))
    raise FileNotFoundError(
        f"単語ベクトルがありません。{_GLOVE_URL}（862 MB）をダウンロードし、"
        f"zip のまま {cache_folder() / 'glove'} に置いてください。"
    )


def _small_glove(path: Path) -> tuple[tuple[str, ...], torch.Tensor]:
    listed = path.with_name(path.name.split(".imdb20k")[0] + ".imdb20k.vocab.txt")
    words = tuple(filter(None, listed.read_text(encoding="utf-8").split("\n")))
    return words, torch.from_numpy(np.load(path, allow_pickle=False)).float()


def _zipped_glove(path: Path, name: str, dimension: int) -> tuple[tuple[str, ...], torch.Tensor]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as lines:
            return _parse_glove(lines, name, dimension)  # 終わりまで読むと、CRC も確かめられる
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ValueError(
            f"{path} から {name} を読めません。壊れているか、途中までのファイルです（{error}）。"
            "ダウンロードし直してください。"
        ) from error


def _parse_glove(
    lines: Iterable[bytes], name: str, dimension: int
) -> tuple[tuple[str, ...], torch.Tensor]:
    words, rows = [], []
    for number, line in enumerate(lines, start=1):
        word, *numbers = line.decode().rstrip("\n").split(" ")
        if len(numbers) != dimension:
            raise ValueError(
                f"{name} の {number:,} 行目には語と {dimension} 個の数が必要ですが、"
                f"数は {len(numbers)} 個でした。壊れているか、途中までのファイルです。"
            )
        words.append(word)
        rows.append(np.array(numbers, dtype=np.float32))
    return tuple(words), torch.from_numpy(np.stack(rows))


def split_validation(
    reviews: Reviews, fraction: float, generator: torch.Generator
) -> tuple[Reviews, Reviews]:
    """訓練用のレビューから、肯定と否定の割合を保って検証用を分ける。

    Parameters
    ----------
    reviews : Reviews
        訓練用のレビュー。
    fraction : float
        検証用にする割合。0 より大きく 1 より小さい。
    generator : torch.Generator

    Returns
    -------
    train : Reviews
    validation : Reviews
        どちらも、もとの順に並ぶ。

    Raises
    ------
    ValueError
        割合が範囲の外のとき。

    Examples
    --------
    >>> reviews = corpora.reviews(10, torch.Generator().manual_seed(0))
    >>> train, validation = split_validation(reviews, 0.2, torch.Generator().manual_seed(0))
    >>> len(train), len(validation), sorted(validation.labels)
    (8, 2, [0, 1])
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction には 0 と 1 の間の数が必要ですが、{fraction} でした。")
    labels = torch.tensor(reviews.labels)
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    for label in (0, 1):
        members = (labels == label).nonzero().squeeze(1)
        chosen = torch.randperm(len(members), generator=generator)
        held_out[members[chosen[: round(fraction * len(members))]]] = True
    return (
        reviews.select((~held_out).nonzero().squeeze(1).tolist()),
        reviews.select(held_out.nonzero().squeeze(1).tolist()),
    )


def parse_conllu(text: str) -> list[Sentence]:
    """CoNLL-U 形式から、語（FORM）と品詞（UPOS）を取り出す。

    複数の語にまたがる表記（``3-4``）と、書かれていない語（``8.1``）は飛ばします。

    Parameters
    ----------
    text : str
        CoNLL-U 形式の文章。

    Returns
    -------
    list of Sentence

    Raises
    ------
    ValueError
        欄が足りない行があるとき。

    References
    ----------
    https://universaldependencies.org/format.html

    Examples
    --------
    >>> text = "# text = don't\\n1-2\\tdon't\\t_\\t_\\n1\\tdo\\tdo\\tAUX\\n2\\tn't\\tnot\\tPART\\n"
    >>> parse_conllu(text)
    [Sentence(words=('do', "n't"), tags=('AUX', 'PART'))]
    """
    sentences: list[Sentence] = []
    rows: list[tuple[str, str]] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if rows:
                sentences.append(Sentence(*zip(*rows, strict=True)))
                rows = []
            continue
        columns = line.split("\t")
        if len(columns) < 4:
            raise ValueError(f"{number} 行目に 4 つ以上の欄が必要ですが、{len(columns)} つでした")
        if columns[0].isdecimal():
            rows.append((columns[1], columns[3]))
    return sentences


def cache_folder() -> Path:
    """ダウンロードしたデータを置くフォルダ（``LSTM_TEXT_CACHE`` か、利用者ごとの標準の場所）。

    Returns
    -------
    Path
        まだないこともある。

    Examples
    --------
    >>> os.environ["LSTM_TEXT_CACHE"] = "data"  # doctest: +SKIP
    >>> cache_folder()  # doctest: +SKIP
    PosixPath('data')
    """
    if folder := os.environ.get("LSTM_TEXT_CACHE"):
        return Path(folder).expanduser()
    import pooch  # 使うときまで読み込まない

    return Path(pooch.os_cache("lstm_text"))


def _find(name: str, remotes: Sequence[_Remote]) -> tuple[list[bytes] | None, Source]:
    """ファイルの中身と出どころ。どこにもなければ、中身は None で、出どころは builtin。"""
    source = Source("LSTM_TEXT_DATA", name, remotes[0].url)
    if variable := os.environ.get("LSTM_TEXT_DATA"):
        folder = Path(variable).expanduser()
        if not folder.is_dir():
            raise FileNotFoundError(f"環境変数 LSTM_TEXT_DATA のフォルダ {variable} がありません。")
        missing = [remote.path for remote in remotes if not (folder / remote.path).is_file()]
        if not missing:
            return [(folder / remote.path).read_bytes() for remote in remotes], source
        source = _because(source, f"LSTM_TEXT_DATA のフォルダに {missing[0]} がないため")

    paths = [cache_folder() / remote.path for remote in remotes]
    if all(map(os.path.isfile, paths)):
        contents = [path.read_bytes() for path in paths]
        if all(map(_Remote.accepts, remotes, contents)):
            return contents, replace(source, kind="cache")
        source = _because(source, "キャッシュのファイルが壊れていたため")

    if os.environ.get("LSTM_TEXT_OFFLINE", "") not in ("", "0"):
        source = _because(source, "ダウンロードしない設定 LSTM_TEXT_OFFLINE=1 のため")
        return None, replace(source, kind="builtin")
    try:
        contents = [_download(remote) for remote in remotes]
    except OSError as error:  # requests の例外も OSError
        source = _because(source, f"ダウンロードできなかったため：{type(error).__name__}")
        return None, replace(source, kind="builtin")
    except ValueError:
        source = _because(source, "ダウンロードしたファイルが公式のものと一致しなかったため")
        return None, replace(source, kind="builtin")
    notes = [_store(path, content) for path, content in zip(paths, contents, strict=True)]
    return contents, replace(source, kind="download", note=_join(source.note, *notes))


def _join(*notes: str) -> str:
    """空でない断り書きを、重ねずにつなぐ。"""
    return "、".join(dict.fromkeys(filter(None, notes)))


def _because(source: Source, reason: str) -> Source:
    return replace(source, note=_join(source.note, reason))


def _download(remote: _Remote) -> bytes:
    """公式の配布元から取り寄せ、確かめた中身を返す。途中で失敗しても、何も残さない。"""
    import pooch  # 使うときまで読み込まない

    pooch.get_logger().setLevel("WARNING")
    # ページに進み具合が残らないように、端末でだけ表示する
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=_TIMEOUT)
    with tempfile.TemporaryDirectory() as folder:
        path = pooch.retrieve(
            remote.url,
            known_hash=f"sha256:{remote.sha256}" if remote.sha256 else None,
            path=folder,
            fname=Path(remote.path).name,
            downloader=downloader,
        )
        content = Path(path).read_bytes()
    if not remote.accepts(content):
        raise ValueError(f"{remote.url} の中身が公式のものと一致しません。")
    return content


def _store(path: Path, content: bytes) -> str:
    """キャッシュに置く。置けなければ、その断り書きを返す。"""
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError:
        return "キャッシュのフォルダに書き込めないので、次回も同じ手間がかかります"
    return ""


def _reviews_in(
    archive: bytes, folders: Sequence[str], kind: str
) -> tuple[dict[str, list[str]], str]:
    """アーカイブの中のレビューを、フォルダごとに番号の順で。二度目からは読み終えたものを使う。"""
    digest = hashlib.sha256(archive).hexdigest()
    parsed = cache_folder() / f"imdb/{kind}-{digest[:16]}.json"
    try:
        texts = json.loads(parsed.read_bytes())
        if [len(texts[folder]) for folder in folders] == [_count(folder) for folder in folders]:
            return texts, ""
    except (OSError, ValueError, KeyError, TypeError):
        pass  # まだないか、壊れている: 読み直して置き換える
    texts = _read_archive(archive, folders)
    return texts, _store(parsed, json.dumps(texts, ensure_ascii=False).encode())


def _count(folder: str) -> int:
    return _IMDB_COUNTS[folder.partition("/")[2]]


def _read_archive(archive: bytes, folders: Sequence[str]) -> dict[str, list[str]]:
    # 中の名前をファイルシステムに対して使わない: 形の合うものだけを、メモリの上で読む
    member_name = re.compile(r"aclImdb/(train/(?:neg|pos|unsup)|test/(?:neg|pos))/(\d+)_\d+\.txt")
    found: dict[str, dict[int, str]] = {folder: {} for folder in folders}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r|gz") as tar:
            for member in tar:
                match = member_name.fullmatch(member.name)
                if match and member.isfile() and match[1] in found:
                    file = tar.extractfile(member)
                    found[match[1]][int(match[2])] = file.read().decode()
    except (tarfile.TarError, EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{_IMDB.path} を読めません。壊れているか、途中までのファイルです（{error}）。"
        ) from error
    for folder, texts in found.items():
        _require_number(f"{_IMDB.path} の {folder}", len(texts), _count(folder), "件")
    return {folder: [texts[i] for i in sorted(texts)] for folder, texts in found.items()}


def _require_number(where: str, came: int, needed: int, unit: str) -> None:
    if came != needed:
        raise ValueError(f"{where} には {needed:,} {unit}必要ですが、{came:,} {unit}でした。")


def main() -> None:
    """すべてのデータを用意し、どこから読んだかを表示する。

    Examples
    --------
    >>> main()  # doctest: +SKIP
    データ：IMDb の映画レビュー（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：『吾輩は猫である』の全文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：UD English-EWT の文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：UD Japanese-GSD の文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    """
    for load in (load_imdb, load_neko):
        print(load().source, flush=True)
    for name in ("en_ewt", "ja_gsd"):
        print(load_treebank(name).source, flush=True)


if __name__ == "__main__":
    main()
