"""『動かして確かめる LSTM』の各章が動かすパッケージ。

いちばん上の階は、1 章から 6 章と、命令が使います。フォルダは、それぞれの仕事場です。このファイルは
何も取り込まないので、``import lstm_text`` にかかる時間はほぼ 0 です。``python -m lstm_text`` は、
計算機と道具の報告を出します。torch より先に読み込めば、待っているスレッドは眠ります
（:data:`WAITING`）。:func:`replace_unprintable` は、命令の入り口が呼びます。語でも正解でもない番号
:data:`PAD`、:data:`UNK`、:data:`IGNORE` は、どの階も使うので、ここにあります。

===============  ====================================================
モジュール       役割
===============  ====================================================
``device``       計算する場所（CPU か GPU か）、乱数、計算の細かさ
``cells``        1 時刻ぶんの計算
``layers``       セルを時間方向に回す層
``init``         初期値の工夫
``tasks``        性質がわかっている人工の課題
``text``         文章を数の列にする
``models``       層を組み込んだモデル
``training``     訓練と評価
``plots``        図
``datasets``     実データを探し、確かめて、読む
``fast``         速い再帰：手で書いた逆伝播、C、並列な走査
``imdb``         IMDb の感情分析の実験室と、その命令
``records``      実験の記録、コードのハッシュ、表、判定
``experiments``  時間のかかる実験
``storage``      壊れたものを黙って使わせないファイル
===============  ====================================================
"""

import os
import sys

__version__ = "1.0.0"

PAD = 0
"""長さをそろえるために足す番号。語ではない。"""

UNK = 1
"""語彙にない語の番号。"""

IGNORE = -100
"""損失と精度の計算から外すラベル（``nn.CrossEntropyLoss`` の既定値と同じ）。"""

WAITING = os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
"""手の空いたスレッドの待ち方。torch を読み込むときに決まるので、その前に、ここで決める。

何も決めなければ、CPU を回し続けて待ちます。隣で別のプログラムが動くと、待たれているスレッドに
CPU が回らず、訓練が何十倍も遅くなります。``PASSIVE`` は眠って待つので、そうなりません（実験
``busy_neighbour``）。計算の順序は変わらず、結果も変わりません。決めてあれば、それに従います。
Linux の libgomp も、Mac と Windows の libomp も、この環境変数を読みます。
"""


def replace_unprintable() -> None:
    """端末の文字コードで書けない文字は ``?`` にして、そこで止まらないようにする。

    文字コードが cp932 の Windows や ASCII の端末では、``·`` を書いただけで、Python が
    ``UnicodeEncodeError`` で止まります。命令の入り口で 1 度呼びます。

    Examples
    --------
    >>> import io
    >>> from contextlib import redirect_stdout
    >>> with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "cp932")) as stream:
    ...     replace_unprintable()
    ...     print("精度 90 % · 2 件", end="", flush=True)
    >>> stream.buffer.getvalue().decode("cp932")
    '精度 90 % ? 2 件'
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # 記録用の StringIO などに替わっていることもある
            stream.reconfigure(errors="replace")
