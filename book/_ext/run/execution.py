"""章の実行の準備: キャッシュの置き場所と、カーネルの環境。"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pooch
from sphinx.errors import SphinxError

from run.cache_folders import tidy
from run.cache_key import cache_key

ROOT = Path(__file__).parents[3]
SPARE_CACHES = 2
PLACE = "from importlib.util import find_spec; print(find_spec('lstm_text').origin)"


class OtherPackage(SphinxError):
    category = "章が、別の lstm_text を読み込みます"


def choose_cache(app, config):
    """鍵ごとのキャッシュを選び、カーネルが使う環境変数を整える。

    ``nb_execution_cache_path`` が変わると Sphinx は全ページを読み直すので、版や
    データを変えたときに古い出力が残ることはない（章が届くコードは chapter_cache が見る）。
    """
    # 1 章は 1 スレッドで計算する。この本の小さな再帰層は 2 スレッドでもほとんど速くならないが、
    # 2 章を並べれば 2 倍はかどる。スレッドの数で変わる足し算の順序も、どの計算機でも同じになる。
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # スレッドを増やして作っても、章は CPU を回しながら待たない（lstm_text の WAITING と同じ）。
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    caches = Path(app.outdir).parent / ".jupyter_cache"
    cache = caches / cache_key(ROOT, data_folders())
    config.nb_execution_cache_path = str(cache)
    tidy(caches, {cache}, spare=SPARE_CACHES)
    _prepare_kernel(Path(app.outdir).parent / ".kernel")
    refuse_other_package(app.srcdir)


def refuse_other_package(folder):
    """folder で動く章が、このリポジトリの lstm_text を読み込むことを確かめる。

    1 つの環境を 2 つのリポジトリで使っていても、気づかないまま、よそのコードの結果を本に載せない
    ように。

    Raises
    ------
    OtherPackage
        別の場所の lstm_text を読み込むとき。
    """
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", PLACE]
    found = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    ).stdout.strip()
    if Path(found).parent.resolve() != (ROOT / "lstm_text").resolve():
        raise OtherPackage(
            f"章は {ROOT / 'lstm_text'} を読み込む必要がありますが、"
            f"{Path(found).parent} を読み込みます。"
        )


def data_folders():
    """lstm_text.datasets が探す順のフォルダ（torch を読み込まずに知りたいので、ここに写す）。"""
    cache = os.environ.get("LSTM_TEXT_CACHE") or pooch.os_cache("lstm_text")
    # キャッシュのフォルダに書き込めない計算機では、ここに置かれる
    spare = Path(tempfile.gettempdir()) / f"lstm_text-{getattr(os, 'getuid', int)()}"
    folders = [os.environ.get("LSTM_TEXT_DATA"), cache, spare]
    return [Path(folder).expanduser() for folder in folders if folder]


def _prepare_kernel(folder):
    """カーネルに、この Python とこのリポジトリを使わせる。利用者の個人設定は読ませない。"""
    os.environ.pop("JUPYTER_PATH", None)
    for name in ("LSTM_TEXT_DATA", "LSTM_TEXT_CACHE"):
        if os.environ.get(name):  # 章は book/ で動くので、相対パスのままでは届かない
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())
    os.environ.update(
        # 利用者のホームにある別の python3 より、この環境の ipykernel を選ぶ。
        JUPYTER_PREFER_ENV_PATH="1",
        JUPYTER_CONFIG_DIR=str(folder / "config"),
        JUPYTER_DATA_DIR=str(folder / "data"),
        JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
        IPYTHONDIR=str(folder / "ipython"),
        # pooch が読み込む tqdm は、ipywidgets がないと警告する。章で進捗の部品は使わない。
        PYTHONWARNINGS="ignore:IProgress not found",
        MPLCONFIGDIR=str(folder / "matplotlib"),
        # リポジトリを動かしたり写したりしても、ここの lstm_text を使う。
        PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    )
    kernel_config = folder / "ipython" / "profile_default" / "ipython_kernel_config.py"
    if not kernel_config.exists():
        # 通信方式についての知らせが、章ごとに端末に出るのを止める。
        kernel_config.parent.mkdir(parents=True, exist_ok=True)
        kernel_config.write_text("get_config().IPKernelApp.log_level = 'ERROR'\n", encoding="utf-8")
    if not (folder / "matplotlib").exists():
        # 初回のフォント一覧作りは標準エラー出力に知らせを出すので、章の外で済ませる。
        (folder / "matplotlib").mkdir(parents=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], capture_output=True
        )


def setup(app):
    # myst_nb は設定を builder-inited で読むので、それより前に決める。
    app.connect("config-inited", choose_cache)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
