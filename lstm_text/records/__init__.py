"""実験の記録：測った数字と出どころ、コードのハッシュ、表、判定。

=================  =================================================
モジュール         役割
=================  =================================================
``record``         1 つの実験の記録
``files``          記録の JSON のファイル
``code``           コードのハッシュ
``boundary``       使われていても、その先をたどらない定義
``definitions``    モジュールの構文木を、名前で引く
``wording``        定義を、名前と置き場所によらない並びにする
``class_wording``  クラスを、継いだものまで 1 つにならして書く
``tables``         記録を表にする
``intervals``      成功率、平均、中央値の区間
``fairness``       比べても何も言えない条件
``verdicts``       主張の判定
``answers``        同じレビューへの答えを、1 件ずつ組にして比べる
``seeds``          種を替えて訓練したときの、正解率の揺れ
``packing``        1 件ごとの当たり外れを、短い文字列にする
``made_up``        作った主張で、判定の規則を試す
=================  =================================================
"""

from lstm_text.records.answers import (
    PairedDifference,
    mcnemar,
    paired_by_seed,
    paired_difference,
)
from lstm_text.records.code import code_files, code_hash
from lstm_text.records.fairness import Scale, SetAside, with_room
from lstm_text.records.files import check, path_of, read, read_all, to_json, write
from lstm_text.records.intervals import (
    CONFIDENCE,
    mean_interval,
    median_interval,
    rate_difference,
    wilson,
)
from lstm_text.records.made_up import wrong_verdicts
from lstm_text.records.packing import pack, unpack
from lstm_text.records.record import KINDS, VERSIONS, Record, commit, surroundings
from lstm_text.records.seeds import SeedSpread, seed_spread
from lstm_text.records.tables import STALE, show, spread
from lstm_text.records.verdicts import (
    Above,
    Below,
    Finding,
    RatioAbove,
    RatioBelow,
    RatioWithin,
    Within,
    beyond_chance,
    verdict,
)

__all__ = [
    "CONFIDENCE", "KINDS", "STALE", "VERSIONS", "Above", "Below", "Finding", "PairedDifference",
    "RatioAbove", "RatioBelow", "RatioWithin", "Record", "Scale", "SeedSpread", "SetAside",
    "Within", "beyond_chance", "check", "code_files", "code_hash", "commit", "mcnemar",
    "mean_interval", "median_interval", "pack", "paired_by_seed", "paired_difference", "path_of",
    "rate_difference", "read", "read_all", "seed_spread", "show", "spread", "surroundings",
    "to_json", "unpack", "verdict", "wilson", "with_room", "write", "wrong_verdicts",
]  # fmt: skip
