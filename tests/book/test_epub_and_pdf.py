"""EPUB 版と PDF 版: 小さな本を作り、正しい形式で、式が組まれ、スクリプトがないことを確かめる。"""

import io
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest

from editions import print_pdf
from lstm_text.__main__ import _usual_places
from tests.book.markup import mistakes
from tests.book.small_book import CHAPTER

ROOT = Path(__file__).parents[2]

INDEX = """# はじめの章

次は {ref}`ch-next` です。

```{toctree}
:hidden:
plots
next
```
"""

DRAW = """\
from myst_nb import glue

from lstm_text import plots

for height in (1, 2):
    fig, ax = plots.subplots()
    ax.plot([0, height], [0, height], marker="o", label="a b")
    ax.legend()
    plots.show(fig, alt=f"原点から高さ {height} まで上がる直線。")
glue("up", True, display=False)
glue("which", 1, display=False)"""

PLOTS = (
    CHAPTER.format(title="図の章", cell=DRAW)
    + r"""
:::{guard} up
:here: 下がりました。
直線は $\frac{1}{2}$ より上まで上がります。
:::

::::{question} 2.1
:title: 直線の向き
:kind: 予想
:choice: which
$x$ が増えると、$y$ はどうなるでしょうか。
+++
- $y$ も増える => 合っています。
- $y$ は減る
+++
$y = x$ だからです。
::::

| 式 | 値 |
| --- | --- |
| $\lVert x \rVert$ | 1 |

```{figure} /figures/lstm_cell.svg
:alt: 1 つめの、セルの絵の説明。

1 つめの図。
```

```{figure} /figures/lstm_cell.svg
:alt: 2 つめの、同じ絵の説明。

2 つめの図。
```
"""
)

NEXT = r"""(ch-next)=
# 次の章

忘却ゲート $f_t$ の話と、式 {eq}`eq-a` と、{numref}`fig-play`。

```{math}
:label: eq-a
\begin{aligned}
c_t &= f_t \odot c_{t-1} \\
h_t &= \tanh(c_t)
\end{aligned}
```

```{play} gates
:name: fig-play
:alt: 絵の説明

図の説明。
```

```{exercise} 題
:label: ex-2-1

問です。
```

```{answer} 2.1
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """``book(書き方)`` で、小さな本を作り、そのフォルダを返す。"""
    folder = tmp_path_factory.mktemp("editions")
    (folder / "tests").symlink_to(ROOT / "tests")
    (folder / "book").mkdir()
    (folder / "book" / "figures").symlink_to(ROOT / "book" / "figures")
    (folder / "book" / "index.md").write_text(INDEX, encoding="utf-8")
    (folder / "book" / "plots.md").write_text(PLOTS, encoding="utf-8")
    (folder / "book" / "next.md").write_text(NEXT, encoding="utf-8")

    def build(builder):
        command = [sys.executable, "-m", "sphinx", "-c", ROOT, "-n", "-W", "-b", builder]
        done = subprocess.run(
            [*command, "-d", folder / "doctrees", folder / "book", folder / builder],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return folder / builder

    return build


@pytest.fixture(scope="module")
def epub(book):
    with zipfile.ZipFile(book("epub") / "lstm_text.epub") as file:
        yield file


def trees(epub):
    return {
        name: ET.fromstring(epub.read(name))
        for name in epub.namelist()
        if name.endswith((".xhtml", ".opf", ".ncx", ".xml"))
    }


def tags(tree):
    return [element.tag.rpartition("}")[2] for element in tree.iter()]


def test_epub_is_a_japanese_book_whose_files_are_all_there(epub):
    assert epub.namelist()[0] == "mimetype"
    assert epub.read("mimetype") == b"application/epub+zip"
    catalog = trees(epub)["content.opf"]
    values = {element.tag.rpartition("}")[2]: element.text for element in catalog.iter()}
    assert values["language"] == "ja" and values["title"] == "動かして確かめる LSTM"
    items = {item.get("href"): item for item in catalog.iter() if item.get("href")}
    assert set(items) <= set(epub.namelist())
    assert items["next.xhtml"].get("properties") == "mathml svg"
    assert trees(epub)["index.xhtml"].get("lang") == "ja"
    assert "次の章" in epub.read("nav.xhtml").decode()


def test_epub_has_mathml_and_pictures_but_no_scripts(epub):
    for name, tree in trees(epub).items():
        assert "script" not in tags(tree), name
    assert not [name for name in epub.namelist() if name.endswith(".js")]
    page = tags(trees(epub)["next.xhtml"])
    assert page.count("math") >= 2 and "mtable" in page and "svg" in page
    text = "".join(trees(epub)["next.xhtml"].itertext())
    assert "\\" not in text and "(1)" in text


def test_epub_tells_the_formula_that_cannot_be_set():
    from editions.epub import UnreadablePage, mathml

    with pytest.raises(UnreadablePage, match="MathML にできません"):
        mathml(r"\nosuchcommand{x}", "読み")


def test_epub_formulas_have_their_reading(epub):
    elements = [element for tree in trees(epub).values() for element in tree.iter()]
    readings = [made.get("alttext") for made in elements if made.tag.endswith("}math")]
    assert "f の t" in readings and "2 分の 1" in readings
    assert all(words and "\\" not in words for words in readings)


def test_fractions_keep_their_size_in_mathml3():
    from editions.epub import mathml

    small = mathml(r"\tfrac12", "2 分の 1", display=True)
    assert '<mstyle displaystyle="false"><mfrac><mn>1</mn>' in small
    assert "scriptlevel" not in mathml(r"\begin{aligned} x &= 1 \end{aligned}", "式")


def test_epub_pages_have_no_mistakes(epub):
    pages = {name: epub.read(name).decode() for name in epub.namelist() if name[-6:] == ".xhtml"}
    assert pages["plots.xhtml"].count("<svg") == 4
    assert not {name: found for name, page in pages.items() if (found := mistakes(page))}


def test_epubcheck_finds_nothing(book):
    """Debian の epubcheck は jar そのもので、動かせるかはカーネルの設定による。"""
    checker, java = shutil.which("epubcheck"), shutil.which("java")
    if not checker:
        pytest.skip("epubcheck が要ります（Debian なら apt-get install epubcheck）")
    is_jar = Path(checker).read_bytes()[:2] == b"PK"
    command = [java, "-jar", checker] if is_jar else [checker]
    done = subprocess.run(  # 答えを、計算機の言葉ではなく英語で受け取る
        [*command, book("epub") / "lstm_text.epub"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 errors / 0 warnings" in done.stdout


@pytest.fixture(scope="module")
def site(book):
    return book("html")


def test_pages_have_no_mistakes(site):
    pages = {path.name: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    assert pages["plots.html"].count('<figure class="plot"><svg') == 2
    assert not {name: found for name, page in pages.items() if (found := mistakes(page))}


def test_formulas_are_read_instead_of_their_tex(site):
    for name in ("plots.html", "next.html"):
        soup = print_pdf.BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        formulas = soup.select(".math")
        assert formulas
        for formula in formulas:
            spoken = formula.select_one('[role="math"]')
            assert spoken["aria-label"] and "\\" not in spoken["aria-label"]
            assert spoken.select_one('[aria-hidden="true"]').get_text() == spoken.get_text()
            assert not spoken.select("a, [tabindex], [id]")


def test_print_page_joins_all_pages(site):
    soup = print_pdf.BeautifulSoup(print_pdf.merge(print_pdf.read_site(site)), "html.parser")
    ids = {element["id"] for element in soup.find_all(id=True)}
    links = [link["href"] for link in soup.find_all("a", href=True)]
    assert "#next--ch-next" in links
    assert all(link[1:] in ids for link in links if link.startswith("#"))
    assert not mistakes(str(soup))
    assert "ヒント" not in [summary.get_text()[:3] for summary in soup.find_all("summary")]
    solutions = soup.select("section.print-chapter")[-1].find_all("h2")[-1].parent
    assert solutions.h2.get_text() == "この章の練習の解答" and solutions.details.has_attr("open")


def test_pdf_has_pages_of_japanese_text_and_no_tex(site, tmp_path):
    pytest.importorskip("playwright.sync_api", reason="PDF の試験には playwright が要ります")
    from pypdf import PdfReader

    if not print_pdf.find_browser():
        pytest.skip(print_pdf.NO_BROWSER)
    # 別のプロセスで印刷する: ほかの試験が開いたブラウザと、playwright を取り合わないように
    command = [sys.executable, print_pdf.__file__, site, tmp_path / "book.pdf"]
    japanese = os.environ | {"LC_ALL": "ja_JP.UTF-8"}  # 読者の計算機
    subprocess.run(command, check=True, capture_output=True, env=japanese)
    pdf = PdfReader(tmp_path / "book.pdf")
    text = "".join(page.extract_text() for page in pdf.pages)
    assert len(pdf.pages) >= 4
    # 日本語として取り出せるかは、入っているフォントによる（文字に戻す表のないものがある）。
    # 取り出せなければ、字形がないことを表す空の字も増えるので、そのときは英字だけを見る。
    assert "忘却ゲート" in text or ("\x00" in text and "LSTM" in text)
    assert "\\" not in text
    assert [item.title for item in pdf.outline if not isinstance(item, list)][-1] == "次の章"


def test_pdf_without_a_browser_says_so(tmp_path):
    if any(map(shutil.which, _usual_places())):
        pytest.skip("いつもの場所に、ブラウザが入っています。")
    done = subprocess.run(
        [sys.executable, print_pdf.__file__, tmp_path, tmp_path / "book.pdf"],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "CHROMIUM"} | {"PATH": ""},
    )
    assert done.returncode == 1 and print_pdf.NO_BROWSER in done.stderr


def test_how_to_get_a_browser_is_for_every_system():
    assert all(name in print_pdf.NO_BROWSER for name in ("Debian", "Windows", "Mac", "CHROMIUM"))


def test_pdf_with_a_browser_that_is_not_there_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, print_pdf.__file__, tmp_path, tmp_path / "book.pdf"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "CHROMIUM": "/none", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("環境変数 CHROMIUM の /none を動かせません。")


def test_pdf_with_what_is_no_browser_says_so():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="PDF の試験には playwright が要ります"
    )
    error = sync_api.Error(
        "BrowserType.launch: Failed\n[pid=1][err] libnss3.so\nCall log:\n  - 長い"
    )

    class Chromium:
        def launch(self, **options):
            raise error

    with pytest.raises(SystemExit) as told:
        print_pdf.launch(SimpleNamespace(chromium=Chromium()), "/bin/ls")
    said, shown = str(told.value).split("\n")
    assert said.startswith("/bin/ls を、PDF を作るブラウザとして動かせませんでした。")
    assert shown == "[pid=1][err] libnss3.so"


def test_pdf_is_told_on_every_terminal(monkeypatch):
    monkeypatch.setattr(print_pdf, "find_browser", lambda: "chromium")
    monkeypatch.setattr(print_pdf, "print_pdf", lambda site, target, browser: None)
    told = io.TextIOWrapper(io.BytesIO(), "cp932")
    with redirect_stdout(told):
        print_pdf.main("site", "本😀.pdf")
    told.flush()
    assert told.buffer.getvalue().decode("cp932").strip() == "できました: 本?.pdf"
