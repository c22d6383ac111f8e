"""votes：疑わしいラベルへの票。小さな作りもののアーカイブと票で確かめる。"""

import hashlib
import io
import json
import os
import tarfile
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pooch
import pytest

from lstm_text import datasets
from lstm_text.datasets import Vote, corrected_labels, imdb_files, load_imdb, load_imdb_votes
from lstm_text.datasets import votes as vote_files
from lstm_text.datasets.find import Remote

REAL = os.environ["REAL_DATA"]  # 元の LSTM_TEXT_DATA（conftest.py）
RATINGS = {"neg": (1, 4), "pos": (10, 7)}  # 0 番と 1 番


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    """どのテストも、空のキャッシュと空のデータのフォルダで、通信しない所から始める。"""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("LSTM_TEXT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LSTM_TEXT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "1")
    monkeypatch.setattr(imdb_files, "COUNTS", {"neg": 2, "pos": 2, "unsup": 1})
    monkeypatch.setattr(vote_files, "_COUNT", 3)


@pytest.fixture
def reviews(tmp_path) -> Path:
    """4 件ずつのレビューが置いてある、データのフォルダ。"""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for split in ("train", "test"):
            for label, ratings in RATINGS.items():
                for number, rating in enumerate(ratings):
                    member = tarfile.TarInfo(f"aclImdb/{split}/{label}/{number}_{rating}.txt")
                    text = f"{split} {label} {number}".encode()
                    member.size = len(text)
                    tar.addfile(member, io.BytesIO(text))
    folder = tmp_path / "data" / "imdb"
    folder.mkdir()
    (folder / "aclImdb_v1.tar.gz").write_bytes(buffer.getvalue())
    return folder


def item(name: str, given: int, guessed: int, neutral: int, off_topic: int) -> dict:
    counts = {"given": given, "guessed": guessed, "neutral": neutral, "off-topic": off_topic}
    return {"id": f"test/{name}", "url": "https://a.example", "mturk": counts}


ITEMS = [item("pos/1_7", 2, 3, 0, 0), item("neg/1_4", 4, 1, 0, 0), item("pos/0_10", 2, 1, 1, 1)]


def place(folder: Path, items: object) -> None:
    (folder / "imdb_mturk.json").write_text(json.dumps(items), encoding="utf-8")


def test_votes_find_their_reviews(reviews, monkeypatch):
    place(reviews, ITEMS)
    official = hashlib.sha256(json.dumps(ITEMS).encode()).hexdigest()
    monkeypatch.setattr(vote_files, "_VOTES", replace(vote_files._VOTES, sha256=official))
    found = load_imdb_votes()
    assert [astuple(vote) for vote in found.votes] == [
        (1, 0, 4, 1, 0, 0),
        (2, 1, 2, 1, 1, 1),
        (3, 1, 2, 3, 0, 0),
    ]
    test = load_imdb().test
    assert [test.texts[v.review] for v in found.votes] == ["test neg 1", "test pos 0", "test pos 1"]
    assert all(test.labels[v.review] == v.label for v in found.votes)
    assert str(found.source).endswith("（環境変数 LSTM_TEXT_DATA のフォルダ）。")


def test_a_majority_for_the_other_label_turns_it(reviews):
    place(reviews, ITEMS)
    corrected, disputed = corrected_labels(load_imdb().test.labels, load_imdb_votes().votes)
    assert corrected.tolist() == [0, 0, 1, 0]
    assert disputed.tolist() == [False, False, True, True]


def test_all_ways_to_vote():
    """5 票の分け方のすべてが、賛成の過半数、逆の過半数、ほかの 3 つに、重なりなく分かれる。"""
    for given in range(6):
        for other in range(6 - given):
            vote = Vote(0, 0, given, other, 5 - given - other, 0)
            assert vote.flipped == (other > 2.5)
            assert vote.disputed == (not given > 2.5)
            assert not (vote.flipped and not vote.disputed)


def test_without_the_votes_every_label_stays(reviews):
    found = load_imdb_votes()
    assert found.votes == ()
    assert found.source.is_builtin
    assert "imdb/imdb_mturk.json がないため、ダウンロードしない設定" in str(found.source)
    labels = load_imdb().test.labels
    corrected, disputed = corrected_labels(labels, found.votes)
    assert corrected.tolist() == list(labels)
    assert not disputed.any()


def test_without_the_real_reviews_there_are_no_votes(tmp_path):
    (tmp_path / "data" / "imdb").mkdir()
    place(tmp_path / "data" / "imdb", ITEMS)
    found = load_imdb_votes()
    assert (len(found), found.source.kind) == (0, "builtin")
    assert str(found.source).startswith("データ：IMDb の疑わしいラベルへの票ではなく、空の一覧です")


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({"id": "test/neg/0_1"}, "票として読めません"),
        ([{"id": "test/neg/0_1"}], "票として読めません.*mturk"),
        (None, "票として読めません"),
        ([*ITEMS[:2], item("neg/2_1", 5, 0, 0, 0)], "neg/2_1 は、.*ありません"),
        ([*ITEMS[:2], item("neg/0_2", 5, 0, 0, 0)], "neg/0_2 は、.*ありません"),
        ([*ITEMS[:2], {**ITEMS[2], "id": "train/pos/0_10"}], "test/neg/番号_評点 の形が必要"),
        ([*ITEMS[:2], item("pos/0_10", 2, 1, 1, 0)], "5 人の票が必要ですが、4 人でした"),
        (ITEMS[:2], "imdb_mturk.json には 3 件必要ですが、2 件でした"),
        ([*ITEMS[:2], ITEMS[0]], "重なりを除くと 2 件でした。公式のもの（https"),
        ([*ITEMS, ITEMS[0]], "imdb_mturk.json には 3 件必要ですが、4 件でした。公式のもの"),
        ([*ITEMS[:2], item("pos/0_10", 7, -2, 0, 0)], "0 から 5 の整数のはずですが、\\(7, -2,"),
        ([*ITEMS[:2], item("pos/0_10", 5.0, 0, 0, 0)], "0 から 5 の整数のはず"),
        ([*ITEMS[:2], item("pos/0_10", True, 4, 0, 0)], "0 から 5 の整数のはず"),
        ([*ITEMS[:2], item("pos/0_10", "5", 0, 0, 0)], "0 から 5 の整数のはず"),
    ],
)
def test_broken_votes_are_refused(reviews, items, reason):
    place(reviews, items)
    with pytest.raises(ValueError, match=reason):
        load_imdb_votes()


def test_other_votes_are_said_so(reviews):
    place(reviews, [*ITEMS[:2], item("pos/0_10", 5, 0, 0, 0)])
    found = load_imdb_votes()
    assert found.votes[1].given == 5
    assert found.source.note == "中身が公式のものと違う、別の版"


@pytest.mark.parametrize("broken", [b"", b"[{", b"\xff", b"<html>404</html>"])
def test_a_file_that_is_not_json_is_refused(reviews, broken):
    (reviews / "imdb_mturk.json").write_bytes(broken)
    with pytest.raises(ValueError, match=r"imdb/imdb_mturk\.json を票として読めません"):
        load_imdb_votes()


@pytest.mark.parametrize("labels", [[0, 0, 1], [0, 1, 1, 1]])
def test_votes_on_other_labels_are_refused(labels):
    votes = [Vote(1, 0, 5, 0, 0, 0), Vote(3, 1, 0, 5, 0, 0)]
    with pytest.raises(ValueError, match="番のラベルが票と合いません"):
        corrected_labels(labels, votes)


@pytest.mark.parametrize("genuine", [True, False])
def test_only_the_official_file_is_downloaded(reviews, monkeypatch, tmp_path, genuine):
    content = json.dumps(ITEMS).encode()
    digest = hashlib.sha256(content if genuine else b"other").hexdigest()
    remote = Remote("imdb/imdb_mturk.json", "https://a.example/votes", digest)
    monkeypatch.setattr(vote_files, "_VOTES", remote)
    monkeypatch.setenv("LSTM_TEXT_OFFLINE", "0")

    def retrieve(url, known_hash, path, fname, downloader):
        assert (url, known_hash) == (remote.url, f"sha256:{digest}")
        (Path(path) / fname).write_bytes(content)
        return str(Path(path) / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    found = load_imdb_votes()
    assert (len(found), found.source.kind) == ((3, "download") if genuine else (0, "builtin"))
    assert (tmp_path / "cache/imdb/imdb_mturk.json").exists() == genuine
    if not genuine:
        assert "公式のものと一致しなかったため" in str(found.source)
    else:
        assert load_imdb_votes().source.kind == "cache"


def test_the_address_is_official_and_checked():
    remote = vote_files._VOTES
    assert remote.url.startswith("https://raw.githubusercontent.com/cleanlab/label-errors/")
    assert len(remote.sha256) == 64


@pytest.mark.skipif(
    not REAL, reason="環境変数 LSTM_TEXT_DATA が、実データのフォルダを指していません"
)
def test_the_counts_of_the_paper(monkeypatch):
    """Northcutt et al. (2021) の表 2：1,310 件のうち 725 件が疑わしく、585 件は元のまま。"""
    monkeypatch.undo()
    monkeypatch.setenv("LSTM_TEXT_DATA", REAL)
    found = load_imdb_votes()
    content = (Path(REAL) / "imdb/imdb_mturk.json").read_bytes()
    assert vote_files._VOTES.accepts(content)
    labels = datasets.load_imdb().test.labels
    corrected, disputed = corrected_labels(labels, found.votes)
    assert (len(found), int(disputed.sum()), int((corrected != np.array(labels)).sum())) == (
        1_310,
        725,
        173,
    )
    assert sum(not vote.disputed for vote in found.votes) == 585
