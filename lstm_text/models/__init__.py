"""再帰層を組み込んだモデル。層は自作のものでも ``torch.nn`` のものでもかまいません。

系列の長さが違うバッチは ``lengths`` と一緒に渡します。パディングは結果に影響しません。

===========  ====================================
モジュール   役割
===========  ====================================
``padded``   長さの違う系列に再帰層を走らせる
``pooling``  全時刻の出力を、1 つの要約にまとめる
``heads``    答えを出す層を付けたモデル
===========  ====================================
"""

from lstm_text.models.heads import CharacterModel, EveryStep, LastState, SentimentClassifier, Tagger
from lstm_text.models.padded import count_parameters, output_size, reverse_sequences, run
from lstm_text.models.pooling import (
    AttentionPooling,
    ConcatPooling,
    LastStatePooling,
    MaxPooling,
    MeanPooling,
)

__all__ = [
    "AttentionPooling", "CharacterModel", "ConcatPooling", "EveryStep", "LastState",
    "LastStatePooling", "MaxPooling", "MeanPooling", "SentimentClassifier", "Tagger",
    "count_parameters", "output_size", "reverse_sequences", "run",
]  # fmt: skip
