"""分類器の訓練の設定。"""

from dataclasses import dataclass, field, fields

from lstm_text.imdb.classifier import Shape
from lstm_text.imdb.data import ImdbData, TextOptions, load_reviews
from lstm_text.imdb.trainer import Plan
from lstm_text.imdb.vectors import VECTORS

OBJECTIVES = ("supervised", "adversarial", "virtual")
VALIDATION = 0.1
"""訓練用のうち、検証用に取り分ける割合。"""


@dataclass(frozen=True)
class Lesson:
    """何を目指して訓練し、何から始めるか。

    Examples
    --------
    >>> Lesson(vectors="fasttext")
    Traceback (most recent call last):
    ValueError: vectors には random、glove、word2vec が必要ですが、'fasttext' でした。
    """

    objective: str = field(default="supervised", metadata={"help": f"{'、'.join(OBJECTIVES)}"})
    epsilon: float = field(default=5.0, metadata={"help": "敵対的な雑音のノルム"})
    vectors: str = field(
        default="random", metadata={"help": f"埋め込みの初めの値（{'、'.join(VECTORS)}）"}
    )
    language_model: str = field(default="", metadata={"help": "事前学習のフォルダ"})

    def __post_init__(self):
        for name, known in (("objective", OBJECTIVES), ("vectors", VECTORS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} には {'、'.join(known)} が必要ですが、{getattr(self, name)!r} でした。"
                )


@dataclass(frozen=True)
class Settings:
    """``Classifier`` の訓練の設定のすべて。

    Examples
    --------
    >>> from dataclasses import asdict
    >>> settings = Settings(plan=Plan(epochs=2))
    >>> Settings.from_dict(asdict(settings)) == settings
    True
    """

    reading: TextOptions = field(default_factory=TextOptions)
    shape: Shape = field(default_factory=Shape)
    lesson: Lesson = field(default_factory=Lesson)
    plan: Plan = field(default_factory=Plan)

    @classmethod
    def from_dict(cls, data: dict) -> "Settings":
        """``dataclasses.asdict`` の逆。

        Raises
        ------
        ValueError
            欄が足りないとき、知らない欄があるとき。
        """
        try:
            parts = {f.name: f.type(**data[f.name]) for f in fields(cls)}
        except (KeyError, TypeError) as error:
            raise ValueError(f"設定の形が違います（{error}）。") from error
        return cls(**parts)


def load_data(settings: Settings) -> ImdbData:
    """設定どおりにデータを読む。検証用の選び方は、訓練の種によらない。

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    ImdbData

    Examples
    --------
    >>> len(load_data(Settings(TextOptions(limit=20))).validation)
    2
    """
    return load_reviews(settings.reading, VALIDATION, seed=0)
