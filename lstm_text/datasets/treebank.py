"""Universal Dependencies の、品詞つきの文。"""

from dataclasses import dataclass, replace
from typing import Literal

import torch

from lstm_text.datasets import builtin
from lstm_text.datasets.builtin import SEED
from lstm_text.datasets.find import Remote, find, require_number
from lstm_text.datasets.sentences import Sentence, parse_conllu
from lstm_text.datasets.source import Source

_SENTENCE_COUNTS = {"en_ewt": (12_544, 2_001, 2_077), "ja_gsd": (7_050, 507, 543)}


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


def _treebank_files(
    folder: str, release: str, prefix: str, hashes: dict[str, str]
) -> tuple[Remote, ...]:
    base = f"https://raw.githubusercontent.com/UniversalDependencies/{folder}/{release}"
    return tuple(
        Remote(
            f"ud/{folder}/{prefix}-ud-{split}.conllu",
            f"{base}/{prefix}-ud-{split}.conllu",
            hashes.get(split, ""),
            counts=(7_050, 168_333),  # ハッシュのない、Japanese GSD の train の文と語の数
        )
        for split in ("train", "dev", "test")
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
    contents, source = find(titles[name], _TREEBANKS[name])
    if contents is None:
        language, make = {
            "en_ewt": ("英文", builtin.english_sentences),
            "ja_gsd": ("和文", builtin.japanese_sentences),
        }[name]
        made = tuple(make(5_000, torch.Generator().manual_seed(SEED)))
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
        require_number(remote.path, len(splits[-1]), count, "文")
    return Treebank(*splits, source)
