"""この本の作業を 1 つの表にしたもの。make がない計算機（Windows など）では、これをじかに動かす。

    python make.py                    作業の一覧
    python make.py html               本を作る（make html と同じ）
    python make.py check EX=2.1       1 題だけ確かめる（make check EX=2.1 と同じ）

Makefile は、打たれた目的と「名前=値」を、そのままここへ渡す。環境（.venv）ができるまでは、Python に
付いてくるものだけで動く。
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)

# 名前 → （省いたときの値、意味）。「名前=値」で渡す。初めの 3 つは、環境変数でもよい。
SETTINGS = {
    "VENV": (".venv", "環境を作るフォルダ。空なら、今の環境をそのまま使う"),
    "BUILD": ("build", "作ったものを置くフォルダ"),
    "CONSTRAINTS": (
        None,
        "入れる版を決めるファイル。空なら、許す範囲でいちばん新しい版"
        "（初めは constraints.txt、VENV= なら空）",
    ),
    "PYTHON": (sys.executable, "環境を作る Python"),
    "TORCH_INDEX": ("", "PyTorch を入れるときに使う配布元の URL"),
    "EDITION": ("", "nosolutions なら、解答を載せない版"),
    "STRICT": ("", "1 なら、条件の成り立たない文が 1 つでもあれば失敗にする"),
    "JOBS": ("0", "同時に実行する章の数（0 なら CPU に合わせる）"),
    "EX": ("", "確かめる練習（2.1、2、flip_unit）"),
    "HINT": ("", "この段までのヒントを出す"),
    "JSON": ("", "結果を書き出すファイル（本の「進み具合」のページで読める）"),
    "NAME": ("", "測り直す記録"),
    "LIST": ("", "1 なら、記録の一覧だけ"),
    "DEVICE": ("", "記録を測る場所。cuda なら、GPU で測る組だけを、時間を決めて測る"),
    "BUDGET": ("", "GPU で測る組で、新しい単位を始めてよい秒数（初めは 420）"),
    "SHOW": ("", "1 なら、測らずに表だけ"),
}
# 場所の名前に日本語があっても、環境の道具が止まらないように。
UTF8 = {"PYTHONUTF8": "1"}
FROM_ENVIRONMENT = ("VENV", "BUILD", "CONSTRAINTS")
# BUILD のフォルダを、この本が作った印。clean は、これのあるフォルダだけを消す。
MADE_BY_US = ".lstm_text-build"

# torch に合わせて選ばれるものと、環境の道具は、版を決めない（constraints.txt の説明を参照）。
UNPINNED = re.compile(
    r"(torch|triton|nvidia-.*|cuda-.*|sympy|mpmath|networkx|fsspec|soupsieve|pip|setuptools|wheel)"
)


class Failed(Exception):
    """作業ができない。文はそのまま見せる。空なら、動かした命令がもう述べている。"""


class Workshop:
    """設定と、作業を動かす場所。

    Parameters
    ----------
    settings : dict of str to str
        `SETTINGS` のすべての名前の値。
    """

    def __init__(self, settings):
        self.settings = settings
        self.build = place("BUILD", settings["BUILD"].strip() or "build")
        own = settings["VENV"].strip()
        self.venv = place("VENV", own) if own else None
        constraints = settings["CONSTRAINTS"]
        if constraints is None:
            constraints = "constraints.txt" if self.venv else ""
        self.constraints = ROOT / home(constraints) if constraints.strip() else None
        if self.constraints and not self.constraints.is_file():
            raise Failed(f"CONSTRAINTS={constraints} というファイルがありません。")

    def __getitem__(self, name):
        return self.settings[name].strip()

    # --- 場所 ---

    @property
    def python(self):
        """作業に使う Python。"""
        if self.venv is None:
            return home(self["PYTHON"])
        inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
        return str(self.venv / inside)

    @property
    def suffix(self):
        return f"-{self['EDITION']}" if self["EDITION"] else ""

    @property
    def html(self):
        return self.build / f"html{self.suffix}"

    def make_build(self):
        """作ったものを置くフォルダ。ほかのものがもう入っているフォルダには、印を付けない。"""
        if not self.build.is_dir() or not any(self.build.iterdir()):
            self.build.mkdir(parents=True, exist_ok=True)
            (self.build / MADE_BY_US).touch()

    # --- 命令を動かす ---

    def run(self, *command, **environment):
        """命令を動かし、失敗すれば `Failed`。環境変数は、今のものに加える。"""
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        # 読み込みのたびにコンパイルし直すと、章ごとに何秒もむだになる。
        environment = {**inherited, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
        code = subprocess.call([str(part) for part in command], cwd=ROOT, env=environment)
        if code:
            raise Failed("")

    def module(self, name, *arguments, **environment):
        """環境の Python で ``python -m name``。"""
        self.run(self.python, "-m", name, *arguments, **environment)

    def sphinx(self, builder, doctrees, target, *options):
        """書きかけを残さずに、本を作る。

        前のビルドが途中で終わって（失敗して）いたら、書きかけの本と、Sphinx の中間結果は捨てる。
        そうしないと、一度出た警告が次のビルドで消えたり、書きかけのページが残ったりする。
        実行結果のキャッシュは残るので、済んだ章を実行し直すことはない。
        """
        unfinished = self.build / f".unfinished{self.suffix}"
        if unfinished.exists():
            shutil.rmtree(os.fsdecode(unfinished.read_bytes().strip()), ignore_errors=True)
            shutil.rmtree(doctrees, ignore_errors=True)
        self.make_build()
        unfinished.write_bytes(os.fsencode(target))
        edition = ["-t", self["EDITION"]] if self["EDITION"] else []
        strict = ["-D", "guards_strict=1"] if self["STRICT"] else []
        self.module(
            *("sphinx", "-c", ".", "-n", "-W", "--keep-going"),
            *("-D", f"execution_jobs={self['JOBS']}", *edition, *strict, *options),
            *("-b", builder, "-d", doctrees, "book", target),
        )
        unfinished.unlink()

    # --- 環境 ---

    def environment(self, *extras):
        """環境を作り、要るものを入れる。入れ終えて、要るものの一覧も変わっていなければ何もしない。"""
        self._make_python()
        self._refuse_shared()
        needed = [ROOT / "requirements.txt", ROOT / "pyproject.toml", self.constraints]
        digest = hashlib.sha256(os.fsencode(ROOT))
        for path in filter(None, needed):
            digest.update(path.read_bytes())
        if not self._stamped("ready", digest.hexdigest()):
            with tempfile.TemporaryDirectory() as folder:
                self._choose_torch(folder)
                requirements = self._plain(ROOT / "requirements.txt", folder, self._torch_first)
                self._pip(folder, "-r", requirements, "-e", ".")
            self._stamp("ready", digest.hexdigest())
        for extra in extras:
            if not self._stamped(extra, digest.hexdigest()):
                with tempfile.TemporaryDirectory() as folder:
                    self._pip(folder, "-e", f".[{extra}]")
                self._stamp(extra, digest.hexdigest())

    def _make_python(self):
        base = home(self["PYTHON"])
        told = output(base, "-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))")
        if told is None:
            raise Failed(f"PYTHON={base} を動かせません。Python の場所を指定してください。")
        version = re.search(r"(\d+)\.(\d+)\.\d+$", told)
        if version is None:
            raise Failed(
                f"PYTHON={base} は、Python の版ではなく「{told[:40]}」と答えました。"
                "Python の場所を指定してください。"
            )
        if tuple(map(int, version.groups())) < OLDEST:
            raise Failed(f"Python 3.11 以上が必要ですが、{base} は Python {version[0]} です。")
        if self.venv is None:
            return
        if output(self.python, "-c", "print()") is not None:
            return
        if self.venv.is_dir() and any(self.venv.iterdir()):
            if not (self.venv / "pyvenv.cfg").is_file():
                raise Failed(f"{self.venv} は環境ではないフォルダです。VENV= で別の名前を。")
            print(f"{self.venv} の Python が動かないので、作り直します。")
            shutil.rmtree(self.venv)
        if self.build in self.venv.parents:
            self.make_build()
        print(f"環境を {self.venv} に作ります（初回は数分かかります）", flush=True)
        try:
            self.run(base, "-m", "venv", self.venv, **UTF8)
        except Failed:
            shutil.rmtree(self.venv, ignore_errors=True)
            raise Failed(
                "venv を作れません。Debian や Ubuntu なら python3-venv を入れてください。"
            ) from None

    def _refuse_shared(self):
        """もう 1 つの写しが使っている環境を断る。入れると、あちらが黙ってこの写しを読み始める。"""
        other = installed_copy(self.python)
        if other and (other / "pyproject.toml").is_file() and not other.samefile(ROOT):
            raise Failed(
                f"{self.venv or self.python} の環境は、もう 1 つの写し {other} が使っています。\n"
                f"ここ（{ROOT}）では、VENV= で別の名前のフォルダを指定してください。"
                "あちらでもう使わないなら、次の命令で外してから、もう一度打ってください。\n"
                f'    "{self.python}" -m pip uninstall lstm_text'
            )

    def _pip(self, folder, *what, pinned=True):
        """``what`` を入れる。使わないファイルまで先にコンパイルすると、それだけで数十秒かかる。"""
        if self.venv is None:
            refuse_managed(self.python)
        versions = []
        if pinned and self.constraints:
            versions = ["-c", self._plain(self.constraints, folder, lambda line: True)]
        self.module("pip", "install", "--quiet", "--no-compile", *versions, *what, **UTF8)

    def _plain(self, path, folder, keep):
        """説明を除いた写し。古い pip は、UTF-8 でない環境では、日本語の説明を読めずに止まる。"""
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line and not line.startswith("#") and keep(line)]
        copy = Path(folder) / path.name
        copy.write_text("\n".join(kept) + "\n", encoding="ascii")
        return copy

    def _torch_first(self, line):
        """今の環境に torch があれば、それを使う。"""
        return not (line.startswith("torch==") and self._has_torch())

    def _has_torch(self):
        return output(self.python, "-c", "import torch") is not None

    def _choose_torch(self, folder):
        """Linux の既定の配布元にあるのは、CUDA の部品の付いた数 GB の版。"""
        if self["TORCH_INDEX"] and not self._has_torch():
            requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
            wanted = re.search(r"^torch==.*$", requirements, re.MULTILINE)[0]
            self._pip(folder, "--index-url", self["TORCH_INDEX"], wanted, pinned=False)
        elif platform.system() == "Linux" and not self._has_torch():
            print(
                "PyTorch を入れます。配布元によっては、GPU 用の部品の付いた数 GB の版が入ります。\n"
                "CPU だけの版でよければ、Ctrl-C で止めて、TORCH_INDEX=URL を加えてください"
                "（URL は README の「PyTorch の CPU 版」に）。",
                flush=True,
            )

    def _stamp_path(self, name):
        if self.venv:
            return self.venv / f".lstm_text-{name}"
        place = hashlib.sha256(os.fsencode(Path(self.python).resolve())).hexdigest()[:12]
        return self.build / f".{name}-{place}"

    def _stamped(self, name, text):
        path = self._stamp_path(name)
        return path.is_file() and path.read_text(encoding="ascii") == text

    def _stamp(self, name, text):
        if self.venv is None:
            self.make_build()
        path = self._stamp_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


# --- 作業 -------------------------------------------------------------------------
# 名前が目的になり、docstring の 1 行目が一覧に出る。


def html(shop):
    """本を作る（EDITION=nosolutions で解答なしの版、STRICT=1 で条件の不成立を失敗に）"""
    shop.environment()
    if not (shop.build / ".data").exists():
        data(shop)
    shop.sphinx("html", shop.build / f"doctrees{shop.suffix}", shop.html)
    print(f"できました: {shop.html / 'index.html'}")


def epub(shop):
    """EPUB の本を作る（html と同じ実行結果を使う）"""
    shop.environment()
    if not (shop.build / ".data").exists():
        data(shop)
    folder = shop.build / f"epub{shop.suffix}"
    shop.sphinx("epub", shop.build / f"doctrees{shop.suffix}", folder)
    print(f"できました: {folder / 'lstm_text.epub'}")


def pdf(shop):
    """PDF の本を作る（Chromium が要る）"""
    shop.environment("pdf")
    html(shop)
    printer = ROOT / "book" / "_ext" / "editions" / "print_pdf.py"
    shop.run(shop.python, printer, shop.html, shop.build / f"lstm_text{shop.suffix}.pdf")


def data(shop):
    """本で使うデータを取ってくる（LSTM_TEXT_OFFLINE=1 なら取らない）"""
    # 通信できなければ内蔵コーパスで作る。一度試したら、次からは待たない（data で試し直す）。
    shop.environment()
    shop.module("lstm_text.datasets")
    shop.make_build()
    (shop.build / ".data").touch()


def test(shop):
    """テストを走らせる"""
    # 並べたプロセスのそれぞれが CPU の数だけスレッドを使うと、取り合って何倍も遅くなる。
    # 一度に少しずつ（16 個）配らないと、遅いブラウザの試験が 1 つのプロセスにかたまる。
    shop.environment("test")
    workers = ("-n", "auto", "--maxprocesses", "4", "--maxschedchunk", "16")
    shop.module("pytest", *workers, OMP_NUM_THREADS="1")


def doctest(shop):
    """パッケージの説明にある例だけを確かめる"""
    shop.environment()
    shop.module("pytest", "lstm_text")


def answers(shop):
    """練習のひな形を answers に写す（すでにあるファイルには触らない）"""
    shop.environment()
    shop.module("tests.exercises.engine.answers", "answers")


def check(shop):
    """練習の答えを確かめる（EX=2.1 で 1 題、HINT=1 でヒント、JSON=ファイル で結果を書き出す）"""
    shop.environment()
    chosen = ["-k", shop["EX"]] if shop["EX"] else []
    hint = ["--hint", shop["HINT"]] if shop["HINT"] else []
    saved = ["--json", home(shop["JSON"])] if shop["JSON"] else []
    with contextlib.suppress(Failed):  # 要修正の知らせは、もう読者の言葉で出ている
        shop.module("pytest", "--answers", "answers", *chosen, *hint, *saved)


def records(shop):
    """実験の記録を作り直す（NAME=recall で 1 つだけ、LIST=1 で一覧、DEVICE=cuda で GPU の組）"""
    # 止めても、もう一度打てば続きから測る。スレッドの数が違う記録は、測り直しの対象になる。
    # oneDNN の取り置きを 16 個にしないと、形のまちまちな事前学習で数 GB よけいに使う。
    # 単語ベクトルと ONNX の道具は、映画レビューの実験だけが使う。何時間も測ったあとで足りないと
    # 知らせないように、先に入れる。
    name, device = shop["NAME"], shop["DEVICE"]
    if device.startswith("cuda") and not name and not shop["LIST"]:
        shop.environment()
        options = ["--gpu", *(["--budget", shop["BUDGET"]] if shop["BUDGET"] else [])]
    else:
        special = not shop["LIST"] and (not name or name.startswith("imdb_") or name == "serving")
        shop.environment(*(("vectors", "onnx") if special else ()))
        options = [*(["--list"] if shop["LIST"] else []), *name.split()]
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    shop.module(
        *("lstm_text.experiments", "--folder", "book/records", *options),
        OMP_NUM_THREADS=threads,
        ONEDNN_PRIMITIVE_CACHE_CAPACITY="16",
        **({"LSTM_TEXT_DEVICE": device} if device else {}),
    )


def bench(shop):
    """再帰層の速さとメモリを測って表を出す（SHOW=1 で、ある記録の表を出すだけ）"""
    # 比は、ほかの仕事をしていない計算機で、1 スレッドで測る。途中で止めても続きから測る。
    shop.environment()
    folder = ("--folder", "book/records")
    if not shop["SHOW"]:
        shop.module("lstm_text.experiments", *folder, "bench_layers", OMP_NUM_THREADS="1")
    shop.module("lstm_text.experiments", *folder, "--show", "bench_layers")


def report(shop):
    """環境の報告を出す（質問に貼る）"""
    shop.environment()
    shop.module("lstm_text")


def linkcheck(shop):
    """本の外へのリンクが生きているかを調べる（通信が要る）"""
    shop.environment()
    shop.make_build()
    doctrees = shop.build / "doctrees-linkcheck"
    options = ("-c", ".", "-b", "linkcheck", "-D", "nb_execution_mode=off", "-d", doctrees)
    shop.module("sphinx", *options, "book", shop.build / "linkcheck")


def live(shop):
    """作った本を http://localhost:8000 で読む"""
    html(shop)
    shop.module("http.server", "--bind", "127.0.0.1", "--directory", shop.html, "8000")


def constraints(shop):
    """今の環境の版を constraints.txt に書く（新しい版に上げるとき）"""
    # `make test html VENV=build/newest CONSTRAINTS=` が通ってから、
    # `make constraints VENV=build/newest CONSTRAINTS=`。説明はそのままに、版だけを書き直す。
    shop.environment("test")
    frozen = output(shop.python, "-m", "pip", "freeze", "--exclude-editable")
    if frozen is None:
        raise Failed("pip freeze ができませんでした。")
    lines = sorted(line.lower().replace("_", "-") for line in frozen.splitlines() if "==" in line)
    pins = [line for line in lines if not UNPINNED.fullmatch(line.split("==")[0])]
    path = ROOT / "constraints.txt"
    comments = re.match(r"(?:#.*\n)*", path.read_text(encoding="utf-8"))[0]
    fresh = path.with_suffix(".new")
    fresh.write_text(comments + "\n" + "\n".join(pins) + "\n", encoding="utf-8", newline="\n")
    fresh.replace(path)


def clean(shop):
    """作ったもの（build）を消す。.venv と自分の答えは残す"""
    folder = shop.build.resolve()
    if folder in (ROOT, *ROOT.parents):
        raise Failed(f"BUILD={shop['BUILD']} は、このプロジェクトを含むフォルダです。消しません。")
    if shop.build.is_symlink():
        raise Failed(f"{shop.build} は {folder} を指すリンクです。消すなら、自分で消してください。")
    if not folder.is_dir():
        return
    # いつもの build は、印を付け始める前のものも消す。
    ours = folder == (ROOT / "build").resolve() or (folder / MADE_BY_US).is_file()
    if not ours and any(folder.iterdir()):
        raise Failed(
            f"BUILD={shop['BUILD']} の {folder} を消すところでしたが、この本が作った印"
            f"（{MADE_BY_US}）がないので、消しません。"
            "BUILD= の指定を見直すか、本当に要らなければ、自分で消してください。"
        )
    shutil.rmtree(folder)


def usage(_):
    """この一覧を出す"""
    print("使い方: make 目的 名前=値 …　　make がなければ python make.py 目的 名前=値 …\n\n目的")
    for name, task in TASKS.items():
        print(f"  {name:<12}{task.__doc__}")
    print("\n名前")
    for name, (_, meaning) in SETTINGS.items():
        print(f"  {name:<12}{meaning}")


TASKS = {
    "help": usage,
    **{
        task.__name__: task
        for task in (html, epub, pdf, data, test, doctest, answers, check, records, bench, report)
    },
    **{task.__name__: task for task in (linkcheck, live, constraints, clean)},
}


# --- 道具 -------------------------------------------------------------------------


def home(text):
    """初めの ``~`` を、自分のフォルダにする。「名前=~/…」の ``~`` を開かないシェルがある。"""
    try:
        return os.fspath(Path(text).expanduser()) if text.startswith("~") else text
    except RuntimeError:
        raise Failed(f"{text} の ~ がどこかわかりません。~ を使わずに書いてください。") from None


def place(name, text):
    """「名前=値」で渡されたフォルダの場所。まだなくてもよいが、ファイルではいけない。"""
    path = ROOT / home(text)
    there = next(each for each in (path, *path.parents) if each.exists())
    if not there.is_dir():
        raise Failed(f"{name}={text} の {there} はファイルです。フォルダの名前を指定してください。")
    return path


def installed_copy(python):
    """この環境の lstm_text が指している写しのフォルダ。指していなければ None。"""
    look = (
        "from importlib.metadata import distributions; "
        "told = [one.read_text('direct_url.json') for one in distributions(name='lstm_text')]; "
        "print(next(filter(None, told), '{}'))"
    )
    source = json.loads(output(python, "-c", look) or "{}")
    if not source.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(source["url"]).path))


def output(*command):
    """命令の標準出力。動かないか、失敗すれば None。"""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def refuse_managed(python):
    """OS が管理する Python（PEP 668）には、pip が入れるのを断る。英語で断られる前に述べる。"""
    look = "sysconfig.get_path('stdlib'), sys.prefix == sys.base_prefix"
    told = output(python, "-c", f"import sys, sysconfig; print({look})")
    if told is None:
        raise Failed(f"{python} を動かせません。")
    stdlib, _, outermost = told.rpartition(" ")
    if outermost == "True" and (Path(stdlib) / "EXTERNALLY-MANAGED").is_file():
        raise Failed(
            f"{python} は OS が管理する Python なので、ものを加えられません。"
            "VENV= を付けずに打てば、専用の環境を作ります。"
        )


def understand(words):
    """打たれた言葉を、作業の並びと設定に分ける。"""
    settings = {
        name: os.environ.get(name, default) if name in FROM_ENVIRONMENT else default
        for name, (default, _) in SETTINGS.items()
    }
    names, asked = [], False
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in SETTINGS:
            settings[name] = value
        elif word in ("-h", "--help"):
            asked = True
        elif word in TASKS:
            names.append(word)
        else:
            known = "、".join(SETTINGS if equals else TASKS)
            raise Failed(f"{word} がわかりません。使えるのは {known} です。")
    settings["PYTHON"] = settings["PYTHON"].strip() or sys.executable
    return ["help"] if asked else names or ["help"], settings


def main(words):
    """終了コードを返す。"""
    if sys.version_info[:2] < OLDEST:  # ここまでは、Python 3.6 でも読める書き方で
        told = f"make.py を動かした {sys.executable} は Python {platform.python_version()} です。"
        print(f"Python 3.11 以上が必要ですが、{told}", file=sys.stderr)
        print("新しい Python で、python3.12 make.py 目的 のように打ってください。", file=sys.stderr)
        return 1
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # 表せない文字のある端末でも、止まらない
    try:
        names, settings = understand(words)
        for name in names:
            TASKS[name](Workshop(settings))
        sys.stdout.flush()
    except Failed as failed:
        if str(failed):
            print(failed, file=sys.stderr)
        return 1
    except BrokenPipeError:  # head などが先に読み終えた。書き残しは捨て、終わるときにも騒がない
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if names == ["help"] else 1
    except OSError as error:
        print(f"{error.filename or 'ファイル'} を扱えません（{error.strerror}）。", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("中断しました。", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
