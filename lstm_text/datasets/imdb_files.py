"""IMDb のファイルを探し、入れ物によらず同じものを読む。"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lstm_text.datasets.containers import Container, Part
from lstm_text.datasets.contents import digest, has_words, utf16_hint
from lstm_text.datasets.find import (
    Lacking,
    Remote,
    because,
    data_folder,
    find,
    join_notes,
    known_cache,
    permitted,
    require_number,
    spare_folder,
    store,
)
from lstm_text.datasets.source import Source
from lstm_text.storage import sweep

IMDB = Remote(
    "imdb/aclImdb_v1.tar.gz",
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
)
COUNTS = {"neg": 12_500, "pos": 12_500, "unsup": 50_000}
DIGESTS = {
    "train/neg": "3cd15c77cda74016114917848acd857f4c2451f35cd75227bf5fed54c22b6316",
    "train/pos": "7fac79c2ddf80c501fcd8d98084bbee32a61e760f051171c79b4faeb5253c273",
    "train/unsup": "c25b8387c7d10b8b9837724f0cbf627d55c5980c066feb2c8f3235e24ee8544a",
    "test/neg": "3e004c4896178403ada47f6720c416db60e9b9e91dab929ce0fbfb4b121ac265",
    "test/pos": "e26cba4c1dd90ad87432ed21887191a69f7603a96cdf0c2cff1ad6aec8663aeb",
    "films": "7ea0935b26cb2ddc6ae8ec0db73c9dae41744339e01998ade4c33e17b7fa3773",
}
"""フォルダごとの本文と、映画の番号の、ハッシュ。"""

_ARCHIVE = re.compile(r".*\.(tgz|tar(\.\w+)?|tbz2?|txz|zip)", re.IGNORECASE)
_TABLE = re.compile(r".*\.(csv|tsv)(\.gz)?", re.IGNORECASE)
_REVIEW = re.compile(r"(?:(.*)/)?(train/(?:neg|pos|unsup)|test/(?:neg|pos))/(\d+)_(\d+)\.txt")
_PAGE = re.compile(r"(?:(.*)/)?train/urls_(neg|pos)\.txt")
_LONGEST = 1 << 20  # レビュー 1 件のバイト数の上限。本物は、いちばん長くて 14,282 バイト
_SHOWN = 3
_DEPTH = 3  # imdb の中を、何段下まで探すか
_VOTES = "imdb_mturk.json"  # 同じフォルダに置く、別のデータ


@permitted()
def locate(name: str) -> tuple[Container | None, Source]:
    """入れ物と出どころ。どこにもなければ、入れ物は None で、出どころは builtin。"""
    folder = data_folder()
    if folder and (path := next(_candidates(folder), None)):
        title = folder.name if path == folder else path.relative_to(folder).as_posix()
        note = "" if title == IMDB.path else f"{title} から"
        return Container(title, path), Source("LSTM_TEXT_DATA", name, IMDB.url, note)
    contents, source = find(name, [IMDB])
    if folder:
        source = because(source, _seen(folder, contents is None))
    return contents and Container(IMDB.path, contents[0]), source


def _seen(folder: Path, nothing: bool) -> str:
    """データのフォルダに何があり、どう置けばよいか。"""
    where, names = "imdb に", [p.name for p in _visible(folder / "imdb") if p.name != _VOTES]
    if nothing and not names:
        where, names = "フォルダに", [path.name for path in _visible(folder)]
    if not names:
        return ""
    return (
        "imdb の中に置けるのは、公式のアーカイブか、取り出した aclImdb か、5 万件の表（CSV）、"
        f"{where}あるのは {'、'.join(names[:_SHOWN])}"
    )


def _candidates(folder: Path) -> Iterator[Path]:
    """データのフォルダの中の、IMDb らしいもの。本物の名前に近い順。"""
    inside = folder / "imdb"
    near = [*_visible(inside), *filter(_is_named, _visible(folder))]
    named = [path for path in near if _is_named(path)]
    above = [path for path in _visible(folder) if path.name.lower().startswith("imdb")]
    yield from filter(Path.is_file, [folder / IMDB.path, *named])
    yield from [inside] if (inside / "train").is_dir() else []
    yield from filter(_holds_reviews, near)
    yield from (path for path in near if path.is_file() and _ARCHIVE.fullmatch(path.name))
    yield from filter(_is_table, [*_visible(inside), *above])
    yield from filter(_holds_train, [folder])
    for path in _deeper(folder):
        if _holds_train(path) or _is_table(path) or (path.is_file() and _is_named(path)):
            yield path
    yield from named  # 名前だけのフォルダ。足りないものは、読むときに言う


def _deeper(folder: Path) -> Iterator[Path]:
    """``imdb`` の奥にあるものと、データのフォルダのほかの場所にある、名前のとおりのもの。"""
    for depth in range(1, _DEPTH + 1):
        yield from _ours(folder / "imdb", (folder / "imdb").glob("*/" * depth + "*"))
    yield from filter(_is_named, _ours(folder, folder.glob("*/*")))


def _ours(folder: Path, paths: Iterable[Path]) -> list[Path]:
    """フォルダの中のもののうち、OS が作ったものでないもの。"""
    return sorted(
        path
        for path in paths
        if not any(s.startswith((".", "__MACOSX")) for s in path.relative_to(folder).parts)
    )


def _is_table(path: Path) -> bool:
    return bool(_TABLE.fullmatch(path.name)) and path.is_file()


def _is_named(path: Path) -> bool:
    return path.name.lower().startswith("aclimdb")


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return _ours(folder, folder.iterdir())


def _holds_reviews(folder: Path) -> bool:
    return any((folder / above / "train").is_dir() for above in ("", "aclImdb"))


def _holds_train(folder: Path) -> bool:
    return any((folder / "train" / label).is_dir() for label in ("neg", "pos"))


def table_in(container: Container) -> bytes | None:
    """表（CSV）の中身。表そのものか、アーカイブの中の、ただ 1 つの表。どちらでもなければ None。"""
    if _TABLE.fullmatch(container.title):
        return container.unpacked()
    if not container.title.lower().endswith(".zip"):
        return None
    content = None
    for part in container.parts():
        if content is not None or not part.name.lower().endswith((".csv", ".tsv")):
            return None
        content = part.read()
    return content


def reviews_in(
    container: Container, folders: Sequence[str], kind: str
) -> tuple[dict[str, list[str]], str]:
    """フォルダごとの本文（番号の順）と、断り書き。二度目からは、読み終えたものを使う。"""
    parsed = f"imdb/{kind}-{container.fingerprint()[:16]}.json"
    for place in (known_cache(), spare_folder()):
        try:
            kept = json.loads((place / parsed).read_bytes())
            texts = {folder: kept["texts"][folder] for folder in folders}
            hashes = {folder: digest(found) for folder, found in texts.items()}
            if hashes == kept["hashes"]:
                sweep(place / parsed)
                return texts, _edition(hashes)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # まだないか、壊れているか、ハッシュのない古い形: 読み直して置き換える
    texts = _read(container, folders)
    hashes = {folder: digest(found) for folder, found in texts.items()}
    kept = json.dumps({"hashes": hashes, "texts": texts}, ensure_ascii=False)
    return texts, join_notes(_edition(hashes), store(parsed, kept.encode()))


def _edition(hashes: dict[str, str]) -> str:
    """中身が公式のものと違えば、その断り書き。"""
    other = [folder for folder, found in hashes.items() if found != DIGESTS[folder]]
    return f"{'、'.join(other)} の中身が公式のものと違う、別の版" if other else ""


def _count(folder: str) -> int:
    return COUNTS[folder.partition("/")[2]]


def _require_count(container: Container, inside: str, came: int, needed: int) -> None:
    if came != needed:
        then = f"{container.skipped()}公式の {Path(IMDB.path).name} を置いてください。"
        require_number(f"{container.title} の {inside}", came, needed, "件", then)


def _reviews(
    container: Container, folders: Sequence[str]
) -> Iterator[tuple[str, str, int, int, Part]]:
    """レビューのファイル：置き場所、フォルダ、番号、評点、入れ物の中のもの。"""
    names: dict[tuple[str, str, int], str] = {}
    for part in container.parts():
        match = _REVIEW.fullmatch(part.name)
        if match and match[2] in folders:
            place = (match[1] or "", match[2], int(match[3]))
            if names.setdefault(place, part.name) != part.name:
                raise ValueError(
                    f"{container.title} には、同じ番号のレビューが 2 つ（{names[place]} と "
                    f"{part.name}）あります。公式の {Path(IMDB.path).name} を置いてください。"
                )
            yield *place, int(match[4]), part


def _read(container: Container, folders: Sequence[str]) -> dict[str, list[str]]:
    sets: dict[str, dict[str, dict[int, str]]] = {}
    for place, folder, number, _, part in _reviews(container, folders):
        found = sets.setdefault(place, {folder: {} for folder in folders})
        found[folder][number] = _text(part, container.title)
    example = "train/unsup/0_0.txt" if "train/unsup" in folders else "train/neg/0_3.txt"
    chosen = _whole(container, sets, example)
    for folder, texts in chosen.items():
        _require_count(container, folder, len(texts), _count(folder))
        if empty := [i for i in sorted(texts) if not has_words(texts[i])]:
            raise ValueError(
                f"{container.title} の {folder} の {empty[0]} 番のレビューには、語が 1 つも"
                "ありません。公式のものを置いてください。"
            )
    return {folder: [texts[i] for i in sorted(texts)] for folder, texts in chosen.items()}


def _text(part: Part, title: str) -> str:
    if part.size > _LONGEST:
        raise ValueError(
            f"{title} の {part.name} は {_LONGEST:,} バイト以下のはずですが、"
            f"{part.size:,} バイトでした。公式の {Path(IMDB.path).name} を置いてください。"
        )
    content = part.read()
    if hint := utf16_hint(content):
        raise ValueError(f"{title} の {part.name} は {hint}")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{title} を読めません。壊れているか、{part.name} が UTF-8 ではありません（{error}）。"
            f"公式の {Path(IMDB.path).name} を置いてください。"
        ) from error


def _whole(container: Container, sets: dict[str, dict], example: str = "train/neg/0_3.txt") -> dict:
    """置き場所ごとに分けたうちの、いちばん多くそろったもの。"""
    if not sets:
        names = [part.name for _, part in zip(range(_SHOWN), container.parts(), strict=False)]
        seen = f"中にあるのは {'、'.join(names)} など" if names else "中は空"
        raise Lacking(
            f"{container.title} には {example} のような名前のレビューが必要ですが、"
            f"{seen}でした。{container.skipped()}{Path(IMDB.path).name} を置いてください。"
        )
    sizes = {place: sum(map(len, found.values())) for place, found in sets.items()}
    first, *others = sorted(sizes, key=lambda place: (-sizes[place], place))
    if others and sizes[others[0]] == sizes[first] and sets[others[0]] != sets[first]:
        raise ValueError(
            f"{container.title} には中身の違うレビューが 2 組あります"
            f"（{first or '一番上'} と {others[0] or '一番上'}）。片方だけにしてください。"
        )
    return sets[first]


def ratings_in(container: Container) -> dict[str, tuple[int, ...]]:
    """名前の中の評点。本文は読まない。"""
    splits = ("train", "test")
    folders = [f"{split}/{label}" for split in splits for label in ("neg", "pos")]
    sets: dict[str, dict[str, dict[int, int]]] = {}
    for place, folder, number, rating, _ in _reviews(container, folders):
        sets.setdefault(place, {folder: {} for folder in folders})[folder][number] = rating
    chosen = _whole(container, sets)
    for folder, found in chosen.items():
        _require_count(container, folder, len(found), _count(folder))
    return {
        split: tuple(
            chosen[f"{split}/{label}"][number]
            for label in ("neg", "pos")
            for number in sorted(chosen[f"{split}/{label}"])
        )
        for split in splits
    }


def films_in(container: Container) -> tuple[str, ...]:
    """訓練用のレビューの映画の番号。``urls_neg.txt`` と ``urls_pos.txt`` に、1 行に 1 件。"""
    sets: dict[str, dict[str, list[str]]] = {}
    for part in container.parts():
        if match := _PAGE.fullmatch(part.name):
            found = sets.setdefault(match[1] or "", {"neg": [], "pos": []})
            found[match[2]] = re.findall(r"/title/(tt\d+)/", part.read().decode(errors="replace"))
    chosen = _whole(container, sets) if sets else {"neg": [], "pos": []}
    for label, found in chosen.items():
        _require_count(container, f"train/urls_{label}.txt", len(found), COUNTS[label])
    films = (*chosen["neg"], *chosen["pos"])
    if digest(films) != DIGESTS["films"]:
        raise ValueError(
            f"{container.title} の映画の番号が、公式のものと違います。"
            f"公式の {Path(IMDB.path).name} を置いてください。"
        )
    return films
