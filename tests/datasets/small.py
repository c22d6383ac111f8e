"""小さなデータのファイル：IMDb、品詞つきの文、『吾輩は猫である』、単語ベクトル。"""

import io
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from lstm_text.datasets import Sentence

CONLLU = """\
# text = I don't know .
1\tI\tI\tPRON\t_
2-3\tdon't\t_\t_\t_
2\tdo\tdo\tAUX\t_
3\tn't\tnot\tPART\t_
4\tknow\tknow\tVERB\t_
4.1\tit\tit\tPRON\t_
5\t.\t.\tPUNCT\t_

# text = Yes
1\tYes\tyes\tINTJ\t_
"""
TREES = [
    Sentence(("I", "do", "n't", "know", "."), ("PRON", "AUX", "PART", "VERB", "PUNCT")),
    Sentence(("Yes",), ("INTJ",)),
]
NEKO = "\n\u3000吾輩は猫である。\n名前はまだ無い。\n\n© 2018 GitHub, Inc.\nTerms\n"
FILMS = ("tt0000003", "tt0000001", "tt12", "tt12")
GLOVE = "".join(f"{word} {' '.join(['0.5', *['-1.25'] * 49])}\n" for word in ("the", ",", "映画"))


def members() -> dict[str, str]:
    names = {
        f"aclImdb/{split}/{label}/{i}_{8 if label == 'pos' else 3}.txt": f"{split} {label} {i} é"
        for split in ("train", "test")
        for label in ("pos", "neg")
        for i in (10, 9)
    }
    return names | {"aclImdb/train/unsup/0_0.txt": "unsup", "aclImdb/README": "about"}


def number_of(name: str) -> int:
    found = re.search(r"/(\d+)_", name)
    return int(found[1]) if found else 0


def archive(contents: dict[str, str], extra: list[tarfile.TarInfo] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for member in extra:
            tar.addfile(member)
        for name, text in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def write(folder: Path, path: str, content: bytes) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def files_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def zipped(folder, text, name="glove.6B.50d.txt"):
    """1 つのファイルを入れた、配布元と同じ名前の zip。圧縮しないので、中身がそのまま見える。"""
    path = folder / "glove.6B.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, text)
    return path


def small_glove(folder, rows):
    np.save(folder / "glove.6B.50d.imdb20k.float16.npy", rows.astype(np.float16))
    listed = folder / "glove.6B.50d.imdb20k.vocab.txt"
    listed.write_text("the\n,\n映画\n", encoding="utf-8")
