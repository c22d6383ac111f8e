"""ページのほかに配るもの: 404.html、要約、住所、sitemap.xml、Markdown 版、PyTorch へのリンク。"""

import json
import re
from xml.etree import ElementTree

import pytest

from tests.book.small_book import CHAPTER, finish, start_build
from tests.exercises.sample_questions import CHOICE

ADDRESS = "https://example.org/lstm/"
CELL = """from myst_nb import glue
glue("wall", 3, display=False)
print("四十二は", 6 * 7)"""
TEXT = """
:::{admonition} 囲み
囲みの文は、要約ではない。
:::

初めの段落は $h_t$ の話。`nn.LSTM` を使う。値は {glue:text}`wall` です。

もう一度 `nn.LSTM` と、`nn.Nothing`。

| 名前 | 数 |
| --- | --- |
| 縦棒 | 1 |

```{math}
:label: eq-a
c_t = f_t
```

```{math}
c_t = 0
```

```{figure} dot.svg
:name: fig-a
:alt: 点が 1 つ

点の図。式は {eq}`eq-a`。
```

```{list-table} 名前の表
:name: table-a
* - 甲
* - 乙
```

```{code-block} python
:caption: 直すコード

pass
```

> 1 行めの文。\\
> 2 行めの文。

```{exercise} 点を打つ
:label: ex-1-1

打ちましょう。
```

:::{dropdown} ヒント 1
点は 1 つです。
:::

```{solution} ex-1-1
打ちました。
```

- 一
- 二

前から進むのを**順方向（forward）**といい、
**混ぜる。**式では**「約物」**と*「斜体」*も。掛け算は 2\\*3\\*4 です。
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "book").mkdir()
    contents = "# 小さな本\n\n```{toctree}\n:numbered: 1\n\none\n```\n"
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'
    (folder / "book/dot.svg").write_text(picture, encoding="utf-8")
    (folder / "book/index.md").write_text(contents, encoding="utf-8")
    chapter = CHAPTER.format(title="1 つめの章", cell=CELL) + TEXT + CHOICE
    (folder / "book/one.md").write_text(chapter, encoding="utf-8")
    done = finish(start_build(folder, "-D", f"html_baseurl={ADDRESS.rstrip('/')}"))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build/html"


def read(site, name):
    return (site / name).read_text(encoding="utf-8")


def test_page_tells_its_address_and_its_summary(site):
    page = read(site, "one.html")
    assert f'<link rel="canonical" href="{ADDRESS}one.html"' in page
    metas = dict(re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"', page))
    assert metas["description"] == "初めの段落は h_t の話。nn.LSTM を使う。値は 3 です。"
    assert metas["og:title"] == "1 つめの章"
    assert metas["og:description"] == metas["description"]
    assert metas["og:url"] == f"{ADDRESS}one.html"
    picture = metas["og:image"].removeprefix(ADDRESS)
    assert (site / picture).is_file()


def test_sitemap_lists_every_page(site):
    sitemap = ElementTree.fromstring(read(site, "sitemap.xml"))
    places = [place.text for place in sitemap.findall(".//{*}loc")]
    assert places == [f"{ADDRESS}index.html", f"{ADDRESS}one.html"]


def test_missing_page_needs_no_other_file(site):
    page = read(site, "404.html")
    assert f'href="{ADDRESS}index.html"' in page and f'href="{ADDRESS}search.html"' in page
    assert not re.search(r"<link|src=|url\(", page)


def test_markdown_holds_what_the_page_shows(site):
    text = read(site, "one.md")
    assert text.startswith("# 1 つめの章\n")
    for part in (
        "**囲み**\n\n囲みの文は、要約ではない。",
        "$h_t$ の話。",
        "値は 3 です。",
        '```python\nfrom myst_nb import glue\nglue("wall", 3, display=False)',
        "```\n四十二は 42\n```",
        "| 名前 | 数 |\n| --- | --- |\n| 縦棒 | 1 |",
        "$$\nc_t = f_t \\tag{1.1}\n$$",
        "$$\nc_t = 0\n$$",
        "（図：点が 1 つ）\n\n**図 1.1**　点の図。式は式 (1.1)。",
        "**表 1.1　名前の表**",
        "**コード 1.1**　直すコード\n\n```python\npass\n```",
        "> 1 行めの文。\\\n> 2 行めの文。",
        "**練習 1.1　点を打つ**\n\n打ちましょう。",
        "<details><summary>ヒント 1</summary>\n\n点は 1 つです。\n\n</details>",
        "<details><summary>練習 1.1 の解答</summary>\n\n打ちました。\n\n</details>",
        "- 一\n- 二",
        "進むのを**順方向（forward）** といい、**混ぜる。** 式では **「約物」** と *「斜体」* も。",
        r"掛け算は 2\*3\*4 です。",
        "<details><summary>問 2.1 の答えと解説</summary>\n\n解説：残るのはわずかです。\n",
    ):
        assert part in text, part
    assert "もっと極端です" not in text  # ヒントは、答える欄のあるページだけのもの
    script = read(site, "_static/markdown/one.js")
    assert json.loads(script.removeprefix("bookMarkdown(").removesuffix(");\n")) == text


def test_llms_txt_lists_the_markdown_of_every_page(site):
    index = read(site, "llms.txt")
    links = re.findall(r"^- \[(.+)\]\((.+)\)$", index, re.MULTILINE)
    assert links == [("小さな本", f"{ADDRESS}index.md"), ("1 つめの章", f"{ADDRESS}one.md")]
    assert "> RNN、LSTM、GRU、双方向 RNN を" in index
    assert all((site / link.removeprefix(ADDRESS)).is_file() for _, link in links)


def test_torch_name_is_a_link_where_it_first_appears(site):
    links = re.findall(r'href="(https://docs\.pytorch\.org[^"]*)"', read(site, "one.html"))
    assert links == ["https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html"]


def test_a_book_without_an_address_names_none(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text("# 本\n\n要約。\n", encoding="utf-8")
    done = finish(start_build(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    page = read(tmp_path / "build/html", "index.html")
    assert '<meta name="description" content="RNN、LSTM、GRU' in page
    assert "canonical" not in page and "og:" not in page
    assert not (tmp_path / "build/html/sitemap.xml").exists()
    assert "](index.md)" in read(tmp_path / "build/html", "llms.txt")


def test_a_wrong_address_is_told(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text("# 本\n", encoding="utf-8")
    done = finish(start_build(tmp_path, "-D", "html_baseurl=example.org"))
    assert done.returncode != 0
    assert "https:// か http:// で始めて" in done.stderr and "example.org" in done.stderr
