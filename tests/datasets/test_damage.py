"""壊れたデータを、壊れたと言う：検査（CRC）、読み終えたもの、許可、暗号、リンク、書きかけ。"""

import bz2
import gzip
import io
import json
import lzma
import os
import re
import tarfile
import time
import zipfile

import numpy as np
import pytest

from lstm_text import datasets
from lstm_text.datasets import imdb_files
from lstm_text.datasets.__main__ import main
from lstm_text.datasets.find import require_number
from tests.datasets.small import GLOVE, NEKO, archive, files_in, small_glove, write, zipped
from tests.datasets.test_forms import AOZORA, OFFICIAL, ROWS, packed, table, whole, zip_of

pytestmark = pytest.mark.usefixtures("environment", "small")
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
TAR = packed(whole())


@pytest.fixture
def official(data):
    """公式のアーカイブから読んだもの。"""
    write(data, OFFICIAL, packed(whole(), "w:gz"))
    return datasets.load_imdb()


class TestArchive:
    @pytest.mark.parametrize("form", PACK)
    def test_one_flipped_bit_never_goes_unnoticed(self, official, data, form):
        """どこを 1 ビット変えても、断るか、同じものを読む（見出しの時刻など）。"""
        content = PACK[form](TAR)
        for place in range(0, len(content), 5):
            broken = bytearray(content)
            broken[place] ^= 8
            write(data, OFFICIAL, bytes(broken))
            try:
                found = datasets.load_imdb()
            except ValueError as error:
                assert re.search(r"し直して|公式の aclImdb_v1\.tar\.gz を置いて", str(error))
            else:
                assert (found.train, found.test) == (official.train, official.test)

    def test_text_changed_under_a_checksum_is_refused(self, data):
        """圧縮しない gzip の中の本文だけを変える。展開はできて、CRC だけが合わない。"""
        content = gzip.compress(TAR, compresslevel=0).replace(b"train neg 9", b"train neg 8")
        with tarfile.open(fileobj=io.BytesIO(content), mode="r|*") as file:
            assert file.getnames() == list(whole())  # tarfile だけでは、気づかない
        write(data, OFFICIAL, content)
        with pytest.raises(ValueError, match=r"gz を読めません。壊れているか.*CRC.*し直して"):
            datasets.load_imdb()

    @pytest.mark.parametrize("form", PACK)
    @pytest.mark.parametrize("lost", [1, 4, 8, 12])
    def test_a_cut_end_is_refused(self, data, form, lost):
        write(data, OFFICIAL, PACK[form](TAR)[:-lost])
        for load in (datasets.load_imdb, datasets.load_imdb_ratings, datasets.load_imdb_films):
            with pytest.raises(ValueError, match="壊れているか、途中までのファイルです"):
                load()

    @pytest.mark.parametrize("pack", [bytes, gzip.compress])
    def test_a_broken_header_is_not_the_end(self, data, pack):
        content = packed(whole() | {"aclImdb/z": "z"}).replace(b"aclImdb/z\0", b"aclImdb/y\0")
        write(data, OFFICIAL, pack(content))
        with pytest.raises(ValueError, match="壊れているか、途中までのファイルです"):
            datasets.load_imdb()

    def test_the_mark_of_the_end_is_needed(self, data):
        kept = len(TAR.rstrip(b"\0"))
        write(data, OFFICIAL, TAR[: -(-kept // 512) * 512])
        with pytest.raises(ValueError, match="壊れているか、途中までのファイルです"):
            datasets.load_imdb()

    @pytest.mark.parametrize(
        "content",
        [
            TAR + b"junk" * 999,
            gzip.compress(TAR + b"junk" * 999),
            *(pack(TAR) + b"junk" * 999 for pack in PACK.values()),
            gzip.compress(TAR) + bytes(999),
            gzip.compress(TAR[:5000]) + gzip.compress(TAR[5000:]),  # つないだ gzip も、1 つの gzip
        ],
    )
    def test_what_follows_the_end_does_not_matter(self, official, data, content):
        write(data, OFFICIAL, content)
        assert datasets.load_imdb() == official


class TestWhatWasRead:
    @pytest.fixture
    def cached(self, official, tmp_path):
        (path,) = (tmp_path / "cache/imdb").iterdir()
        return path

    def test_one_changed_byte_is_read_anew(self, official, cached):
        content = cached.read_bytes()
        for place in range(0, len(content), 7):
            broken = bytearray(content)
            broken[place] ^= 1
            cached.write_bytes(broken)
            assert datasets.load_imdb() == official
            assert json.loads(cached.read_bytes()) == json.loads(content)

    def test_the_old_form_is_read_anew(self, official, cached):
        content = cached.read_bytes()
        texts = json.loads(content)["texts"]
        texts["train/neg"][0] = "書き換えた"
        cached.write_text(json.dumps(texts), encoding="utf-8")
        assert datasets.load_imdb() == official
        assert cached.read_bytes() == content

    def test_what_is_whole_is_not_read_again(self, official, cached, monkeypatch):
        monkeypatch.setattr(imdb_files, "_read", None)
        assert datasets.load_imdb() == official

    def test_half_written_files_are_swept_away_when_old(self, official, cached):
        names = {f".{cached.name}.abcd123_": 2, f".{cached.name}.abcd1234": 0, ".other.abcd1234": 2}
        for name, hours in names.items():
            write(cached.parent, name, b"half")
            os.utime(cached.with_name(name), times=(time.time() - 3_600 * hours,) * 2)
        kept = [f".{cached.name}.abcd1234", ".other.abcd1234", cached.name]
        datasets.load_imdb()  # 読み終えたものを使うとき
        assert files_in(cached.parent) == sorted(kept)
        cached.unlink()
        os.utime(cached.with_name(kept[0]), times=(time.time() - 7_200,) * 2)
        datasets.load_imdb()  # 置き直すとき
        assert files_in(cached.parent) == sorted(kept[1:])


class TestPermission:
    """管理者でない利用者に、許可のないものを読ませる。"""

    @pytest.fixture
    def folder(self, plain_user):
        for name, text in whole().items():
            write(plain_user, f"imdb/{name}", text.encode())
        return plain_user

    @pytest.mark.parametrize(
        "locked",
        ["imdb", "imdb/aclImdb", "imdb/aclImdb/train/neg", "imdb/aclImdb/train/neg/9_3.txt"],
    )
    def test_a_folder(self, folder, locked):
        self.refuse(folder / locked, datasets.load_imdb)

    def test_an_archive(self, plain_user):
        self.refuse(write(plain_user, OFFICIAL, archive(whole())), datasets.load_imdb)

    @pytest.mark.parametrize("locked", ["text", "text/neko.txt", "text/789_ruby_5639.zip"])
    def test_neko(self, plain_user, locked):
        path = write(plain_user, locked if "." in locked else "text/neko.txt", NEKO.encode())
        self.refuse(path if "." in locked else path.parent, datasets.load_neko)

    @pytest.mark.parametrize("locked", ["", "glove.6B.50d.txt", "glove.6B.zip", "npy"])
    def test_glove(self, plain_user, locked):
        folder = plain_user / "glove"
        folder.mkdir()
        if locked == "npy":
            small_glove(folder, np.zeros((3, 50)))
            locked = next(folder.glob("*.npy")).name
        elif locked.endswith("zip"):
            zipped(folder, GLOVE)
        else:
            write(folder, "glove.6B.50d.txt", GLOVE.encode())
        self.refuse(folder / locked, lambda: datasets.load_glove(50))

    def refuse(self, path, load):
        path.chmod(0)
        if os.geteuid() == 0:
            os.seteuid(65534)
        with pytest.raises((OSError, ValueError)) as caught:
            load()
        told = str(caught.value)
        assert f"{path} を読む許可がありません。読めるように" in told or (
            path.name in told and "を読む許可がありません。読めるように" in told
        )
        assert not re.search("壊れて|途中まで|空でした|件でした", told)


def locked(content: bytes) -> bytes:
    """zip の見出しに、暗号の印を付ける。"""
    content = bytearray(content)
    for mark, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        for found in re.finditer(re.escape(mark), bytes(content)):
            content[found.start() + place] |= 1
    return bytes(content)


@pytest.mark.parametrize("what", ["imdb", "neko", "glove"])
def test_a_locked_zip_is_told(data, what):
    if what == "imdb":
        write(data, "imdb/aclImdb.zip", locked(zip_of(whole())))
    elif what == "neko":
        write(data, "text/789_ruby_5639.zip", locked(zip_of({"wagahai.txt": AOZORA})))
    else:
        (data / "glove").mkdir()
        path = zipped(data / "glove", GLOVE)
        path.write_bytes(locked(path.read_bytes()))
    load = {"imdb": datasets.load_imdb, "neko": datasets.load_neko}
    with pytest.raises(ValueError, match="暗号がかかっています。暗号を解いたものを") as caught:
        load.get(what, lambda: datasets.load_glove(50))()
    assert "壊れて" not in str(caught.value)


class TestLinks:
    @pytest.fixture
    def folder(self, data):
        for name, text in whole().items():
            write(data, f"imdb/{name}", text.encode())
        return data / "imdb/aclImdb"

    def test_a_link_inside_is_read(self, folder):
        (folder / "kept").mkdir()
        (folder / "train/neg").rename(folder / "kept/neg")
        (folder / "train/neg").symlink_to("../kept/neg")
        (folder / "test/pos/9_8.txt").rename(folder / "kept/9.txt")
        (folder / "test/pos/9_8.txt").symlink_to(folder / "kept/9.txt")
        imdb = datasets.load_imdb()
        assert imdb.train.texts[0] == "train neg 9 é" and imdb.test.texts[2] == "test pos 9 é"

    def test_a_circle_of_links_ends(self, folder):
        for name, to in {"a/up": "../..", "a/b": "../b", "b/a": "../a", "a/self": "self"}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).symlink_to(to)
        assert len(datasets.load_imdb().train) == 4

    @pytest.mark.parametrize("name", ["train/neg", "train/neg/9_3.txt"])
    def test_a_link_outside_is_told(self, folder, tmp_path, name):
        (folder / name).rename(tmp_path / "outside")
        (folder / name).symlink_to(tmp_path / "outside")
        told = rf"train/neg には 2 件必要ですが、. 件でした。リンク（\S*{name}）は読まないので"
        for load in (datasets.load_imdb, datasets.load_imdb_ratings):
            with pytest.raises(ValueError, match=told):
                load()

    def test_nothing_but_links_is_not_empty(self, data, tmp_path):
        write(tmp_path, "outside/neg/9_3.txt", b"x")
        for split in ("train", "test"):
            write(data, f"imdb/aclImdb/{split}/README", b"x").unlink()
            (data / f"imdb/aclImdb/{split}/neg").symlink_to(tmp_path / "outside/neg")
        with pytest.raises(ValueError, match=r"リンク（test/neg など 2 個）は読まないので"):
            datasets.load_imdb()

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
    def test_a_link_in_an_archive_is_told(self, data, kind):
        link = tarfile.TarInfo("aclImdb/train/pos/9_8.txt")
        link.type, link.linkname = kind, "aclImdb/train/pos/10_8.txt"
        rest = {name: text for name, text in whole().items() if name != link.name}
        write(data, OFFICIAL, archive(rest, [link]))
        with pytest.raises(ValueError, match=r"1 件でした。リンク（aclImdb/train/pos/9_8\.txt）は"):
            datasets.load_imdb()


@pytest.mark.parametrize("variable", ["LSTM_TEXT_DATA", "LSTM_TEXT_CACHE"])
def test_an_unknown_home_is_told(monkeypatch, variable):
    monkeypatch.setenv(variable, "~だれでもない人/a")
    for load in (datasets.load_imdb, datasets.load_neko, lambda: datasets.load_glove(50)):
        with pytest.raises(FileNotFoundError, match=rf"{variable} のフォルダ ~だれ.*利用者がいま"):
            load()


class TestCommand:
    def test_what_is_broken_is_told(self, data, capsys):
        write(data, OFFICIAL, TAR[:-20_000])
        assert main() == 1
        told = capsys.readouterr()
        assert told.err.startswith("できません：imdb/aclImdb_v1.tar.gz") and not told.out

    def test_a_missing_folder_is_told(self, monkeypatch, capsys):
        monkeypatch.setenv("LSTM_TEXT_DATA", "ない所")
        assert main() == 1
        assert capsys.readouterr().err.startswith("できません：環境変数 LSTM_TEXT_DATA のフォルダ")

    def test_stopped(self, monkeypatch, capsys):
        def stop():
            raise KeyboardInterrupt

        monkeypatch.setattr("lstm_text.datasets.__main__.load_neko", stop)
        assert main() == 130
        assert capsys.readouterr().err.startswith("止めました。")


class TestSmallThings:
    def test_a_wrong_number_says_what_to_do(self):
        with pytest.raises(ValueError, match="a には 2 件必要ですが、1 件でした。置き直して"):
            require_number("a", 1, 2, "件", "置き直してください。")

    @pytest.mark.parametrize("load", [datasets.load_imdb, datasets.load_imdb_ratings])
    @pytest.mark.parametrize("form", ["folder", "zip"])
    def test_two_reviews_of_one_number_are_refused(self, data, form, load):
        contents = whole() | {"aclImdb/test/neg/9_1.txt": "another"}
        if form == "zip":
            write(data, "imdb/aclImdb.zip", zip_of(contents))
        else:
            for name, text in contents.items():
                write(data, f"imdb/{name}", text.encode())
        with pytest.raises(ValueError, match=r"同じ番号のレビューが 2 つ（.*9_[13].*公式の"):
            load()

    def test_a_table_in_another_encoding_says_what_to_do(self, data):
        rows = [*ROWS[:3], ("caf\xe9", 1), *ROWS[4:]]
        write(data, "imdb/reviews.csv", re.sub("[“”]", "", table(rows)).encode("cp1252"))
        with pytest.raises(ValueError, match=r"8 行目を UTF-8 として.*「CSV UTF-8」で保存し直し"):
            datasets.load_imdb()

    @pytest.mark.parametrize("damage", ["quote", "cut"])
    def test_a_table_broken_in_a_quote_tells_the_line(self, data, damage):
        text = table()
        text = text.replace('<br /> and “quotes” ""3', 'and "3') if damage == "quote" else text
        text = text[: text.index("review 5,") + 30] if damage == "cut" else text
        line = {"quote": 8, "cut": 12}[damage]
        write(data, "imdb/reviews.csv", text.encode())
        with pytest.raises(
            ValueError, match=rf" {line} 行目から先を、.*引用符が足りないか.*直すか"
        ):
            datasets.load_imdb()

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            (np.full((3, 50), 1e300), "1 行目に、有限でない数.*float32 に入りきらない"),
            (np.zeros((3, 50), ">f4"), "float64 のどれかが必要ですが、>f4 でした"),
            (np.zeros((3, 50), np.longdouble), r"float64 のどれかが必要ですが、<f\d+ でした"),
            (np.zeros((3, 50), int), "float64 のどれかが必要ですが、<i8 でした"),
            (np.zeros((0, 50), np.float32), "vocab.txt に語がありません"),
        ],
    )
    @pytest.mark.filterwarnings("error")
    def test_other_numbers_of_glove_are_refused(self, glove, values, told):
        small_glove(glove, np.zeros((3, 50)))
        np.save(next(glove.glob("*.npy")), values)
        if not len(values):
            next(glove.glob("*.vocab.txt")).write_bytes(b"")
        with pytest.raises(ValueError, match=told):
            datasets.load_glove(50)

    @pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
    def test_every_float_of_glove_is_read(self, glove, kind):
        small_glove(glove, np.zeros((3, 50)))
        np.save(next(glove.glob("*.npy")), np.full((3, 50), 0.5, kind))
        assert datasets.load_glove(50).values.tolist() == [[0.5] * 50] * 3


def test_the_locked_mark_is_the_one_zipfile_knows(tmp_path):
    (tmp_path / "a.zip").write_bytes(locked(zip_of({"a": "b"})))
    with (
        zipfile.ZipFile(tmp_path / "a.zip") as file,
        pytest.raises(RuntimeError, match="encrypted"),
    ):
        file.read("a")
