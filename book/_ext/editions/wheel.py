"""章のノートが使うものを、1 つの wheel（pip で入れるファイル）にする。

    lstm_text/            パッケージ
    lstm_text/_book/      章が読むもの。リポジトリと同じ並び
        book/records/     実験の記録
        tests/exercises/  練習の答え合わせ

章のコードは ``records.read("recall", "records")``、``from tests.exercises import check`` と書く。
_book がリポジトリと同じ並びなので、ノートの準備のセルが _book/book に移り、_book を読み込む先に
加えれば、章のコードはどこでもそのまま動く。tests という名前は、_book の中に置けば、同じ環境の
ほかのパッケージの tests とぶつからない。

setuptools は使わない。リポジトリのフォルダを移さずに _book を加え、通信せず、リポジトリに何も
書かず、いつも同じファイルにするには、zip をじかに書くほうが短い。
"""

import base64
import hashlib
import tomllib
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PACKAGE = "lstm_text"
BOOK = f"{PACKAGE}/_book"

# 答え合わせが読み込まないもの。
UNREAD = ("test_*.py", "sample_*.py", "alternatives.py")
# 解答。なくても答え合わせはできるので、解答を載せない版からは除く。
SOLUTIONS = ("solution.py", "large/*", "solutions/*")

WHEEL = """\
Wheel-Version: 1.0
Generator: {package}
Root-Is-Purelib: true
Tag: py3-none-any
"""


def filename(root):
    """wheel のファイルの名前。"""
    project = _pyproject(root)["project"]
    return f"{project['name']}-{project['version']}-py3-none-any.whl"


def write(root, folder, left_out=UNREAD):
    """root のリポジトリの wheel を folder に書く。

    Parameters
    ----------
    root, folder : Path
    left_out : sequence of str
        _book に入れないファイル（``Path.match`` の形）。

    Returns
    -------
    Path
        書いたファイル。
    """
    settings = _pyproject(root)
    information = f"{PACKAGE}-{settings['project']['version']}.dist-info"
    read = [path for path in _book(root) if not any(map(path.match, left_out))]
    contents = {
        **_contents(_package(settings, root), root),
        **{f"{BOOK}/{name}": content for name, content in _contents(read, root).items()},
        f"{information}/METADATA": _metadata(settings["project"]).encode(),
        f"{information}/WHEEL": WHEEL.format(package=PACKAGE).encode(),
        f"{information}/licenses/LICENSE": (root / "LICENSE").read_bytes(),
    }
    contents[f"{information}/RECORD"] = _record(contents, f"{information}/RECORD").encode()
    target = folder / filename(root)
    with ZipFile(target, "w", ZIP_DEFLATED) as wheel:
        for name, content in contents.items():
            member = ZipInfo(name)  # 日付は 1980 年のまま。同じ中身なら、同じファイルになる
            member.compress_type, member.external_attr = ZIP_DEFLATED, 0o644 << 16
            member.create_system = 3  # どの計算機で作っても
            wheel.writestr(member, content)
    return target


def _pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def _package(settings, root):
    """パッケージのコードとデータ。"""
    patterns = ["**/*.py", *settings["tool"]["setuptools"]["package-data"][PACKAGE]]
    return _files(root / PACKAGE, *patterns)


def _book(root):
    """章が読む、パッケージの外のもの。"""
    return [
        *_files(root / "book" / "records", "**/*.json"),
        root / "tests" / "__init__.py",
        *_files(root / "tests" / "exercises", "**/*.py"),
    ]


def _files(folder, *patterns):
    return sorted({path for pattern in patterns for path in folder.glob(pattern)})


def _contents(paths, root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _metadata(project):
    """パッケージの説明。章が使わない任意の依存は書かない。"""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def _record(contents, own_name):
    """入っているファイルの一覧（名前、ハッシュ、大きさ）。自分の行だけは、名前のほかが空。"""
    lines = []
    for name, content in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*lines, f"{own_name},,"]) + "\n"
