"""人がしそうな置き方：深いフォルダ、別の形の表、足りないもの、読めない形、書けないキャッシュ。"""

import gzip
import hashlib
import io
import re
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from lstm_text import datasets
from lstm_text.datasets import containers, imdb_files
from lstm_text.datasets import find as find_files
from lstm_text.datasets import neko as neko_files
from lstm_text.datasets.contents import has_words
from lstm_text.datasets.find import Lacking
from lstm_text.text import tokenize
from tests.datasets.small import GLOVE, NEKO, files_in, small_glove, write
from tests.datasets.test_forms import OFFICIAL, ROWS, STORY, packed, table, whole, zip_of

pytestmark = pytest.mark.usefixtures("environment", "small")


def zip_bytes(contents):
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return buffer.getvalue()


def extracted(folder, contents=None):
    for name, text in (contents or whole()).items():
        write(folder, name.removeprefix("aclImdb/"), text.encode())


class TestWhereItIsPlaced:
    @pytest.mark.parametrize("name", ["aclImdb", "reviews"])
    def test_the_extracted_folder_itself_is_named(self, tmp_path, monkeypatch, name):
        extracted(tmp_path / name)
        monkeypatch.setenv("LSTM_TEXT_DATA", str(tmp_path / name))
        imdb = datasets.load_imdb()
        assert (imdb.source.kind, imdb.source.note) == ("LSTM_TEXT_DATA", f"{name} から")
        assert datasets.load_imdb_unlabelled().texts == ("unsup",)

    @pytest.mark.parametrize(
        "above", ["imdb/a/reviews", "imdb/a/b/aclImdb", "imdb/a/b/c/reviews", "a/aclImdb"]
    )
    def test_a_deeper_folder_is_found(self, data, above):
        extracted(data / above)
        extracted(data / "imdb/__MACOSX/aclImdb", {"aclImdb/train/pos/1_1.txt": "x"})
        imdb = datasets.load_imdb()
        assert (imdb.source.kind, imdb.source.note) == ("LSTM_TEXT_DATA", f"{above} から")

    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("imdb/a/b/aclImdb_v1.tar.gz", packed(whole(), "w:gz")),
            ("a/aclImdb.zip", zip_of(whole())),
            ("imdb/archive/IMDB Dataset.csv", table().encode()),
        ],
    )
    def test_a_deeper_file_is_found(self, data, path, content):
        write(data, path, content)
        source = datasets.load_imdb().source
        assert source.kind == "LSTM_TEXT_DATA" and source.note.startswith(f"{path} から")

    @pytest.mark.parametrize(
        ("path", "where"),
        [
            ("imdb/reviews.parquet", "imdb にあるのは reviews.parquet"),
            ("imdb/a/reviews.json", "imdb にあるのは a"),
            ("reviews.csv", "フォルダにあるのは reviews.csv"),
        ],
    )
    def test_what_is_there_and_what_to_place_is_told(self, data, path, where):
        write(data, path, b"x")
        source = datasets.load_imdb().source
        assert source.is_builtin and source.note.endswith(where)
        assert "imdb の中に置けるのは、公式のアーカイブか、" in source.note

    def test_a_file_named_instead_of_a_folder_is_told(self, tmp_path, monkeypatch):
        for name in ("IMDB Dataset.csv", "aclImdb_v1.tar.gz", "neko.txt"):
            monkeypatch.setenv("LSTM_TEXT_DATA", str(write(tmp_path, name, b"x")))
            for load in (datasets.load_imdb, datasets.load_neko, lambda: datasets.load_glove(50)):
                with pytest.raises(
                    FileNotFoundError, match=rf"{name} はファイルでした。フォルダを"
                ):
                    load()


class TestTables:
    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("imdb/reviews.tsv", table(delimiter="\t").encode()),
            ("imdb/reviews.csv.gz", gzip.compress(table().encode())),
            ("IMDB Dataset.TSV.gz", gzip.compress(table(delimiter="\t").encode())),
            ("imdb/reviews.zip", zip_of({"reviews.tsv": table(delimiter="\t")})),
        ],
    )
    def test_every_form_of_a_table_is_read(self, data, path, content):
        write(data, path, content)
        imdb = datasets.load_imdb()
        assert (*imdb.train.texts, *imdb.test.texts) == tuple(text for text, _ in ROWS)
        assert imdb.source.note.startswith(f"{path} から")

    def test_half_a_packed_table_is_refused(self, data):
        write(data, "imdb/reviews.csv.gz", gzip.compress(table().encode())[:-9])
        with pytest.raises(ValueError, match=r"csv\.gz を読めません。壊れているか"):
            datasets.load_imdb()

    def test_a_bomb_is_not_swallowed(self, data, monkeypatch):
        monkeypatch.setattr(containers, "_LARGEST", 1 << 10)
        write(data, "imdb/reviews.csv.gz", gzip.compress(bytes(2 << 10)))
        with pytest.raises(ValueError, match="を超えます"):
            datasets.load_imdb()

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_a_table_in_utf16_is_told(self, data, encoding):
        write(data, "imdb/reviews.csv", table().encode(encoding))
        with pytest.raises(ValueError, match="UTF-16 のようです。UTF-8 で保存し直して"):
            datasets.load_imdb()

    @pytest.mark.parametrize("text", ["", " ", "<br /><br />", "&nbsp;", "_", "\u200b"])
    def test_a_review_without_words_is_refused_with_its_line(self, data, text):
        write(data, "imdb/reviews.csv", table([*ROWS[:3], (text, 1), *ROWS[4:]]).encode())
        with pytest.raises(ValueError, match=r"8 行目のレビューには、語が 1 つもありません（'"):
            datasets.load_imdb()

    def test_a_file_without_words_is_refused_with_its_number(self, data):
        extracted(data / "imdb/aclImdb", whole() | {"aclImdb/test/pos/9_8.txt": "<br />"})
        with pytest.raises(ValueError, match="test/pos の 9 番のレビューには、語が 1 つも"):
            datasets.load_imdb()


SAMPLES = """a|!|_|__a|...|<br>|<x>|<p class='a'>|< br />|&lt;br&gt;|&nbsp;|&amp;|猫|😀|１|<em>|-"""


@pytest.mark.parametrize(
    "text", [*SAMPLES.split("|"), "", "|", "\x00\x7f", "\u200d", "\ufeff", "\u0301", "\u3000"]
)
def test_words_are_the_tokens_of_the_text_room(text):
    assert has_words(text) == bool(tokenize(text))


class TestUnlabelled:
    @pytest.mark.parametrize("form", ["table", "archive", "folder"])
    def test_none_is_told_apart_from_damage(self, data, form):
        labelled = {name: text for name, text in whole().items() if "unsup" not in name}
        if form == "table":
            write(data, "imdb/reviews.csv", table().encode())
        elif form == "archive":
            write(data, OFFICIAL, packed(labelled, "w:gz"))
        else:
            extracted(data / "imdb/aclImdb", labelled)
        assert len(datasets.load_imdb().train) == 4
        with pytest.raises(Lacking, match=r"評価のないレビューが|unsup/0_0\.txt のような"):
            datasets.load_imdb_unlabelled()

    def test_some_is_refused(self, data, monkeypatch):
        monkeypatch.setitem(imdb_files.COUNTS, "unsup", 2)
        write(data, OFFICIAL, packed(whole(), "w:gz"))
        with pytest.raises(ValueError, match="train/unsup には 2 件必要ですが、1 件でした"):
            datasets.load_imdb_unlabelled()


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7z のアーカイブのようですが、この形は読めません。展開した"),
        (b"\x28\xb5\x2f\xfd", "Zstandard（.zst）で圧縮したもののようですが、この形は"),
        (b"Rar!\x1a\x07", "RAR のアーカイブのようですが、この形は読めません。展開した"),
        (b"\n<!DOCTYPE html>", "HTML のページのようです。ダウンロードし直してください"),
        (b"<html>", "HTML のページのようです。ダウンロードし直してください"),
        (b"", "途中までのファイルです（"),
    ],
)
def test_what_it_looks_like_is_told(data, start, what):
    write(data, OFFICIAL, start and start + bytes(999))
    with pytest.raises(ValueError, match=rf"gz を読めません。.*{re.escape(what)}"):
        datasets.load_imdb()


class TestNeko:
    @pytest.mark.parametrize("mark", ["©", "?", "c", "(C)", ""])
    def test_a_copyright_mark_may_be_lost(self, data, mark):
        write(data, "text/neko.txt", NEKO.replace("©", mark).encode("cp932", "replace"))
        assert datasets.load_neko().text == STORY
        assert datasets.load_neko().source.note == ""

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
    def test_utf16_is_told(self, data, encoding):
        content = NEKO.encode(encoding)
        if encoding == "utf-16-be":
            content = b"\xfe\xff" + content
        write(data, neko_files._NEKO.path, content)
        with pytest.raises(ValueError, match="UTF-16 のようです。UTF-8 で保存し直してください"):
            datasets.load_neko()

    @pytest.mark.parametrize("name", ["neko.txt", "789_ruby_5639.zip", "wagahaiwa_nekodearu.txt"])
    def test_a_folder_in_its_place_is_told(self, data, name):
        write(data, f"text/{name}/{name}", NEKO.encode())
        with pytest.raises(ValueError, match=rf"text/{name} にはファイルが必要ですが、フォルダで"):
            datasets.load_neko()
        write(data, "text/789_neko.txt", NEKO.encode())
        assert datasets.load_neko().text == STORY

    def test_another_text_in_the_archive_is_no_obstacle(self, data):
        place, story = data / "text/789_ruby_5639.zip", NEKO.encode("cp932", "replace")
        write(data, "text/789_ruby_5639.zip", zip_bytes({"a.txt": b"\xff", "neko.txt": story}))
        assert datasets.load_neko().text == STORY
        place.write_bytes(zip_bytes({"a.txt": b"a", "b.TXT": b"b"}))
        told = (
            r"zip の中に \.txt のファイルが 2 つあり（a\.txt、b\.TXT）、.*らしいものが 0 つでした"
        )
        with pytest.raises(ValueError, match=told):
            datasets.load_neko()
        place.write_bytes(zip_bytes({"a.txt": story, "b.txt": story, "c.txt": b"c"}))
        with pytest.raises(ValueError, match=r"3 つあり.*らしいものが 2 つでした。1 つだけに"):
            datasets.load_neko()


class TestGlove:
    @pytest.fixture
    def four(self, glove, monkeypatch):
        monkeypatch.setattr("lstm_text.datasets.glove._WORDS", 4)
        return glove / "glove.6B.50d.txt"

    def test_fewer_words_than_the_official_are_told(self, four):
        four.write_bytes(GLOVE.encode())
        with pytest.warns(Lacking, match="3 語で、配布元の 4 語に足りません。自作のもので"):
            assert datasets.load_glove(50).words == ("the", ",", "映画")

    def test_a_counted_file_is_whole(self, four):
        four.write_bytes(b"3 50\n" + GLOVE.encode())
        with warnings.catch_warnings(action="error"):
            assert len(datasets.load_glove(50).words) == 3

    def test_another_form_under_the_name_of_npy_is_refused(self, glove):
        small_glove(glove, np.zeros((3, 50)))
        path = next(glove.glob("*.npy"))
        np.savez(glove / "a.npz", np.zeros((3, 50)))
        for content in ((glove / "a.npz").read_bytes(), b"", b"\x80\x04.", GLOVE.encode()):
            path.write_bytes(content)
            with pytest.raises(ValueError, match=r"npy を読めません"):
                datasets.load_glove(50)


class TestUnwritableCache:
    """書けない所にあるキャッシュの代わりに、次のプロセスも見る所に置く。"""

    @pytest.fixture
    def spare(self, tmp_path, monkeypatch):
        write(tmp_path, "occupied", b"")
        monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "occupied" / "cache"))
        for module in (find_files, imdb_files):
            monkeypatch.setattr(module, "spare_folder", lambda: tmp_path / "spare")
        return tmp_path / "spare"

    def test_the_next_process_downloads_nothing(self, spare, monkeypatch):
        remote = replace(neko_files._NEKO, sha256=hashlib.sha256(NEKO.encode()).hexdigest())
        asked = []
        monkeypatch.setattr(neko_files, "_NEKO", remote)
        monkeypatch.setattr(find_files, "_unstored", {})
        monkeypatch.setattr(find_files, "download", lambda r: asked.append(r) or NEKO.encode())
        monkeypatch.setenv("LSTM_TEXT_OFFLINE", "0")
        source = datasets.load_neko().source
        assert source.note == f"キャッシュのフォルダに書き込めないので、{spare} に置きました"
        assert files_in(spare) == ["text/neko.txt"]
        source = datasets.load_neko().source
        assert (source.kind, source.note, asked) == ("cache", "", [remote])
        write(spare, "text/neko.txt", b"another")  # ほかの人が書き換えても、使わない
        assert datasets.load_neko().source.kind == "download"

    def test_what_was_read_is_kept(self, spare, data, monkeypatch):
        write(data, OFFICIAL, packed(whole(), "w:gz"))
        imdb = datasets.load_imdb()
        assert imdb.source.note == f"キャッシュのフォルダに書き込めないので、{spare} に置きました"
        monkeypatch.setattr(imdb_files, "_read", None)
        assert datasets.load_imdb().train == imdb.train
