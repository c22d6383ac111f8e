"""すべてのデータを先に用意しておく命令。

python -m lstm_text.datasets
"""

import sys

from lstm_text import replace_unprintable
from lstm_text.datasets.imdb import load_imdb
from lstm_text.datasets.neko import load_neko
from lstm_text.datasets.treebank import load_treebank
from lstm_text.datasets.votes import load_imdb_votes
from lstm_text.storage import telling


def main() -> int:
    """すべてのデータを用意し、どこから読んだかを表示する。終了コードを返す（できなければ 1）。

    Returns
    -------
    int

    Examples
    --------
    >>> main()  # doctest: +SKIP
    データ：IMDb の映画レビュー（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：IMDb の疑わしいラベルへの票（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：『吾輩は猫である』の全文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：UD English-EWT の文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    データ：UD Japanese-GSD の文（環境変数 LSTM_TEXT_DATA のフォルダ）。
    0
    """
    replace_unprintable()
    return telling(_prepare, "もう一度動かせば、残りを用意します。")


def _prepare() -> int:
    for load in (load_imdb, load_imdb_votes, load_neko):
        print(load().source, flush=True)
    for name in ("en_ewt", "ja_gsd"):
        print(load_treebank(name).source, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
