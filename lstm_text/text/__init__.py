"""文章を数の列にする。

==============  ==========================================
モジュール      役割
==============  ==========================================
``tokens``      文章をトークンに分ける
``vocabulary``  語と番号の対応表
``characters``  文字と番号の対応表
``batches``     番号の列を、長さをそろえたミニバッチにする
==============  ==========================================

PAD と UNK は ``lstm_text`` のもの。
"""

from lstm_text import PAD, UNK
from lstm_text.text.batches import (
    Batch,
    LengthBuckets,
    by_length,
    collate,
    collate_pairs,
    evaluation_batches,
    padding_share,
    training_batches,
)
from lstm_text.text.characters import CharacterTable
from lstm_text.text.tokens import clean, tokenize
from lstm_text.text.vocabulary import Vocabulary

__all__ = [
    "PAD", "UNK", "Batch", "CharacterTable", "LengthBuckets", "Vocabulary", "by_length",
    "clean", "collate", "collate_pairs", "evaluation_batches", "padding_share", "tokenize",
    "training_batches",
]  # fmt: skip
