"""Universal Dependencies の、品詞つきの文。"""

from dataclasses import dataclass, replace
from typing import Literal

import torch

from lstm_text.datasets import builtin
from lstm_text.datasets.builtin import SEED
from lstm_text.datasets.contents import digest, plain
from lstm_text.datasets.find import Remote, because, find, require_number
from lstm_text.datasets.sentences import Sentence, parse_conllu
from lstm_text.datasets.source import Source

_UPOS = {
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN"),
    *("PUNCT", "SCONJ", "SYM", "VERB", "X"),
}
_SLACK = 0.1  # 版による文の数の違い
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


_DIGESTS = {
    "en_ewt": (
        "bdfd1e898845bf8c0c1f6d042d2a089fc9c15abdab19d8c77bf928f9d434b989",
        "1f57f2b267b504f37d5e7b05a90b44aff923ca6cec56e1450033c65d67feecc6",
        "9275d0b594ec17961958ecfc58826b595da4d2ef6e68041ad3d20f3f7060b9c1",
    ),
    "ja_gsd": (
        "4a55fea1082959890fdd03ba2efbf259c45a853e4010990050c1b2cb19851cdd",
        "180a1c0329892407142772f51866c72247af48850decc214306a24f1f72936c6",
        "fc1779a12e48da00eb008758cb0a081ef214822687146079e0148a428d99ee4d",
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
        名前が違うとき、``LSTM_TEXT_DATA`` のフォルダのファイルが壊れているとき。別の版のファイルは
        （文の数の違いが 1 割まで）、``source`` に断りを入れて読む。
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
    for remote, content, count, known in zip(
        _TREEBANKS[name], contents, _SENTENCE_COUNTS[name], _DIGESTS[name], strict=True
    ):
        try:
            text = plain(content)
            splits.append(tuple(parse_conllu(text)))
        except ValueError as error:
            raise ValueError(f"{remote.path} を CoNLL-U として読めません（{error}）。") from error
        if _digest(splits[-1]) != known:
            _require_whole(remote.path, text, splits[-1], count)
            release, file = remote.url.split("/")[-2:]
            other = f"{file} は {len(splits[-1]):,} 文で、{release}（{count:,} 文）とは違う版"
            source = because(source, other)
    return Treebank(*splits, source)


def _digest(sentences: tuple[Sentence, ...]) -> str:
    return digest("\t".join(part) for sentence in sentences for part in sentence)


def _require_whole(where: str, text: str, sentences: tuple[Sentence, ...], count: int) -> None:
    """別の版であって、壊れたファイルや、途中までのファイルではないことを確かめる。"""
    if abs(len(sentences) - count) > _SLACK * count:
        then = "途中までか、ほかの分け方のファイルなら、配布元のものを置いてください。"
        require_number(where, len(sentences), count, "文", then)
    if not text.endswith("\n\n"):
        raise ValueError(f"{where} の最後の文の後に空行がありません。途中までのファイルです。")
    if unknown := {tag for sentence in sentences for tag in sentence.tags} - _UPOS:
        raise ValueError(
            f"{where} には品詞（UPOS）が必要ですが、{'、'.join(sorted(unknown)[:3])} がありました。"
        )
