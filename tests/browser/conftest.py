"""ブラウザの試験: 本を作り、Chromium で開く。

本は、`make html` で作ったものが原稿より新しければそれを、なければ章を実行せずに作ったものを使う。
別の場所の本を試すには、環境変数 BOOK_SITE にそのフォルダを指定する。ブラウザの場所は CHROMIUM で
指定できる。
"""

import functools
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from editions.print_pdf import HOW_TO_GET, find_browser

ROOT = Path(__file__).parents[2]
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 120_000  # ミリ秒。ほかの仕事で混んだ計算機では、1 ページを開くのに 30 秒を超える
SOURCES = ("book", "lstm_text", "conf.py")


def sources():
    for name in SOURCES:
        path = ROOT / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (f for f in files if f.is_file() and "__pycache__" not in f.parts)


def is_fresh(html):
    """html が、いまの原稿から最後まで作られた本か。"""
    index = html / "searchindex.js"
    if not index.is_file() or (html.parent / ".unfinished").exists():
        return False
    return index.stat().st_mtime >= max(path.stat().st_mtime for path in sources())


@pytest.fixture(scope="session")
def chromium():
    """Chromium の場所。"""
    pytest.importorskip(
        "playwright.sync_api",
        reason="ブラウザの試験には playwright が要ります（pip install playwright）",
    )
    if not (found := find_browser()):
        pytest.skip(f"ブラウザの試験には Chromium が要ります。{HOW_TO_GET}")
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """本の HTML のフォルダ。"""
    if given := os.environ.get("BOOK_SITE"):
        return Path(given).resolve()
    if is_fresh(ROOT / "build" / "html"):
        return ROOT / "build" / "html"
    # 並べて走らせるときは、初めに来たプロセスが作り、ほかはそれを待って使う
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "book"
    command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-q", "-D", "nb_execution_mode=off"]
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            done = subprocess.run(
                [*command, "-d", folder / "doctrees", ROOT / "book", folder / "html"],
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr[-2000:]
            (folder / "done").touch()
    return folder / "html"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def address(site):
    """本を配る、手元のサーバーの番地。"""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Visit:
    """開いた 1 つのページと、そのあいだに起きた困ったこと、届いたバイト数。"""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.problems, self.sizes = [], {}
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"本の外への要求 {request.url}")

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # 次のページへ移って打ち切ったもの
            self.problems.append(f"読めない {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")
        elif response.url.startswith(self.address):
            self.sizes[response.url.split("?")[0]] = response

    def open(self, name):
        self.page.goto(f"{self.address}/{name}", wait_until="load")
        self.page.evaluate(
            "async () => { if (window.MathJax?.startup) await MathJax.startup.promise; }"
        )
        return self.page

    def close(self):
        self.page.context.close()


@pytest.fixture(scope="session")
def new_visit(browser, address):
    """``new_visit(画面の幅, 画面の明暗)`` で、まっさらなブラウザの 1 ページを開く。"""

    def start(width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, locale="ja-JP"
        )
        context.set_default_timeout(PATIENCE)
        return Visit(context.new_page(), address)

    return start


@pytest.fixture
def visit(new_visit):
    """``new_visit`` と同じで、試験が終わると閉じる。"""
    visits = []

    def start(*arguments, **options):
        visits.append(new_visit(*arguments, **options))
        return visits[-1]

    yield start
    for each in visits:
        each.close()
