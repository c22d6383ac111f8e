"""分類器の訓練を、設定から組み立てる：初期値、目的、データ、保存、読み込み。"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy

from lstm_text.device import generator, seeded
from lstm_text.imdb.classifier import Classifier, build_classifier
from lstm_text.imdb.data import ImdbData
from lstm_text.imdb.distributed import Workers
from lstm_text.imdb.labelled import Labelled
from lstm_text.imdb.language_model import LanguageModel, NextWord, bits_per_word, transfer
from lstm_text.imdb.objectives import Adversarial, Supervised, VirtualAdversarial
from lstm_text.imdb.prediction import probabilities
from lstm_text.imdb.recipe import Settings
from lstm_text.imdb.trainer import STATE, Progress, best_weights, differences, train
from lstm_text.imdb.vectors import initial_vectors
from lstm_text.storage import replacing
from lstm_text.text import Vocabulary, evaluation_batches, training_batches

CONFIG, VOCABULARY = "config.json", "vocabulary.json"


def teach(
    settings: Settings,
    folder: Path,
    data: ImdbData,
    device: torch.device,
    workers: Workers = Workers(),  # noqa: B008 （変わらない値）
    report: Callable[[Progress], None] = lambda progress: None,
) -> list[dict[str, float]]:
    """設定どおりに ``Classifier`` を訓練し、フォルダに残す。

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
    >>> from lstm_text.imdb import Plan, Shape, TextOptions, load_reviews
    >>> settings = Settings(TextOptions(limit=20), Shape(4, 2), plan=Plan(epochs=1))
    >>> data = load_reviews(settings.reading, 0.1, 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = teach(settings, Path(folder), data, torch.device("cpu"))
    ...     classifier, vocabulary, loaded = load_classifier(Path(folder))
    >>> loaded == settings, 0 <= rows[0]["val_accuracy"] <= 1
    (True, True)
    """
    plan, lesson = settings.plan, settings.lesson
    classifier = build_classifier(data.frequencies, settings.shape, plan.seed)
    if not (folder / STATE).exists():  # 続きからなら、上書きされる値を作るまでもない
        _prepare(classifier, settings, data)
    classifier.to(device)
    members = data.everything if lesson.objective == "virtual" else data.train
    objective = {
        "supervised": Supervised,
        "adversarial": lambda: Adversarial(lesson.epsilon),
        "virtual": lambda: VirtualAdversarial(lesson.epsilon),
    }[lesson.objective]()
    if workers.is_first:
        _write_beside(folder, settings, data.vocabulary)
    return train(
        classifier,
        objective,
        lambda seed: training_batches(members, plan.batch_size, generator(seed)),
        lambda: _validate(classifier, data.validation),
        plan,
        folder,
        _about(settings, data.vocabulary),
        workers,
        report,
    )


def _prepare(classifier: Classifier, settings: Settings, data: ImdbData) -> None:
    lesson = settings.lesson
    vectors = initial_vectors(
        data, settings.shape.embedding_dim, lesson.vectors, settings.plan.seed
    )
    if vectors is not None:
        classifier.words.weight.data.copy_(vectors)
    if lesson.language_model:
        folder = Path(lesson.language_model)
        weights, about = best_weights(folder)
        if about["vocabulary"] != vocabulary_digest(data.vocabulary):
            raise ValueError(f"{folder} の言語モデルは、別の語彙で訓練されています。")
        transfer({name.removeprefix("model."): w for name, w in weights.items()}, classifier)


def _validate(classifier: Classifier, reviews: Labelled) -> dict[str, float]:
    probability, labels = probabilities(classifier, reviews), torch.tensor(reviews.labels)
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
    >>> from lstm_text.imdb import Plan, Shape, TextOptions, load_reviews
    >>> settings = Settings(TextOptions(limit=20), Shape(4, 2), plan=Plan(epochs=1))
    >>> data = load_reviews(settings.reading, 0.1, 0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = pretrain(settings, Path(folder), data, torch.device("cpu"))
    >>> rows[0]["val_bits"] > 0
    True
    """
    plan = settings.plan
    classifier = build_classifier(data.frequencies, settings.shape, plan.seed)
    with seeded(plan.seed):
        model = LanguageModel(classifier).to(device)
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


def load_classifier(folder: Path) -> tuple[Classifier, Vocabulary, Settings]:
    """訓練した ``Classifier`` を、語彙と設定と一緒に読む。何も実行されない。

    Parameters
    ----------
    folder : Path
        :func:`teach` が残したフォルダ。

    Returns
    -------
    classifier : Classifier
        評価の状態（``eval()``）。CPU に置く。
    vocabulary : Vocabulary
    settings : Settings

    Raises
    ------
    FileNotFoundError
        足りないファイルがあるとき。
    ValueError
        壊れているとき、書き換えられているとき、``Classifier`` のものでないとき。

    Examples
    --------
    >>> load_classifier(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/model.safetensors がありません。
    """
    weights, about = best_weights(folder)
    vocabulary = Vocabulary.load(folder / VOCABULARY)
    if about.get("vocabulary") != vocabulary_digest(vocabulary):
        raise ValueError(f"{folder / VOCABULARY} が、重みのファイルの語彙と違います。")
    settings = Settings.from_dict(read_config(folder / CONFIG))
    recorded = {name: about.get(name) for name in asdict(settings)}
    if changed := differences(recorded, asdict(settings)):
        raise ValueError(f"{folder / CONFIG} が書き換えられています：{changed}。")
    classifier = Classifier(torch.ones(len(vocabulary)), settings.shape)
    _load_weights(classifier, weights, folder)
    return classifier.eval(), vocabulary, settings


def _load_weights(model: nn.Module, weights: dict[str, Tensor], folder: Path) -> None:
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"{folder} の重みは、この形の分類器のものではありません"
            "（事前学習のフォルダではありませんか）。"
        ) from error


def read_config(path: Path) -> dict:
    """:func:`teach` か :func:`pretrain` の残した設定を読む。

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    FileNotFoundError
        ファイルがないとき。
    ValueError
        設定のファイルではないとき。

    Examples
    --------
    >>> read_config(Path("none") / CONFIG)
    Traceback (most recent call last):
    FileNotFoundError: none/config.json がありません。
    """
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
    return {**asdict(settings), "vocabulary": vocabulary_digest(vocabulary)}


def vocabulary_digest(vocabulary: Vocabulary) -> str:
    """語彙のハッシュ。重みのファイルに添え、語彙のファイルや、いまのデータと比べる。

    Parameters
    ----------
    vocabulary : Vocabulary

    Returns
    -------
    str

    Examples
    --------
    >>> vocabulary_digest(Vocabulary(["a"])) == vocabulary_digest(Vocabulary(["b"]))
    False
    """
    return hashlib.sha256(json.dumps(vocabulary.tokens).encode()).hexdigest()[:16]
