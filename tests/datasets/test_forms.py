"""人が持っている形のデータ：入れ物、文字コード、改行、別の版、途中までのファイル。"""

import csv
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lstm_text import datasets
from lstm_text.datasets import containers
from lstm_text.datasets import neko as neko_files
from lstm_text.datasets.treebank import _TREEBANKS
from tests.datasets.small import (
    CONLLU,
    FILMS,
    GLOVE,
    NEKO,
    TREES,
    files_in,
    members,
    small_glove,
    write,
    zipped,
)

pytestmark = pytest.mark.usefixtures("environment", "small")
OFFICIAL = "imdb/aclImdb_v1.tar.gz"


def whole() -> dict[str, str]:
    """映画の番号のページまで入った、小さな IMDb。"""
    pages = {"neg": FILMS[:2], "pos": FILMS[2:]}
    return members() | {
        f"aclImdb/train/urls_{label}.txt": "".join(f"http://imdb.com/title/{f}/u\n" for f in films)
        for label, films in pages.items()
    }


def packed(contents: dict[str, str], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for name, text in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def zip_of(contents: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in contents.items():
            file.writestr(name, text)
    return buffer.getvalue()


def renamed(change) -> dict[str, str]:
    return {change(name): text for name, text in whole().items()}


LITTER = {
    "__MACOSX/aclImdb/train/pos/._9_8.txt": "\0\5\26",
    "__MACOSX/aclImdb/train/pos/9_8.txt": "x",
    "aclImdb/.DS_Store": "x",
    "aclImdb/train/pos/._10_8.txt": "\0",
}
FORMS = {
    "imdb/aclImdb_v1.tar": packed(whole()),
    "imdb/aclImdb.tgz": packed(whole(), "w:gz"),
    "imdb/aclImdb_v1 (1).tar.gz": packed(whole(), "w:gz"),
    "imdb/aclImdb_v1.tar.xz": packed(whole(), "w:xz"),
    "imdb/aclImdb_v1.tar.bz2": packed(whole(), "w:bz2"),
    "imdb/aclImdb.zip": zip_of(whole()),
    "imdb/reviews.zip": zip_of(whole()),
    "aclImdb_v1.tar.gz": packed(whole(), "w:gz"),
    "imdb/dot.tar.gz": packed(renamed(lambda name: f"./{name}"), "w:gz"),
    "imdb/bare.zip": zip_of(renamed(lambda name: name.removeprefix("aclImdb/"))),
    "imdb/windows.zip": zip_of(renamed(lambda name: name.replace("/", "\\"))),
    "imdb/doubled.zip": zip_of(renamed(lambda name: f"aclImdb/{name}")),
    "imdb/wrapped.tar": packed(renamed(lambda name: f"data/{name}")),
    "imdb/mac.zip": zip_of(whole() | LITTER),
    OFFICIAL: zip_of(whole()),  # 名前と中身の形が違う
}


def assert_is_the_official(where: str) -> None:
    imdb = datasets.load_imdb()
    assert imdb.train.texts == tuple(f"train {x} é" for x in ("neg 9", "neg 10", "pos 9", "pos 10"))
    assert imdb.test.texts == tuple(f"test {x} é" for x in ("neg 9", "neg 10", "pos 9", "pos 10"))
    assert imdb.train.labels == imdb.test.labels == (0, 0, 1, 1)
    note = "" if where == OFFICIAL else f"{where} から"
    assert (imdb.source.kind, imdb.source.note) == ("LSTM_TEXT_DATA", note)
    assert datasets.load_imdb_unlabelled().texts == ("unsup",)
    assert datasets.load_imdb_ratings() == {"train": (3, 3, 8, 8), "test": (3, 3, 8, 8)}
    assert datasets.load_imdb_films() == FILMS


@pytest.mark.parametrize("path", FORMS)
def test_every_container_gives_the_same_reviews(data, path):
    write(data, path, FORMS[path])
    assert_is_the_official(path)


@pytest.mark.parametrize(
    ("above", "where"),
    [
        ("imdb/aclImdb", "imdb/aclImdb"),
        ("aclImdb", "aclImdb"),
        ("imdb", "imdb"),
        ("imdb/aclImdb_v1/aclImdb", "imdb/aclImdb_v1"),
    ],
)
def test_an_extracted_folder_is_read(data, above, where):
    for name, text in (whole() | LITTER).items():
        write(data, f"{above}/{name.removeprefix('aclImdb/')}", text.encode())
    assert_is_the_official(where)
    file = data / above / "train/neg/9_3.txt"
    file.write_text("書き換えた", encoding="utf-8")  # 読み終えたものを使わず、読み直す
    imdb = datasets.load_imdb()
    assert imdb.train.texts[0] == "書き換えた"
    assert "train/neg の中身が公式のものと違う、別の版" in str(imdb.source)


def test_another_edition_is_said_so(data):
    changed = {name: text.upper() for name, text in whole().items()}
    write(data, OFFICIAL, packed(changed, "w:gz"))
    for _ in range(2):  # 二度目は読み終えたものから
        note = datasets.load_imdb().source.note
        assert note == ("train/neg、train/pos、test/neg、test/pos の中身が公式のものと違う、別の版")
    changed = {name: text.replace("tt12/", "tt13/") for name, text in whole().items()}
    write(data, OFFICIAL, packed(changed, "w:gz"))
    with pytest.raises(ValueError, match="映画の番号が、公式のものと違います"):
        datasets.load_imdb_films()


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        (
            "imdb/other.zip",
            zip_of({"README": "x", "b.txt": "y"}),
            "中にあるのは README、b.txt",
        ),
        ("imdb/aclImdb.zip", zip_of({}), "必要ですが、中は空でした"),
        ("imdb/aclImdb.zip", zip_of(whole())[:-30], "を読めません。壊れているか、途中まで"),
        ("imdb/aclImdb.tar", packed(whole())[:5000], "途中まで|件必要ですが"),
        ("imdb/aclImdb.crdownload", b"\x1f\x8b" + bytes(99), "壊れているか、途中まで"),
        ("imdb/aclImdb/README", b"x", "train/neg/0_3.txt のような名前のレビューが必要"),
        ("imdb/aclImdb/train/neg/0_3.txt", b"x", "train/neg には 2 件必要ですが、1 件でした"),
        ("imdb/a.zip", zip_of(whole() | {"aclImdb/train/neg/9_3.txt": "x" * 2_000_000}), "以下の"),
        (
            "imdb/two.zip",
            zip_of(whole() | {f"x/{name}": text.upper() for name, text in whole().items()}),
            "2 組あります",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(data, path, content, told):
    write(data, path, content)
    with pytest.raises(ValueError, match=told):
        datasets.load_imdb()


def test_latin1_reviews_are_refused_by_name(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in whole().items():
            file.writestr(name, text.encode("latin-1"))
    write(data, "imdb/aclImdb.zip", buffer.getvalue())
    with pytest.raises(ValueError, match=r"\d+_\d\.txt が UTF-8 ではありません"):
        datasets.load_imdb()


def test_reviews_in_utf16_are_refused_by_name(data):
    for name, text in whole().items():
        write(data, f"imdb/{name}", text.encode("utf-16-le"))
    with pytest.raises(ValueError, match=r"\d+_\d\.txt は UTF-16 のようです"):
        datasets.load_imdb()


def test_a_damaged_member_of_a_zip_is_refused(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in whole().items():
            file.writestr(name, text)
    content = buffer.getvalue().replace(b"train neg 9", b"train neg 8")
    write(data, "imdb/aclImdb.zip", content)
    with pytest.raises(ValueError, match="を読めません。壊れているか"):
        datasets.load_imdb()


def test_a_bomb_is_not_swallowed(data, monkeypatch):
    monkeypatch.setattr(containers, "_LARGEST", 1 << 20)
    for content in (zip_of, packed):
        write(data, "imdb/aclImdb.zip", content(whole() | {"aclImdb/zeros": "0" * (2 << 20)}))
        with pytest.raises(ValueError, match="を超えます"):
            datasets.load_imdb()


def test_links_and_climbing_names_are_not_followed(data, tmp_path, monkeypatch):
    secret = write(tmp_path, "secret", b"secret")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in whole().items():
            file.writestr(name, text)
        link = zipfile.ZipInfo("aclImdb/train/pos/11_9.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, str(secret))
        for name in ("../../train/pos/12_9.txt", "/etc/../train/pos/12_9.txt", "..\\escaped.txt"):
            file.writestr(name, "climbed")
    write(data, OFFICIAL, buffer.getvalue())
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = set(files_in(tmp_path))
    assert_is_the_official(OFFICIAL)
    new = set(files_in(tmp_path)) - before
    assert {Path(name).parent.as_posix() for name in new} == {"cache/imdb"}


def test_a_linked_review_in_a_folder_is_not_followed(data, tmp_path):
    for name, text in whole().items():
        write(data, f"imdb/{name}", text.encode())
    file = data / "imdb/aclImdb/train/neg/9_3.txt"
    file.unlink()
    file.symlink_to(write(tmp_path, "secret", b"secret"))
    with pytest.raises(ValueError, match="train/neg には 2 件必要ですが、1 件でした"):
        datasets.load_imdb()


def test_a_link_to_nothing_is_refused(data, tmp_path):
    (data / "imdb").mkdir()
    (data / OFFICIAL).symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match=r"aclImdb_v1\.tar\.gz を読めません"):
        datasets.load_imdb()


def test_what_stands_there_instead_is_told(data):
    write(data, "imdb/reviews.rar", b"x")
    note = datasets.load_imdb().source.note
    assert note.startswith("LSTM_TEXT_DATA のフォルダに imdb/aclImdb_v1.tar.gz がないため")
    assert note.endswith("imdb にあるのは reviews.rar")


# --- 1 つの表（CSV）-----------------------------------------------------------------

ROWS = [(f'review {i},\nwith <br /> and “quotes” "{i}"', i % 2) for i in range(8)]


def table(rows=ROWS, names=("review", "sentiment"), delimiter=",") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows((text, ("negative", "positive")[label]) for text, label in rows)
    return out.getvalue()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("imdb/IMDB Dataset.csv", table().encode()),
        ("IMDB Dataset.csv", table().encode("utf-8-sig")),
        ("imdb/reviews.csv", table().replace("\n", "\r\n").encode()),
        ("imdb/archive.zip", zip_of({"IMDB Dataset.csv": table()})),
        ("imdb/semicolons.csv", table(delimiter=";").encode()),
        ("imdb/named.csv", table(names=("Review", " sentiment")).encode()),
        ("imdb/exported.csv", table(names=("text", "label")).replace("negative", "0").encode()),
    ],
)
def test_a_table_is_read_and_its_split_is_said(data, path, content):
    write(data, path, content)
    imdb = datasets.load_imdb()
    assert (*imdb.train.texts, *imdb.test.texts) == tuple(text for text, _ in ROWS)
    assert (*imdb.train.labels, *imdb.test.labels) == tuple(label for _, label in ROWS)
    assert imdb.source.note == (
        f"{path} から、公式の分け方がない表なので、初めの 4 件を訓練用、残りをテスト用にしました"
    )
    assert datasets.load_imdb_ratings() == {}
    for load, what in (
        (datasets.load_imdb_films, "映画の番号"),
        (datasets.load_imdb_unlabelled, "評価のないレビュー"),
    ):
        with pytest.raises(ValueError, match=rf"表（CSV）なので、{what}がありません。公式の"):
            load()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "review と sentiment の欄が必要ですが、'' でした"),
        (table(names=("text", "stars")), "review と sentiment の欄が必要"),
        (table(sorted(ROWS, key=lambda row: row[1])), r"初めの 4 件が negative だけです"),
        (table(ROWS[:7]), "8 件必要ですが、7 件でした"),
        (table([(text, 1) for text, _ in ROWS]), "positive には 4 件必要ですが、8 件でした"),
        (table().replace("positive", "good", 1), r"5 行目には.*positive か.*'good' でした"),
        (table()[:-25], "表（CSV）として読めません|欄が必要"),
    ],
)
def test_a_broken_table_is_refused(data, text, told):
    write(data, "imdb/IMDB Dataset.csv", text.encode())
    with pytest.raises(ValueError, match=told.replace("（CSV）", r"\（CSV\）")):
        datasets.load_imdb()


def test_a_table_in_latin1_is_refused(data):
    write(data, "imdb/IMDB Dataset.csv", table([("é", 0), ("é", 1)] * 4).encode("latin-1"))
    with pytest.raises(ValueError, match="UTF-8 として読めません"):
        datasets.load_imdb()


# --- 文章 ---------------------------------------------------------------------------

STORY = "\u3000吾輩は猫である。\n名前はまだ無い。\n"
AOZORA = """吾輩は猫である
夏目漱石

-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）吾輩《わがはい》は猫である

｜：ルビの付く文字列の始まりを特定する記号
-------------------------------------------------------

［＃８字下げ］一［＃「一」は中見出し］

\u3000吾輩《わがはい》は猫である。名前は｜まだ《・・》無い。


底本：「夏目漱石全集１」ちくま文庫、筑摩書房
\u3000\u30001987（昭和62）年9月29日第1刷発行
"""


def ways(text: str) -> dict[str, bytes]:
    return {
        "BOM": text.encode("utf-8-sig"),
        "CRLF": text.replace("\n", "\r\n").encode(),
        "BOM と CRLF": text.replace("\n", "\r\n").encode("utf-8-sig"),
    }


@pytest.mark.parametrize("way", ["BOM", "CRLF", "BOM と CRLF"])
def test_the_way_of_writing_does_not_change_the_text(data, way):
    write(data, "text/neko.txt", ways(NEKO)[way])
    for remote in _TREEBANKS["ja_gsd"]:
        write(data, remote.path, ways(CONLLU)[way])
    assert (datasets.load_neko().text, datasets.load_neko().source.note) == (STORY, "")
    treebank = datasets.load_treebank("ja_gsd")
    assert list(treebank.train) == list(treebank.test) == TREES
    assert treebank.source.note == ""


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("text/neko.txt", AOZORA.encode("shift_jis")),
        ("text/neko.txt", AOZORA.replace("\n", "\r\n").encode("shift_jis")),
        ("text/wagahaiwa_nekodearu.txt", AOZORA.replace("\n", "\r\n").encode("shift_jis")),
        ("text/789_ruby_5639.zip", None),
        ("text/neko.txt", AOZORA.encode()),
    ],
)
def test_the_text_of_aozora_is_read_without_its_notes(data, path, content):
    if content is None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("wagahaiwa_nekodearu.txt", AOZORA.encode("shift_jis"))
        content = buffer.getvalue()
    write(data, path, content)
    book = datasets.load_neko()
    assert book.text.rstrip() == "\u3000吾輩は猫である。名前はまだ無い。"
    assert book.source.note.endswith("字は公式のものと同じで、改行か空白が違う版")
    assert (path in book.source.note) == (path != "text/neko.txt")


def test_another_wording_is_said_so(data, monkeypatch):
    monkeypatch.setattr(neko_files, "_SLACK", 0.2)
    write(data, "text/neko.txt", NEKO.replace("名前は", "名は").encode())
    note = datasets.load_neko().source.note
    assert note == f"公式の {len(STORY)} 字とは字の違う、{len(STORY) - 1} 字の版"


@pytest.mark.parametrize("kept", [9, 12, len(STORY) - 2])
def test_half_a_novel_is_refused_with_its_length(data, kept):
    write(data, "text/neko.txt", STORY[:kept].encode())
    with pytest.raises(ValueError, match=rf"全文（{len(STORY)} 字、.*必要ですが、{kept} 字で"):
        datasets.load_neko()


@pytest.mark.parametrize("text", [b"\xff", "坊っちゃん".encode("utf-16")])
def test_an_unknown_encoding_is_refused(data, text):
    write(data, "text/neko.txt", text)
    with pytest.raises(ValueError, match=r"UTF-8 として読めません.*Shift_JIS でもありません"):
        datasets.load_neko()


LONG = "".join(f"1\t{word}\t_\tNOUN\t_\n\n" for word in "abcdefghijkl")


@pytest.fixture
def long_bank(data, monkeypatch):
    """12 文の版を置いたフォルダ。本物は 11 文のつもり。"""
    counts = {"en_ewt": (11, 11, 11)}
    monkeypatch.setattr("lstm_text.datasets.treebank._SENTENCE_COUNTS", counts)
    files = [data / remote.path for remote in _TREEBANKS["en_ewt"]]
    for file in files:
        write(data, file.relative_to(data).as_posix(), LONG.encode())
    return files


def test_another_release_is_said_so(long_bank):
    source = datasets.load_treebank("en_ewt").source
    assert "en_ewt-ud-train.conllu は 12 文で、r2.16（11 文）とは違う版" in str(source)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LONG[:-1], "空行がありません。途中までの"),
        (LONG[:-20], "11 文必要ですが|空行がありません|欄が必要ですが"),
        (LONG[:40], "11 文必要ですが、4 文でした|11 文必要ですが、3 文でした"),
        (LONG.replace("NOUN", "_", 1), "品詞（UPOS）が必要ですが、_ がありました"),
        ("", "11 文必要ですが、0 文でした"),
    ],
)
def test_a_broken_release_is_refused(long_bank, text, told):
    long_bank[0].write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        datasets.load_treebank("en_ewt")


# --- 単語ベクトル -------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [*ways(GLOVE).values(), b"3 50\n" + GLOVE.encode(), GLOVE.replace("\n", " \n").encode()],
)
def test_glove_is_read_however_it_is_written(glove, content):
    (glove / "glove.6B.50d.txt").write_bytes(content)
    found = datasets.load_glove(50)
    assert found.words == ("the", ",", "映画")
    assert found.values.tolist() == [[0.5] + [-1.25] * 49] * 3


def test_glove_in_folders_is_read(glove):
    zipped(glove, GLOVE, name="glove.6B/glove.6B.50d.txt").rename(glove / "glove.6B (1).zip")
    assert datasets.load_glove(50).words == ("the", ",", "映画")
    write(glove, "glove.6B/glove.6B.50d.txt", GLOVE.encode())
    (glove / "glove.6B (1).zip").unlink()
    assert datasets.load_glove(50).words == ("the", ",", "映画")


def test_glove_of_another_size_is_told(glove):
    (glove / "glove.6B.100d.txt").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"50 次元の.*あるのは glove\.6B\.100d\.txt）"):
        datasets.load_glove(50)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "途中までのファイルです（0 語"),
        (b"3 50\n", "途中までのファイルです（0 語"),
        (GLOVE[:-1].encode(), "途中までのファイルです（3 語"),
        (GLOVE[:-3].encode(), "途中までのファイルです（3 語"),  # 最後の数の途中
        (b"4 50\n" + GLOVE.encode(), "途中までのファイルです（3 語"),
        (b"3 100\n" + GLOVE.encode(), "1 行目には語と 50 個の数が必要ですが、数は 1 個"),
        (GLOVE.replace("0.5", "nan", 1).encode(), "1 行目に、有限でない数"),
        (b"3 50\n" + GLOVE.replace("0.5", "inf", 1).encode(), "2 行目に、有限でない数"),
        (GLOVE.replace("0.5", "0,5").encode(), "1 行目には小数点が"),
        (GLOVE.replace("the", "é").encode("utf-8").replace("é".encode(), b"\xe9"), "1 行目を UTF"),
        (GLOVE.replace(",", "the").encode(), "2 行目の語 'the' は、前にもあります"),
    ],
)
def test_broken_glove_is_refused_with_the_line(glove, content, told):
    (glove / "glove.6B.50d.txt").write_bytes(content)
    with pytest.raises(ValueError, match=told):
        datasets.load_glove(50)


def test_broken_small_glove_is_refused(glove):
    small_glove(glove, np.full((3, 50), np.nan))
    with pytest.raises(ValueError, match="1 行目に、有限でない数"):
        datasets.load_glove(50)
    file = next(glove.glob("*.npy"))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ValueError, match="npy を読めません"):
        datasets.load_glove(50)
    next(glove.glob("*.vocab.txt")).unlink()
    with pytest.raises(ValueError, match=r"語の一覧 .*\.vocab\.txt が"):
        datasets.load_glove(50)
