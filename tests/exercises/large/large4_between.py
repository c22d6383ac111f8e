"""大きな演習 4 の解答例の続き：系列長 10 と 50 の間

    python -m tests.exercises.large.record large4_between

10 では覚え、50 では覚えなかったモデルが、どこから覚えなくなるのかを、種を 5 つに増やして測ります。
"""

from dataclasses import asdict, dataclass

from tests.exercises.large.large4 import MODELS, trial


@dataclass(frozen=True)
class Settings:
    """記録の設定。種と長さのほかは、演習 4 の記録と同じ。"""

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    lengths: tuple[int, ...] = (15, 20, 25, 30, 40, 50)
    limit: int = 2000
    fixed: int = 500


def units(settings: Settings) -> list[dict]:
    """測るもの：系列長。"""
    return [{"length": length} for length in settings.lengths]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの系列長で、すべてのモデルを、種を変えて測る。"""
    trials = [
        trial(name, unit["length"], seed, settings.limit, settings.fixed)
        for name in MODELS
        for seed in settings.seeds
    ]
    return {"trials": [asdict(each) for each in trials]}
