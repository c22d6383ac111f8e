"""データを探す順序、壊れたデータ、通信の失敗。通信は、この計算機の中の小さなサーバーとだけする。"""

import hashlib
import os
import tarfile
import threading
import time
from collections import Counter
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest
import torch

from lstm_text import datasets
from lstm_text.datasets import Reviews, Source, imdb_files
from lstm_text.datasets import find as find_files
from lstm_text.datasets import neko as neko_files
from lstm_text.datasets import treebank as treebank_files
from lstm_text.datasets.__main__ import main
from lstm_text.datasets.find import Remote
from tests.datasets.small import (
    CONLLU,
    FILMS,
    GLOVE,
    NEKO,
    TREES,
    archive,
    files_in,
    members,
    small_glove,
    write,
    zipped,
)

pytestmark = pytest.mark.usefixtures("environment")
REAL = os.environ["REAL_DATA"]  # 元の LSTM_TEXT_DATA（conftest.py）
needs_real_data = pytest.mark.skipif(
    not REAL, reason="環境変数 LSTM_TEXT_DATA が、実データのフォルダを指していません"
)


class Server:
    """置いた中身を返す、この計算機の中だけのサーバー。"""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut_short = False
        self.silent = threading.Event()
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                if server.silent.is_set():
                    server.released.wait(20)
                content = server.contents.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if server.cut_short else content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "0")
    yield server
    server.close()


@pytest.fixture
def serve_imdb(server, monkeypatch, small) -> Server:
    content = archive(members())
    server.contents["/imdb"] = content
    remote = Remote(
        "imdb/aclImdb_v1.tar.gz", f"{server.url}/imdb", hashlib.sha256(content).hexdigest()
    )
    monkeypatch.setattr(imdb_files, "IMDB", remote)
    return server


class TestSource:
    @pytest.mark.parametrize(
        ("source", "sentence"),
        [
            (
                Source("LSTM_TEXT_DATA", "本", "https://a.example"),
                "データ：本（環境変数 LSTM_TEXT_DATA のフォルダ）。",
            ),
            (
                Source("cache", "本", "https://a.example", "無いため"),
                "データ：本（https://a.example から以前にダウンロードしたキャッシュ。無いため）。",
            ),
            (
                Source("download", "本", "https://a.example"),
                "データ：本（https://a.example からダウンロードしました）。",
            ),
            (
                Source("builtin", "本", "冒頭", "通信できないため"),
                "データ：本ではなく、冒頭です（通信できないため）。",
            ),
        ],
    )
    def test_one_sentence(self, source, sentence):
        assert str(source) == sentence
        assert source.is_builtin == (source.kind == "builtin")


class TestBuiltin:
    """通信もデータもない計算機でも、すべて読め、本物のふりをしない。"""

    def test_imdb(self):
        imdb = datasets.load_imdb()
        assert (len(imdb.train), sum(imdb.train.labels)) == (4_000, 2_000)
        assert (len(imdb.test), sum(imdb.test.labels)) == (2_000, 1_000)
        assert imdb.source.is_builtin
        assert str(imdb.source) == (
            "データ：IMDb の映画レビューではなく、文法から作った架空の映画レビュー（訓練 4,000 件、"
            "テスト 2,000 件）です（ダウンロードしない設定 LSTM_TEXT_OFFLINE=1 のため）。"
        )
        assert datasets.load_imdb() == imdb

    @pytest.mark.parametrize("name", ["en_ewt", "ja_gsd"])
    def test_treebanks(self, name):
        treebank = datasets.load_treebank(name)
        assert [len(treebank.train), len(treebank.dev), len(treebank.test)] == [4_000, 500, 500]
        assert not {*treebank.train} & {*treebank.dev, *treebank.test}
        assert "の文ではなく、文法から作った" in str(treebank.source)

    def test_neko(self):
        book = datasets.load_neko()
        assert "全文ではなく、冒頭の" in str(book.source)
        assert len(book.text) > 19_000

    def test_unlabelled(self):
        unlabelled = datasets.load_imdb_unlabelled()
        assert len(unlabelled.texts) == 4_000
        assert unlabelled.source.is_builtin

    def test_unknown_treebank(self):
        with pytest.raises(ValueError, match="'en_ewt' か 'ja_gsd' が必要ですが、'fr' でした"):
            datasets.load_treebank("fr")


class TestDataFolder:
    def test_imdb(self, data, small, tmp_path):
        write(data, "imdb/aclImdb_v1.tar.gz", archive(members()))
        for _ in range(2):  # 二度目は読み終えたものから
            imdb = datasets.load_imdb()
            assert imdb.train.texts == tuple(
                f"train {x} é" for x in ("neg 9", "neg 10", "pos 9", "pos 10")
            )
            assert imdb.test.texts[0] == "test neg 9 é"
            assert imdb.train.labels == imdb.test.labels == (0, 0, 1, 1)
            assert str(imdb.source).endswith("（環境変数 LSTM_TEXT_DATA のフォルダ）。")
        assert datasets.load_imdb_unlabelled().texts == ("unsup",)
        assert len(files_in(tmp_path / "cache")) == 2

    def test_a_changed_archive_is_read_anew(self, data, small):
        write(data, "imdb/aclImdb_v1.tar.gz", archive(members()))
        before = datasets.load_imdb()
        changed = {name: text.upper() for name, text in members().items()}
        write(data, "imdb/aclImdb_v1.tar.gz", archive(changed))
        assert datasets.load_imdb().train.texts == tuple(t.upper() for t in before.train.texts)

    @pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"train/neg": ["one"]}', b"\xff"])
    def test_broken_cache_of_the_texts_is_replaced(self, data, small, tmp_path, broken):
        write(data, "imdb/aclImdb_v1.tar.gz", archive(members()))
        imdb = datasets.load_imdb()
        (cached,) = (tmp_path / "cache/imdb").iterdir()
        whole = cached.read_bytes()
        cached.write_bytes(broken)
        assert datasets.load_imdb() == imdb
        assert cached.read_bytes() == whole

    def test_treebank_and_neko(self, data, small):
        for remote in treebank_files._TREEBANKS["en_ewt"]:
            write(data, remote.path, CONLLU.encode())
        write(data, "text/neko.txt", NEKO.encode())
        treebank = datasets.load_treebank("en_ewt")
        assert [list(s) for s in (treebank.train, treebank.dev, treebank.test)] == [TREES] * 3
        assert datasets.load_neko().text == "\u3000吾輩は猫である。\n名前はまだ無い。\n"

    def test_pointing_nowhere_is_an_error(self, monkeypatch, tmp_path):
        file = write(tmp_path, "file", b"")
        for wrong in (tmp_path / "nowhere", file):
            monkeypatch.setenv("LSTM_TEXT_DATA", str(wrong))
            for load in (datasets.load_imdb, datasets.load_neko):
                with pytest.raises(FileNotFoundError, match="環境変数 LSTM_TEXT_DATA のフォルダ"):
                    load()

    def test_lacking_just_this_one_goes_on_and_says_so(self, data):
        assert str(datasets.load_neko().source) == (
            "データ：『吾輩は猫である』の全文ではなく、冒頭の 19,896 字です"
            "（LSTM_TEXT_DATA のフォルダに text/neko.txt がないため、"
            "ダウンロードしない設定 LSTM_TEXT_OFFLINE=1 のため）。"
        )

    def test_empty_variable_counts_as_unset(self, monkeypatch):
        monkeypatch.setenv("LSTM_TEXT_DATA", "")
        assert datasets.load_neko().source.is_builtin

    @pytest.mark.parametrize("keep", [0, 10, 0.3, 0.6])
    def test_half_an_archive(self, data, small, tmp_path, keep):
        whole = archive(members())
        part = whole[: int(keep * len(whole)) if keep < 1 else keep]
        file = write(data, "imdb/aclImdb_v1.tar.gz", part)
        with pytest.raises(ValueError, match=r"を読めません。壊れているか|件必要ですが"):
            datasets.load_imdb()
        assert not (tmp_path / "cache").exists()
        file.write_bytes(whole)
        assert len(datasets.load_imdb().train) == 4

    def test_not_an_archive(self, data):
        write(data, "imdb/aclImdb_v1.tar.gz", b"<html>404 Not Found</html>" * 100)
        with pytest.raises(ValueError, match="壊れているか、途中までのファイルです"):
            datasets.load_imdb()

    def test_missing_reviews(self, data, small):
        some = members()
        del some["aclImdb/test/pos/9_8.txt"]
        write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
        with pytest.raises(ValueError, match="test/pos には 2 件必要ですが、1 件でした"):
            datasets.load_imdb()

    def test_broken_treebank(self, data, small):
        for remote in treebank_files._TREEBANKS["ja_gsd"]:
            write(data, remote.path, CONLLU.encode())
        dev = data / treebank_files._TREEBANKS["ja_gsd"][1].path
        dev.write_bytes(CONLLU.partition("# text = Yes")[0].encode())
        with pytest.raises(ValueError, match=r"dev\.conllu には 2 文必要ですが、1 文でした"):
            datasets.load_treebank("ja_gsd")
        for broken in (b"1\tI\n", b"\xff\xfe"):
            dev.write_bytes(broken)
            with pytest.raises(ValueError, match=r"dev\.conllu を CoNLL-U として読めません"):
                datasets.load_treebank("ja_gsd")

    def test_broken_neko(self, data):
        file = write(data, "text/neko.txt", b"\xff")
        with pytest.raises(ValueError, match="UTF-8 として読めません"):
            datasets.load_neko()
        file.write_text("坊っちゃん", encoding="utf-8")
        with pytest.raises(ValueError, match="『吾輩は猫である』ではありません"):
            datasets.load_neko()


def test_hostile_members_are_never_written(data, small, tmp_path, monkeypatch):
    hostile = []
    for name in (
        "../../escaped.txt",
        "/escaped.txt",
        "aclImdb/train/pos/../../../escaped_1.txt",
        "aclImdb/train/pos/1_1.txt/../../../../escaped.txt",
        "aclImdb/train/pos/1_1.txt\n",
        "x/aclImdb/train/pos/1_1.txt",
    ):
        hostile.append(tarfile.TarInfo(name))
    for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "aclImdb/README")):
        link = tarfile.TarInfo("aclImdb/train/pos/11_9.txt")
        link.type, link.linkname = kind, target
        hostile.append(link)
    for kind in (tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
        device = tarfile.TarInfo("aclImdb/train/pos/12_9.txt")
        device.type = kind
        hostile.append(device)
    write(data, "imdb/aclImdb_v1.tar.gz", archive(members(), hostile))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = files_in(tmp_path)
    texts = datasets.load_imdb().train.texts
    assert texts == ("train neg 9 é", "train neg 10 é", "train pos 9 é", "train pos 10 é")
    new = set(files_in(tmp_path)) - set(before)
    assert [Path(name).parent.as_posix() for name in new] == ["cache/imdb"]


def test_ratings_stand_in_the_order_of_the_reviews(data, small):
    assert datasets.load_imdb_ratings() == {}
    some = members()
    some["aclImdb/test/pos/9_10.txt"] = some.pop("aclImdb/test/pos/9_8.txt")
    write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
    assert datasets.load_imdb_ratings() == {"train": (3, 3, 8, 8), "test": (3, 3, 10, 8)}
    del some["aclImdb/test/pos/9_10.txt"]
    write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
    with pytest.raises(ValueError, match="test/pos には 2 件必要ですが、1 件でした"):
        datasets.load_imdb_ratings()


def test_ratings_are_read_from_the_names_alone(data, small, monkeypatch):
    """1 つの目印を知るために、5 万件の本文を読まない。"""
    write(data, "imdb/aclImdb_v1.tar.gz", archive(members()))
    monkeypatch.setattr(imdb_files, "_text", None)
    assert datasets.load_imdb_ratings()["train"] == (3, 3, 8, 8)


@pytest.mark.parametrize("kept", [0, 10, 0.5])
def test_ratings_in_half_an_archive(data, small, kept):
    whole = archive(members())
    half = whole[: kept if isinstance(kept, int) else int(kept * len(whole))]
    write(data, "imdb/aclImdb_v1.tar.gz", half)
    with pytest.raises(ValueError, match="壊れているか、途中までのファイル"):
        datasets.load_imdb_ratings()


def test_films_stand_in_the_order_of_the_reviews(data, small):
    assert datasets.load_imdb_films() == ()
    some, page = members(), "http://www.imdb.com/title/{}/usercomments\n"
    for label, films in {"neg": ("tt0000003", "tt0000001"), "pos": ("tt12", "tt12")}.items():
        some[f"aclImdb/train/urls_{label}.txt"] = "".join(map(page.format, films))
        some[f"aclImdb/test/urls_{label}.txt"] = page.format("tt9") * 2
    write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
    assert datasets.load_imdb_films() == ("tt0000003", "tt0000001", "tt12", "tt12")
    some["aclImdb/train/urls_pos.txt"] = page.format("tt12")
    write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
    with pytest.raises(ValueError, match=r"urls_pos\.txt には 2 件必要ですが、1 件でした"):
        datasets.load_imdb_films()
    del some["aclImdb/train/urls_neg.txt"]
    write(data, "imdb/aclImdb_v1.tar.gz", archive(some))
    with pytest.raises(ValueError, match=r"urls_neg\.txt には 2 件必要ですが、0 件でした"):
        datasets.load_imdb_films()


class TestDownload:
    def test_then_the_cache(self, serve_imdb, tmp_path):
        first = datasets.load_imdb()
        assert str(first.source) == (
            f"データ：IMDb の映画レビュー（{serve_imdb.url}/imdb からダウンロードしました）。"
        )
        second = datasets.load_imdb()
        assert second.train == first.train
        assert second.source.kind == "cache"
        assert serve_imdb.asked == ["/imdb"]
        assert files_in(tmp_path / "cache")[0] == "imdb/aclImdb_v1.tar.gz"

    def test_says_why_the_data_folder_was_not_used(self, serve_imdb, data):
        reason = "LSTM_TEXT_DATA のフォルダに imdb/aclImdb_v1.tar.gz がないため"
        for kind in ("download", "cache"):
            source = datasets.load_imdb().source
            assert (source.kind, source.note) == (kind, reason)

    def test_the_data_folder_comes_first(self, serve_imdb, data):
        write(data, "imdb/aclImdb_v1.tar.gz", archive(members()))
        assert datasets.load_imdb().source.kind == "LSTM_TEXT_DATA"
        assert serve_imdb.asked == []

    @pytest.mark.parametrize("damage", ["wrong", "truncated", "absent"])
    def test_failure_leaves_nothing_and_the_next_run_works(self, serve_imdb, tmp_path, damage):
        whole = serve_imdb.contents["/imdb"]
        if damage == "wrong":
            serve_imdb.contents["/imdb"] = whole + b"x"
        elif damage == "truncated":
            serve_imdb.cut_short = True
        else:
            del serve_imdb.contents["/imdb"]
        imdb = datasets.load_imdb()
        assert imdb.source.is_builtin
        assert (
            imdb.source.note
            == {
                "wrong": "ダウンロードしたファイルが公式のものと一致しなかったため",
                "truncated": "ダウンロードできなかったため：ChunkedEncodingError",
                "absent": "ダウンロードできなかったため：HTTPError",
            }[damage]
        )
        assert files_in(tmp_path) == []

        serve_imdb.contents["/imdb"] = whole
        serve_imdb.cut_short = False
        assert datasets.load_imdb().source.kind == "download"

    def test_unreachable(self, serve_imdb):
        serve_imdb.close()
        start = time.perf_counter()
        assert datasets.load_imdb().source.note == "ダウンロードできなかったため：ConnectionError"
        assert time.perf_counter() - start < 5

    def test_a_silent_server_is_given_up(self, serve_imdb, monkeypatch):
        monkeypatch.setattr(find_files, "_TIMEOUT", (0.3, 0.3))
        serve_imdb.silent.set()
        assert datasets.load_imdb().source.note.startswith("ダウンロードできなかったため：")
        assert serve_imdb.asked == ["/imdb"]  # 何度も試さない

    def test_interrupted_by_the_reader(self, monkeypatch, tmp_path):
        def interrupted(*_: object, path: str, **__: object) -> None:
            write(Path(path), "half", b"half")
            raise KeyboardInterrupt

        monkeypatch.setenv("LSTM_TEXT_OFFLINE", "0")
        monkeypatch.setattr(pooch, "retrieve", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load_neko()
        assert files_in(tmp_path) == []

    def test_broken_cache_is_replaced(self, serve_imdb, tmp_path):
        file = write(tmp_path / "cache", "imdb/aclImdb_v1.tar.gz", b"half")
        source = datasets.load_imdb().source
        assert (source.kind, source.note) == ("download", "キャッシュのファイルが壊れていたため")
        assert file.read_bytes() == serve_imdb.contents["/imdb"]

    def test_broken_cache_without_a_network(self, tmp_path):
        write(tmp_path / "cache", "text/neko.txt", b"half")
        note = datasets.load_neko().source.note
        assert note.startswith("キャッシュのファイルが壊れていたため、ダウンロードしない設定")

    def test_read_only_cache(self, serve_imdb, monkeypatch, tmp_path):
        write(tmp_path, "occupied", b"")
        monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "occupied" / "cache"))
        note = "キャッシュのフォルダに書き込めないので、次回も同じ手間がかかります"
        for _ in range(2):
            imdb = datasets.load_imdb()
            assert len(imdb.train) == 4
            assert (imdb.source.kind, imdb.source.note) == ("download", note)
        assert files_in(tmp_path) == ["occupied"]

    def test_read_only_cache_downloads_once(self, serve_imdb, monkeypatch, tmp_path):
        content = archive(
            members()
            | {
                f"aclImdb/train/urls_{label}.txt": "".join(f"/title/{film}/\n" for film in films)
                for label, films in {"neg": FILMS[:2], "pos": FILMS[2:]}.items()
            }
        )
        serve_imdb.contents["/imdb"] = content
        monkeypatch.setattr(
            imdb_files, "IMDB", replace(imdb_files.IMDB, sha256=hashlib.sha256(content).hexdigest())
        )
        write(tmp_path, "occupied", b"")
        monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "occupied" / "cache"))
        assert len(datasets.load_imdb().train) == 4
        serve_imdb.contents.clear()  # 二度目は取れない
        assert datasets.load_imdb_films() == FILMS
        assert datasets.load_imdb_unlabelled().texts == ("unsup",)
        assert serve_imdb.asked == ["/imdb"]

    def test_films_of_a_failed_download_are_empty(self, serve_imdb):
        serve_imdb.contents.clear()
        assert datasets.load_imdb_films() == ()

    def test_files_without_a_hash_are_counted(self, server, monkeypatch, small, tmp_path):
        names = ("train", "dev", "test")
        digest = hashlib.sha256(CONLLU.encode()).hexdigest()
        remotes = tuple(
            Remote(f"ud/{n}", f"{server.url}/{n}", "" if n == "train" else digest, (2, 6))
            for n in names
        )
        monkeypatch.setitem(treebank_files._TREEBANKS, "ja_gsd", remotes)
        server.contents = {f"/{n}": CONLLU.encode() for n in names}
        server.contents["/train"] = CONLLU.encode()[:-60]
        note = "ダウンロードしたファイルが公式のものと一致しなかったため"
        assert datasets.load_treebank("ja_gsd").source.note == note
        server.contents["/train"] = b"\xff"
        assert datasets.load_treebank("ja_gsd").source.note == note
        assert files_in(tmp_path) == []

        server.contents["/train"] = CONLLU.encode()
        assert list(datasets.load_treebank("ja_gsd").train) == TREES
        assert datasets.load_treebank("ja_gsd").source.kind == "cache"

    def test_offline_never_asks(self, serve_imdb, monkeypatch):
        monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
        assert datasets.load_imdb().source.is_builtin
        assert serve_imdb.asked == []

    def test_every_address_is_official_and_checked(self):
        remotes = [imdb_files.IMDB, neko_files._NEKO, *sum(treebank_files._TREEBANKS.values(), ())]
        assert all(remote.url.startswith("https://") for remote in remotes)
        unhashed = [r.path for r in remotes if len(r.sha256) != 64]
        assert unhashed == ["ud/UD_Japanese-GSD/ja_gsd-ud-train.conllu"]


def test_preparing_everything_prints_one_line_each(capsys):
    main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(line.startswith("データ：") and line.endswith("。") for line in lines)


class TestConllu:
    def test_words_and_tags(self):
        assert datasets.parse_conllu(CONLLU) == TREES
        assert datasets.parse_conllu(CONLLU.rstrip("\n")) == TREES
        assert datasets.parse_conllu(CONLLU.replace("\n", "\r\n")) == TREES
        assert datasets.parse_conllu("") == []

    def test_missing_columns(self):
        with pytest.raises(ValueError, match="2 行目に 4 つ以上の欄が必要ですが、2 つでした"):
            datasets.parse_conllu("# x\n1\tI\n")


class TestSplitValidation:
    reviews = Reviews(tuple(map(str, range(103))), (0,) * 63 + (1,) * 40)

    def split(self, fraction: float, seed: int) -> tuple[Reviews, Reviews]:
        return datasets.split_validation(
            self.reviews, fraction, torch.Generator().manual_seed(seed)
        )

    def test_stratified_partition(self):
        train, validation = self.split(0.1, 0)
        assert Counter(validation.labels) == {0: 6, 1: 4}
        assert {*train.texts, *validation.texts} == {*self.reviews.texts}
        assert len(train) + len(validation) == 103
        for part in (train, validation):
            for text, label in zip(part.texts, part.labels, strict=True):
                assert label == self.reviews.labels[int(text)]

    def test_depends_on_the_generator_alone(self):
        assert self.split(0.2, 3) == self.split(0.2, 3)
        assert self.split(0.2, 3) != self.split(0.2, 4)

    @pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
    def test_fraction_out_of_range(self, fraction):
        with pytest.raises(ValueError, match="0 と 1 の間"):
            self.split(fraction, 0)


@needs_real_data
class TestRealData:
    @pytest.fixture(autouse=True)
    def real(self, environment, monkeypatch):
        monkeypatch.setenv("LSTM_TEXT_DATA", REAL)

    def test_imdb(self):
        imdb = datasets.load_imdb()
        for part in (imdb.train, imdb.test):
            assert (len(part), sum(part.labels)) == (25_000, 12_500)
        train, test = set(imdb.train.texts), set(imdb.test.texts)
        assert len(train & test) == 123
        assert len(train | test) == 49_582
        for name, part in (("train", imdb.train), ("test", imdb.test)):
            ratings = datasets.load_imdb_ratings()[name]
            assert [rating > 5 for rating in ratings] == [label == 1 for label in part.labels]

    @pytest.mark.parametrize(
        ("name", "sentences", "words"),
        [
            ("en_ewt", [12_544, 2_001, 2_077], None),
            ("ja_gsd", [7_050, 507, 543], [168_333, 12_287, 13_034]),
        ],
    )
    def test_treebanks(self, name, sentences, words):
        treebank = datasets.load_treebank(name)
        splits = [treebank.train, treebank.dev, treebank.test]
        assert [len(split) for split in splits] == sentences
        assert words in (None, [sum(len(s.words) for s in split) for split in splits])
        assert len({tag for s in treebank.train for tag in s.tags}) in (16, 17)

    def test_neko(self):
        text = datasets.load_neko().text
        assert text.startswith("\u3000吾輩は猫である。")
        assert text.endswith("ありがたいありがたい。\n")
        assert "GitHub" not in text


# --- 単語ベクトル ---------------------------------------------------------------


@pytest.mark.parametrize("form", ["zip", "txt", "npy"])
def test_glove_is_read_from_every_form(form, glove):
    if form == "zip":
        zipped(glove, GLOVE)
    elif form == "txt":
        (glove / "glove.6B.50d.txt").write_text(GLOVE, encoding="utf-8")
    else:
        small_glove(glove, np.array([[0.5] + [-1.25] * 49] * 3))
    found = datasets.load_glove(50)
    assert found.words == ("the", ",", "映画")
    assert found.values.dtype == torch.float32
    assert found.values.tolist() == [[0.5] + [-1.25] * 49] * 3
    assert found.source.kind == "cache"


def test_glove_in_the_named_folder_comes_first(glove, tmp_path, monkeypatch):
    zipped(glove, GLOVE)
    named = tmp_path / "data" / "glove"
    named.mkdir(parents=True)
    zipped(named, GLOVE.split("\n")[0] + "\n")
    monkeypatch.setenv("LSTM_TEXT_DATA", str(tmp_path / "data"))
    found = datasets.load_glove(50)
    assert found.words == ("the",)
    assert found.source.kind == "LSTM_TEXT_DATA"


def test_missing_glove_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.load_glove(100)
    sentence = str(caught.value)
    assert sentence.startswith("100 次元の単語ベクトルがありません。https://")
    assert f"zip のまま {tmp_path / 'cache' / 'glove'} に置いてください。" in sentence


def test_glove_whose_checksum_is_wrong_is_refused(glove):
    path = zipped(glove, GLOVE)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"the 0.5", b"the 0.6"))
    with pytest.raises(ValueError, match=r"壊れているか、途中までのファイルです.*し直してください"):
        datasets.load_glove(50)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_glove_downloaded_only_in_part_is_refused(share, glove):
    path = zipped(glove, GLOVE)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"glove\.6B\.50d\.txt を読めません。壊れているか"):
        datasets.load_glove(50)


def test_other_zip_is_refused(glove):
    zipped(glove, GLOVE, name="README.txt")
    with pytest.raises(ValueError, match=r"glove\.6B\.50d\.txt を読めません"):
        datasets.load_glove(50)


def test_cut_text_of_glove_is_refused(glove):
    (glove / "glove.6B.50d.txt").write_text(GLOVE[:-20], encoding="utf-8")
    with pytest.raises(ValueError, match=r"3 行目には語と 50 個の数が必要ですが、数は 4\d 個"):
        datasets.load_glove(50)


def test_small_glove_of_another_size_is_refused(glove):
    small_glove(glove, np.zeros((4, 50)))
    with pytest.raises(ValueError, match="3 語 × 50 次元が必要ですが、\\(4, 50\\) でした"):
        datasets.load_glove(50)
