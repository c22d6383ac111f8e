"""再帰層を組み込んだモデル。層は自作のものでも ``torch.nn`` のものでもかまいません。

系列の長さが違うバッチは ``lengths`` と一緒に渡します。パディングは結果に影響しません。

===========  ====================================
モジュール   役割
===========  ====================================
``padded``   長さの違う系列に再帰層を走らせる
``pooling``  全時刻の出力を、1 つの要約にまとめる
``heads``    答えを出す層を付けたモデル
``seq2seq``  系列を読み、別の系列を書くモデル
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
from lstm_text.models.seq2seq import AttentiveSeq2Seq, Seq2Seq, attention_weights

__all__ = [
    "AttentionPooling", "AttentiveSeq2Seq", "CharacterModel", "ConcatPooling", "EveryStep",
    "LastState", "LastStatePooling", "MaxPooling", "MeanPooling", "SentimentClassifier",
    "Seq2Seq", "Tagger", "attention_weights", "count_parameters", "output_size",
    "reverse_sequences", "run",
]  # fmt: skip
