"""時間のかかる実験。``python -m lstm_text.experiments`` で動かし、記録を残します。

=============  ==============================================================
フォルダ       中身
=============  ==============================================================
``engine``     実験を見つけ、動かし、記録を書く
``gpu``        GPU で測る実験の組
``races``      再帰層を、種を並べて同じ課題で競わせる
``sequences``  向き、パディング、区切り、並列に計算できる再帰
``speed``      速さとメモリ（``make bench`` の表も）
``imdb``       IMDb の章、はしご、頂上
=============  ==============================================================

実験は、下の 4 つのフォルダのモジュール 1 つです。どこにも登録しません。次の 3 つを持つモジュールが
実験で、説明（docstring）の 1 行目が、実験の題になります。

``Settings``
    設定を並べた dataclass。既定値が、記録をとるときの設定。種の並び ``seeds`` を必ず持つ。
``units(settings)``
    何を測るかを、小さな dict の並びで返す。1 つが、途中で止められたときに失う単位になる。
``run(unit, settings)``
    その 1 つを測り、JSON にできる dict を返す。測れない数は None。
    データがなくて動かせないときは :class:`NotHere` を投げる。

``table(record)`` もあれば、``--show`` がその表を出します。
"""

from lstm_text.experiments.engine import (
    NotHere,
    blank,
    find,
    is_stale,
    is_up_to_date,
    make,
    names,
    same_conditions,
    title,
)

__all__ = [
    "NotHere", "blank", "find", "is_stale", "is_up_to_date", "make", "names",
    "same_conditions", "title",
]  # fmt: skip
