"""IMDb の感情分析の実験室。``python -m lstm_text.imdb`` で訓練し、評価し、使う。

1 件のレビューは、上から順にこの部屋を通る。

==================  ============================================
モジュール          役割
==================  ============================================
``corpus``          大量の文章を番号の列にし、ディスクに残す
``labelled``        番号にした文章から、訓練が読む単位を取り出す
``reviews``         語彙で番号にした、少しのレビュー
``data``            訓練、検証、テスト、評価のないレビュー
``dropout``         系列のためのドロップアウト
``classifier``      埋め込み → 双方向 LSTM → 要約 → ロジット
``objectives``      訓練の目的：ふつうの損失、敵対的訓練
``language_model``  評価のない文章からの事前学習
``vectors``         埋め込みの初めの値にする単語ベクトル
``distributed``     いくつかのプロセスで 1 つのモデルを訓練する
``trainer``         いつ止められても続きから始められる訓練
``recipe``          訓練の設定
``leanings``        語と語の組の偏りを数え、再帰層に読ませる
``lexicon``         評価を決める語と、評価に関わらない言葉を、訓練用のレビューから集める
``lessons``         訓練用のレビューに混ぜる、否定を教える短い文
``learn``           設定から訓練を組み立て、保存し、読み込む
``encoders``        LSTM のほかに、何で読むか
``updates``         決めた回数だけ重みを直す、短い訓練
``prediction``      レビューの評価を答える
``evaluate``        どこで間違えるか、確信度は当てになるか
``explain``         どの語がロジットを動かしたか
``export``          ONNX のファイルに書き出す
``alone``           PyTorch なしで答える、写して使う 1 ファイル
``baselines``       語の並びを見ない、強い比べ相手
``allocator``       解放したメモリを使い回す
``command_parser``  日本語で説明し、日本語で断る引数
``arguments``       命令の引数と、既定の設定
``saved``           残した訓練のファイルを、使う前に確かめる
``longer``          残した訓練を続けられるか確かめ、エポックの数を増やす
``ranges``          命令の引数の、値の範囲
``answers``         命令の ``predict`` が読む文章と、書く答え
==================  ============================================
"""

from lstm_text.imdb.allocator import reuse_freed_memory
from lstm_text.imdb.alone import OnnxReader
from lstm_text.imdb.baselines import (
    NBSVM,
    bag_of_pairs,
    bag_of_triples,
    tfidf_logistic_regression,
    up_to_triples,
    words_and_pairs,
)
from lstm_text.imdb.classifier import (
    POOLINGS,
    Classifier,
    NormalizedEmbedding,
    Shape,
    build_classifier,
)
from lstm_text.imdb.command_parser import CommandParser
from lstm_text.imdb.corpus import Corpus, EncodedTexts, encode_texts, load_or_encode
from lstm_text.imdb.data import ImdbData, TextOptions, load_reviews
from lstm_text.imdb.distributed import Workers, own_device, workers
from lstm_text.imdb.dropout import LockedDropout, WeightDropLSTM, WordDropout
from lstm_text.imdb.encoders import AttentionClassifier, Convolution, Recurrent, SmallTransformer
from lstm_text.imdb.evaluate import (
    LENGTH_EDGES,
    NEGATIONS,
    calibration,
    calibration_error,
    count_negations,
    group_accuracy,
    is_right,
)
from lstm_text.imdb.explain import Explanation, gradient_times_input, occlusion
from lstm_text.imdb.export import export_onnx
from lstm_text.imdb.labelled import Chunks, Labelled, joined
from lstm_text.imdb.language_model import LanguageModel, NextWord, bits_per_word, transfer
from lstm_text.imdb.leanings import LeaningClassifier, Leanings
from lstm_text.imdb.learn import load_classifier, pretrain, teach
from lstm_text.imdb.lessons import (
    LESSONS,
    MixedSettings,
    Mixture,
    mix_in,
    training_tokens,
    with_lessons,
)
from lstm_text.imdb.lexicon import neutral_filler, opinion_words
from lstm_text.imdb.objectives import (
    Adversarial,
    Supervised,
    VirtualAdversarial,
    divergence,
    perturbation,
)
from lstm_text.imdb.prediction import Prediction, predict, probabilities
from lstm_text.imdb.recipe import OBJECTIVES, VALIDATION, Lesson, Settings, load_data
from lstm_text.imdb.reviews import EncodedReviews
from lstm_text.imdb.trainer import MODEL, STATE, Plan, Progress, best_weights, differences, train
from lstm_text.imdb.updates import train_updates
from lstm_text.imdb.vectors import VECTORS, initial_vectors, word2vec

__all__ = [
    "LENGTH_EDGES", "LESSONS", "MODEL", "NBSVM", "NEGATIONS", "OBJECTIVES", "POOLINGS", "STATE",
    "VALIDATION", "VECTORS", "Adversarial", "AttentionClassifier", "Chunks", "Classifier",
    "CommandParser", "Convolution", "Corpus", "EncodedReviews", "EncodedTexts", "Explanation",
    "ImdbData", "Labelled", "LanguageModel", "LeaningClassifier", "Leanings", "Lesson",
    "LockedDropout", "MixedSettings", "Mixture", "NextWord", "NormalizedEmbedding", "OnnxReader",
    "Plan", "Prediction", "Progress", "Recurrent", "Settings", "Shape", "SmallTransformer",
    "Supervised", "TextOptions", "VirtualAdversarial", "WeightDropLSTM", "WordDropout", "Workers",
    "bag_of_pairs", "bag_of_triples", "best_weights", "bits_per_word", "build_classifier",
    "calibration", "calibration_error", "count_negations", "differences", "divergence",
    "encode_texts", "export_onnx", "gradient_times_input", "group_accuracy", "initial_vectors",
    "is_right", "joined", "load_classifier", "load_data", "load_or_encode", "load_reviews",
    "mix_in", "neutral_filler", "occlusion", "opinion_words", "own_device", "perturbation",
    "predict", "pretrain", "probabilities", "reuse_freed_memory", "teach",
    "tfidf_logistic_regression", "train", "train_updates", "training_tokens", "transfer",
    "up_to_triples", "with_lessons", "word2vec", "words_and_pairs", "workers",
]  # fmt: skip
