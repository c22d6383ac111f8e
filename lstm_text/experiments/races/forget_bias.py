"""長い記憶の要らない課題でも、忘却ゲートのバイアスを上げるべきか

減衰振動（幅 20）、先読みのタグ付け（過去だけを見るので精度の上限は 0.75）、短い加算問題で、
PyTorch の初期値・バイアス 1・chrono 初期化を比べます。``updates`` は、評価が初めて ``goals`` に
届いた更新の回数です。
"""

from dataclasses import dataclass

from lstm_text.experiments.races.contests import CONTESTS, adam, compete, updates_until


@dataclass(frozen=True)
class Settings:
    """記録の設定。``contests`` は、課題・系列長・学習率・更新の回数・届いたとみなす評価。"""

    seeds: tuple[int, ...] = tuple(range(10))
    models: tuple[str, ...] = ("LSTM", "LSTM（b=1）", "LSTM（chrono）")
    contests: tuple[tuple[str, int, float, int, float], ...] = (
        ("oscillation", 20, 3e-3, 2000, 5e-4),
        ("tagging", 20, 3e-3, 500, 0.74),
        ("adding", 10, 1e-2, 1000, 0.01),
    )
    hidden_size: int = 32
    batch_size: int = 16


def units(settings: Settings) -> list[dict]:
    """測るもの：課題とモデルの組。"""
    return [
        {"contest": contest, "length": length, "lr": lr, "updates": updates, "goal": goal}
        | {"model": model}
        for contest, length, lr, updates, goal in settings.contests
        for model in settings.models
    ]


def run(unit: dict, settings: Settings) -> dict:
    """1 つの組を、すべての種で訓練する。"""
    curve = compete(
        CONTESTS[unit["contest"]],
        unit["model"],
        settings.seeds,
        adam(unit["lr"]),
        length=unit["length"],
        hidden_size=settings.hidden_size,
        batch_size=settings.batch_size,
        updates=unit["updates"],
        clip=1.0,
        every=50,
    )
    larger_is_better = unit["contest"] == "tagging"

    def reached(score: float) -> bool:
        return score >= unit["goal"] if larger_is_better else score <= unit["goal"]

    return {
        "score": curve[-1]["score"],
        "updates": updates_until(curve, reached),
        "curve": curve,
    }
