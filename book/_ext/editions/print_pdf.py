"""PDF 版（make pdf）: できた HTML の全ページを、本の順に 1 つにつなぎ、Chromium で印刷する。

    python book/_ext/editions/print_pdf.py build/html build/lstm_text.pdf

紙では押して開けないので、ヒントは載せず、解答は章の終わりに集め、ほかの畳みは開く。
"""

import html
import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from lstm_text import replace_unprintable
from lstm_text.__main__ import find_browser

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
HOW_TO_GET = (
    "Debian なら apt-get install chromium で入ります。Windows と Mac なら、Google Chrome か "
    "Microsoft Edge を入れてください。ほかの場所にあるものは、環境変数 CHROMIUM で教えられます。"
)
NO_BROWSER = f"PDF を作るには、Chromium か、その仲間のブラウザが要ります。{HOW_TO_GET}"
SITE = (
    "http://book.invalid/"  # 実在しない番地。ブラウザからの要求には、すべて手元のファイルで答える
)
MINUTES = 10

PAGE = """\
<!DOCTYPE html>
<html lang="ja" data-theme="light" data-mode="light">
<head><meta charset="utf-8"><title>{title}</title>{head}
<link rel="stylesheet" href="_static/print.css"></head>
<body><div class="bd-content"><article class="bd-article">
<header class="print-title"><p class="print-name">{title}</p><p>{copyright}</p></header>
<nav class="print-contents"><p>目次</p><ol>{contents}</ol></nav>
{chapters}
</article></div></body></html>
"""
FOOTER = """\
<div style="width: 100%; text-align: center; font-size: 8px; font-family: sans-serif">
<span class="pageNumber"></span></div>"""


def read_site(site):
    """本の順（「次へ」の順）の、ページの名前と中身。"""
    pages, name = {}, "index.html"
    while name and name not in pages:
        text = (site / name).read_text(encoding="utf-8")
        pages[name] = BeautifulSoup(text, "html.parser")
        following = pages[name].find("link", rel="next")
        name = following and following["href"]
    return pages


def merge(pages):
    """全ページを 1 つにつないだ HTML。"""
    first = next(iter(pages.values()))
    head, chapters, contents = {}, [], []
    for name, soup in pages.items():
        for element in soup.find_all(["link", "script"]):
            if "stylesheet" in element.get("rel", []) or "mathjax" in str(element).lower():
                head[str(element)] = None
        chapter = soup.select_one("article.bd-article")
        prepare(soup, chapter, name, pages)
        contents.append(f'<li><a href="#{anchor(name)}">{chapter.h1.get_text()}</a></li>')
        chapters.append(str(chapter))
    copyright = first.select_one("p.copyright")
    return PAGE.format(
        title=html.escape(first.title.get_text().split(" — ")[-1].strip()),
        head="".join(head),
        copyright=" ".join(copyright.get_text().split()) if copyright else "",
        contents="".join(contents),
        chapters="".join(chapters),
    )


def prepare(soup, chapter, name, pages):
    """1 ページを、紙に載せる形にし、id とリンクを、つないだあとの名前にする。"""
    chapter.name, chapter["class"], chapter["id"] = "section", "print-chapter", anchor(name)
    for unused in chapter.select("script, .headerlink, .copybtn"):
        unused.decompose()
    for details in chapter.find_all("details"):
        if "sd-dropdown" in details["class"] and details.summary.get_text().strip()[:3] == "ヒント":
            details.decompose()
        else:
            details["open"] = ""
    if solutions := chapter.select("details.solution, details.question-answer"):
        heading = soup.new_tag("h2")
        heading.string = "この章の練習の解答"
        end = soup.new_tag("section")
        end.extend([heading, *(solution.extract() for solution in solutions)])
        chapter.append(end)
    for element in chapter.find_all(id=True):
        if not element.find_parent("svg"):
            element["id"] = anchor(name, element["id"])
    for link in chapter.find_all("a", href=True):
        to = urlsplit(link["href"])
        if not to.scheme and (to.path or name) in pages:
            link["href"] = "#" + anchor(to.path or name, unquote(to.fragment))
        elif not to.scheme:
            del link["href"]  # 索引など、紙にないページ


def anchor(name, fragment=""):
    stem = name.removesuffix(".html")
    return f"{stem}--{fragment}" if fragment else stem


def launch(playwright, browser):
    """ブラウザを開く。開けなければ、どれをなぜ開けなかったのかを述べて終わる。"""
    from playwright.sync_api import Error

    # 日本語の環境で開いた Chromium は、しおりの題を 2 度続けて書くことがある。
    plain = os.environ | {"LC_ALL": "C.UTF-8"}
    try:
        return playwright.chromium.launch(executable_path=browser, args=ARGUMENTS, env=plain)
    except Error as error:
        said = [line for line in error.message.splitlines() if line.startswith("[pid=")]
        sys.exit(
            f"{browser} を、PDF を作るブラウザとして動かせませんでした。"
            "ほかのブラウザの場所を、環境変数 CHROMIUM で教えてください。\n"
            + "\n".join(said or error.message.splitlines()[:1])
        )


def print_pdf(site, target, browser):
    from playwright.sync_api import sync_playwright

    def answer(route):
        path = unquote(urlsplit(route.request.url).path).lstrip("/")
        if not path:
            route.fulfill(body=page_text, content_type="text/html; charset=utf-8")
        elif (site / path).is_file():
            route.fulfill(path=site / path)
        else:
            route.abort()

    page_text = merge(read_site(site))
    target.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        opened = launch(playwright, browser)
        page = opened.new_page()
        page.set_default_timeout(MINUTES * 60_000)
        page.route("**/*", answer)
        page.goto(SITE)
        page.evaluate("async () => window.MathJax?.startup && await MathJax.startup.promise")
        page.pdf(
            path=target,
            prefer_css_page_size=True,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            outline=True,
            tagged=True,
        )
        opened.close()


def main(site, target):
    replace_unprintable()
    try:
        browser = find_browser()
    except FileNotFoundError as error:
        sys.exit(str(error))
    if browser is None:
        sys.exit(NO_BROWSER)
    print_pdf(Path(site), Path(target), browser)
    print(f"できました: {target}")


if __name__ == "__main__":
    main(*sys.argv[1:])
