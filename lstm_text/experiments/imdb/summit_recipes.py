"""頂上の段の名前と、訓練の設定。"""

from dataclasses import replace

from lstm_text.imdb import Lesson, Plan, Shape
from lstm_text.imdb import Settings as Course


def _large(course: Course, **plan) -> Course:
    """ユニットを 2 倍にし、訓練の進め方のいくつかを変えた設定。"""
    shape = replace(course.shape, hidden_size=2 * course.shape.hidden_size)
    return replace(course, shape=shape, plan=replace(course.plan, **plan))


LANGUAGE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, locked_dropout=0.0),
    plan=Plan(epochs=3, batch_size=16, learning_rate=5e-3, precision="bfloat16"),
)
"""言語モデルの設定。"""

FINE = Course(
    shape=Shape(embedding_dim=128, hidden_size=256, pooling="attention", locked_dropout=0.3),
    plan=Plan(epochs=3, batch_size=32, learning_rate=4e-3, precision="bfloat16"),
)
"""微調整の設定。"""

ADVERSARIAL = replace(FINE, lesson=Lesson("adversarial", epsilon=1.0))
"""敵対的訓練の設定。"""

STUDY = replace(ADVERSARIAL, plan=replace(FINE.plan, epochs=2, batch_size=64))
"""生徒の設定。"""

STUDY_AGAIN = replace(STUDY, lesson=Lesson("adversarial", epsilon=3.0))
"""2 度めの生徒の設定。"""

LARGE_LANGUAGE = _large(LANGUAGE, batch_size=32, learning_rate=4e-3)
"""大きな言語モデルの設定。"""

LARGE_FINE = _large(FINE, learning_rate=3e-3)
"""大きな先生の設定。"""

LARGE_STUDY = _large(ADVERSARIAL, epochs=1, batch_size=64)
"""大きな生徒の設定。"""

PRETRAINING, LARGE = "言語モデルの事前学習", "大きな言語モデルの事前学習"
LANGUAGES = {PRETRAINING: LANGUAGE, LARGE: LARGE_LANGUAGE}
"""言語モデルの段と、その設定。大きなほうは 1 つだけ訓練し、どの種もそれから始める。"""

TEACHERS = "事前学習 ＋ 微調整", "事前学習 ＋ 敵対的訓練"
STUDENT, AGAIN = "自己訓練", "自己訓練をもう 1 度"
LARGE_TEACHER, LARGE_STUDENT = "大きな LSTM の微調整", "大きな LSTM の自己訓練"
