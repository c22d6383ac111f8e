"""``Reader`` の訓練を、設定から組み立てる：初期値、目的、データ、保存、読み込み。"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy

from lstm_text.adversarial import Adversarial, Supervised, VirtualAdversarial
from lstm_text.datasets import cache_folder, load_glove
from lstm_text.device import generator, seeded
from lstm_text.encoded import Labelled
from lstm_text.files import replacing
from lstm_text.parallel import Workers
from lstm_text.pretraining import LanguageModel, NextWord, bits_per_word, transfer, word2vec
from lstm_text.reader import Reader, Shape, build_reader
from lstm_text.resumable import STATE, Plan, Progress, best, different, train
from lstm_text.reviews import ImdbData, Reading, load_reviews
from lstm_text.sealed import seal, unseal
from lstm_text.sentiment import evaluation_batches, probabilities, training_batches
from lstm_text.text import UNK, Vocabulary

OBJECTIVES = ("supervised", "adversarial", "virtual")
VECTORS = ("random", "glove", "word2vec")
CONFIG, VOCABULARY = "config.json", "vocabulary.json"
VALIDATION = 0.1
"""訓練用のうち、検証用に取り分ける割合。"""


@dataclass(frozen=True)
class Lesson:
    """何を目指して訓練し、何から始めるか。

    Examples
    --------
    >>> Lesson().objective
    'supervised'
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
    """``Reader`` の訓練の設定のすべて。

    Examples
    --------
    >>> Settings(plan=Plan(epochs=2)).plan.epochs
    2
    """

    reading: Reading = field(default_factory=Reading)
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


def initial_vectors(data: ImdbData, dimension: int, vectors: str, seed: int) -> Tensor | None:
    """埋め込みの初めの値。``"random"`` なら None。

    Parameters
    ----------
    data : ImdbData
    dimension : int
    vectors : {"random", "glove", "word2vec"}
    seed : int
        ベクトルのない語の行の乱数の種。

    Returns
    -------
    Tensor, (len(data.vocabulary), dimension), or None
        ベクトルのない語の行は、ほかの行と同じ広がりの乱数。

    Examples
    --------
    >>> initial_vectors(load_reviews(Reading(limit=9), 0.5, 0), 8, "random", 0) is None
    True
    """
    if vectors == "random":
        return None
    if vectors == "word2vec":
        table = _word2vec_once(data, dimension)
    else:
        glove = load_glove(dimension)
        table = torch.zeros(len(data.vocabulary), dimension)
        for i, row in zip(data.vocabulary.encode(glove.words), glove.values, strict=True):
            if i != UNK:
                table[i] = row
    missing = (table == 0).all(dim=1)
    noise = torch.randn(table.shape, generator=generator(seed))
    return torch.where(missing[:, None], table[~missing].std() * noise, table)


def _word2vec_once(data: ImdbData, dimension: int) -> Tensor:
    """単語ベクトルは、同じ文章からは 1 度だけ作り、キャッシュに残す。"""
    kind, digest = "単語ベクトル word2vec", hashlib.sha256(f"{dimension} ".encode())
    for texts in data.plain:
        digest.update(texts.ids.numpy())
        digest.update(texts.starts.numpy())
    path = cache_folder() / "vectors" / f"{digest.hexdigest()[:16]}.safetensors"
    with suppress(FileNotFoundError, ValueError):
        return unseal(path, kind).tensors["vectors"]
    table = word2vec(data.plain, data.vocabulary, dimension)
    with suppress(OSError):
        seal(path, kind, {"vectors": table}, {})
    return table


def teach(
    settings: Settings,
    folder: Path,
    data: ImdbData,
    device: torch.device,
    workers: Workers = Workers(),  # noqa: B008 （変わらない値）
    report: Callable[[Progress], None] = lambda progress: None,
) -> list[dict[str, float]]:
    """設定どおりに ``Reader`` を訓練し、フォルダに残す。

    Parameters
    ----------
    settings : Settings
    folder : Path
        途中の状態があれば、続きから始める。
    data : ImdbData
    device : torch.device
    workers : Workers
    report : callable

    Returns
    -------
    list of dict
        エポックごとの数値（``loss``、``val_accuracy``、``val_loss`` など）。

    Examples
    --------
    >>> import tempfile
    >>> settings = Settings(Reading(limit=20), Shape(4, 2), plan=Plan(epochs=1))
    >>> data = load_reviews(settings.reading, 0.1, 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = teach(settings, Path(folder), data, torch.device("cpu"))
    ...     reader, vocabulary, loaded = load_reader(Path(folder))
    >>> loaded == settings, 0 <= rows[0]["val_accuracy"] <= 1
    (True, True)
    """
    plan, lesson = settings.plan, settings.lesson
    reader = build_reader(data.frequencies, settings.shape, plan.seed)
    if not (folder / STATE).exists():  # 続きからなら、上書きされる値を作るまでもない
        _prepare(reader, settings, data)
    reader.to(device)
    members = data.everything if lesson.objective == "virtual" else data.train
    objective = {
        "supervised": Supervised,
        "adversarial": lambda: Adversarial(lesson.epsilon),
        "virtual": lambda: VirtualAdversarial(lesson.epsilon),
    }[lesson.objective]()
    if workers.is_first:
        _write_beside(folder, settings, data.vocabulary)
    return train(
        reader,
        objective,
        lambda seed: training_batches(members, plan.batch_size, generator(seed)),
        lambda: _validate(reader, data.validation),
        plan,
        folder,
        _about(settings, data.vocabulary),
        workers,
        report,
    )


def _prepare(reader: Reader, settings: Settings, data: ImdbData) -> None:
    lesson = settings.lesson
    vectors = initial_vectors(
        data, settings.shape.embedding_dim, lesson.vectors, settings.plan.seed
    )
    if vectors is not None:
        reader.words.weight.data.copy_(vectors)
    if lesson.language_model:
        folder = Path(lesson.language_model)
        weights, about = best(folder)
        if about["vocabulary"] != _fingerprint(data.vocabulary):
            raise ValueError(f"{folder} の言語モデルは、別の語彙で訓練されています。")
        transfer({name.removeprefix("model."): w for name, w in weights.items()}, reader)


def _validate(reader: Reader, reviews: Labelled) -> dict[str, float]:
    probability, labels = probabilities(reader, reviews), torch.tensor(reviews.labels)
    accuracy = ((probability > 0.5) == (labels > 0.5)).double().mean().item()
    loss = binary_cross_entropy(probability, labels).item()
    return {"val_accuracy": accuracy, "val_loss": loss, "score": accuracy}


def pretrain(
    settings: Settings,
    folder: Path,
    data: ImdbData,
    device: torch.device,
    workers: Workers = Workers(),  # noqa: B008 （変わらない値）
    report: Callable[[Progress], None] = lambda progress: None,
) -> list[dict[str, float]]:
    """評価のないレビューで、双方向の言語モデルを訓練し、フォルダに残す。

    Parameters
    ----------
    settings : Settings
        ``lesson`` は使わない。
    folder, data, device, workers, report
        :func:`teach` と同じ。

    Returns
    -------
    list of dict
        エポックごとの数値（``loss``、``val_bits``）。

    Examples
    --------
    >>> import tempfile
    >>> settings = Settings(Reading(limit=20), Shape(4, 2), plan=Plan(epochs=1))
    >>> data = load_reviews(settings.reading, 0.1, 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = pretrain(settings, Path(folder), data, torch.device("cpu"))
    >>> rows[0]["val_bits"] > 0
    True
    """
    plan = settings.plan
    reader = build_reader(data.frequencies, settings.shape, plan.seed)
    with seeded(plan.seed):
        model = LanguageModel(reader).to(device)
    held_out = evaluation_batches(data.held_out, plan.batch_size)

    def validate() -> dict[str, float]:
        bits = bits_per_word(model, held_out)
        return {"val_bits": bits, "score": -bits}

    if workers.is_first:
        _write_beside(folder, settings, data.vocabulary)
    return train(
        model,
        NextWord(),
        lambda seed: training_batches(data.pretraining, plan.batch_size, generator(seed)),
        validate,
        plan,
        folder,
        _about(settings, data.vocabulary),
        workers,
        report,
    )


def load_reader(folder: Path) -> tuple[Reader, Vocabulary, Settings]:
    """訓練した ``Reader`` を、語彙と設定と一緒に読む。何も実行されない。

    Parameters
    ----------
    folder : Path
        :func:`teach` が残したフォルダ。

    Returns
    -------
    reader : Reader
        評価の状態（``eval()``）。CPU に置く。
    vocabulary : Vocabulary
    settings : Settings

    Raises
    ------
    FileNotFoundError
        足りないファイルがあるとき。
    ValueError
        壊れているとき、書き換えられているとき、``Reader`` のものでないとき。

    Examples
    --------
    >>> load_reader(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/model.safetensors がありません。
    """
    weights, about = best(folder)
    vocabulary = Vocabulary.load(folder / VOCABULARY)
    if about.get("vocabulary") != _fingerprint(vocabulary):
        raise ValueError(f"{folder / VOCABULARY} が、重みのファイルの語彙と違います。")
    settings = Settings.from_dict(_read_config(folder / CONFIG))
    recorded = {name: about.get(name) for name in asdict(settings)}
    if changed := different(recorded, asdict(settings)):
        raise ValueError(f"{folder / CONFIG} が書き換えられています：{changed}。")
    reader = Reader(torch.ones(len(vocabulary)), settings.shape)
    _load_weights(reader, weights, folder)
    return reader.eval(), vocabulary, settings


def _load_weights(model: nn.Module, weights: dict[str, Tensor], folder: Path) -> None:
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"{folder} の重みは、この形の分類器のものではありません"
            "（事前学習のフォルダではありませんか）。"
        ) from error


def _read_config(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f"{path} がありません。")
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} を JSON として読めません（{error}）。") from error
    if not isinstance(data, dict):
        raise ValueError(f"{path} の形が違います。")
    return data


def _write_beside(folder: Path, settings: Settings, vocabulary: Vocabulary) -> None:
    vocabulary.save(folder / VOCABULARY)
    with replacing(folder / CONFIG) as file:
        file.write(json.dumps(asdict(settings), ensure_ascii=False, indent=1).encode() + b"\n")


def _about(settings: Settings, vocabulary: Vocabulary) -> dict:
    return {**asdict(settings), "vocabulary": _fingerprint(vocabulary)}


def _fingerprint(vocabulary: Vocabulary) -> str:
    return hashlib.sha256(json.dumps(vocabulary.tokens).encode()).hexdigest()[:16]


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
    >>> len(load_data(Settings(Reading(limit=20))).validation)
    2
    """
    return load_reviews(settings.reading, VALIDATION, seed=0)
