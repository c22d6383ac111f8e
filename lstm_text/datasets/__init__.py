"""実データ: 探し、確かめて、読む。

どのデータも、(1) 環境変数 ``LSTM_TEXT_DATA`` のフォルダ、(2) 以前にダウンロードしたキャッシュ、
(3) 公式の配布元からのダウンロード、(4) 組み込みのコーパス、の順に探し、どれを使ったかを
``source`` に残します。``LSTM_TEXT_DATA`` のフォルダには、人が持っている形のまま置けます
（アーカイブでも取り出したフォルダでも、改行や文字コードが違っても）。中身そのものをハッシュで
確かめ、公式のものと違う版なら ``source`` に断りを入れ、壊れたものは断ります。

===================  ================================================================
環境変数             意味
===================  ================================================================
LSTM_TEXT_DATA       データを置いたフォルダ（キャッシュのフォルダと同じ並び方）
LSTM_TEXT_CACHE      キャッシュのフォルダ（なければ利用者ごとの標準の場所）
LSTM_TEXT_OFFLINE    1 ならダウンロードしない
===================  ================================================================

``python -m lstm_text.datasets`` は、すべてのデータを先にダウンロードしておきます。

===================  ==========================================
モジュール           役割
===================  ==========================================
``source``           データの出どころ
``reviews``          評価のついたレビュー
``sentences``        品詞のついた文
``find``             ファイルを探し、なければ取り寄せ、確かめる
``contents``         中身そのもののハッシュ
``containers``       アーカイブと、取り出したフォルダ
``parts``            その中のファイルを、1 つずつ
``imdb``             IMDb の映画レビュー
``imdb_files``       IMDb のファイルを探して読む
``review_table``     IMDb を 1 つの表（CSV）にしたもの
``votes``            IMDb の疑わしいラベルへの、5 人ずつの票
``treebank``         Universal Dependencies の文
``neko``             『吾輩は猫である』
``glove``            単語ベクトル GloVe
``grammar``          文脈自由文法から文を作る
``builtin``          組み込みの小さなコーパス
``behaviour``        言い回しごとの試験の文と、否定を教える文
``far_negation``     遠い否定と二重の打ち消しも教える文
``filled_negation``  あいだをレビューの言葉で埋めた、否定を教える文
===================  ==========================================
"""

from lstm_text.datasets import builtin
from lstm_text.datasets.behaviour import (
    OpinionWords,
    behaviour_tests,
    negation_by_distance,
    negation_lessons,
)
from lstm_text.datasets.far_negation import far_negation_lessons
from lstm_text.datasets.filled_negation import Filler, filled_negation_lessons
from lstm_text.datasets.find import cache_folder
from lstm_text.datasets.glove import WordVectors, load_glove
from lstm_text.datasets.grammar import Grammar
from lstm_text.datasets.imdb import (
    Imdb,
    Unlabelled,
    load_imdb,
    load_imdb_films,
    load_imdb_ratings,
    load_imdb_unlabelled,
)
from lstm_text.datasets.neko import Book, load_neko
from lstm_text.datasets.reviews import Reviews, split_validation
from lstm_text.datasets.sentences import Sentence, parse_conllu
from lstm_text.datasets.source import Source
from lstm_text.datasets.treebank import Treebank, load_treebank
from lstm_text.datasets.votes import Vote, Votes, corrected_labels, load_imdb_votes

__all__ = [
    "Book", "Filler", "Grammar", "Imdb", "OpinionWords", "Reviews", "Sentence", "Source",
    "Treebank", "Unlabelled", "Vote", "Votes", "WordVectors", "behaviour_tests", "builtin",
    "cache_folder", "corrected_labels", "far_negation_lessons", "filled_negation_lessons",
    "load_glove", "load_imdb", "load_imdb_films", "load_imdb_ratings", "load_imdb_unlabelled",
    "load_imdb_votes", "load_neko", "load_treebank", "negation_by_distance", "negation_lessons",
    "parse_conllu", "split_validation",
]  # fmt: skip
