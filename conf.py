"""『動かして確かめる LSTM』の Sphinx 設定。`make html` が使う。"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.resolve()
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_ext")]

project = "動かして確かめる LSTM"
author = "the authors of 動かして確かめる LSTM"
copyright = "the authors of 動かして確かめる LSTM（文章 CC BY 4.0、コード MIT）"
language = "ja"
locale_dirs = [str(ROOT / "book" / "locale")]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_exercise",
    "sphinxcontrib.bibtex",
    "numpydoc",
    # この本のもの（book/_ext）
    "editions.epub",
    "editions.markdown_copy",
    "editions.notebooks",
    "exercises.answer_directives",
    "exercises.exercise_layout",
    "exercises.progress",
    "exercises.question",
    "japanese.docstrings",
    "japanese.emphasis",
    "japanese.lines",
    "japanese.search",
    "japanese.search_texts",
    "page.address",
    "page.citations",
    "page.folded_output",
    "page.inline_svg",
    "page.math_in_html",
    "page.numbered_references",
    "page.offline_mathjax",
    "page.play",
    "page.reading_time",
    "page.shown_code",
    "page.term_tips",
    "page.torch_links",
    "run.chapter_cache",
    "run.chapters_in_parallel",
    "run.execution",
    "run.execution_table",
    "run.facts_panel",
    "run.guards",
]

# --- 実行 -------------------------------------------------------------------
# キャッシュの置き場所と、カーネルの環境は book/_ext/run が決める。
nb_execution_mode = "cache"
nb_execution_timeout = 1800
execution_first = ["07_imdb", "01_rnn"]  # いちばん長い 2 章
execution_reads = {"records": ["lstm_text"]}  # 記録が古いかは、実験のコードを読んで決める
nb_execution_show_tb = True
# 警告も標準エラー出力に出る。-W がそれを失敗にする。
nb_output_stderr = "warn"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # 出力の Markdown の表も、表として組む
nb_code_prompt_show = "コードを見る"  # 出力の見出しは page.folded_output が付ける
nb_code_prompt_hide = "コードを隠す"

# --- 文章 -------------------------------------------------------------------
myst_enable_extensions = [
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
]
myst_heading_anchors = 3
exclude_patterns = ["_ext", "_static", "_templates", "locale", "records", "figures"]

numfig = True
numfig_secnum_depth = 1
numfig_format = {
    "figure": "図 %s",
    "table": "表 %s",
    "code-block": "コード %s",
    "section": "第 %s 章",
}
math_numfig = True
math_number_all = False
math_eqref_format = "式 ({number})"

hide_solutions = tags.has("nosolutions")  # noqa: F821  (tags は Sphinx が渡す)
if hide_solutions:
    exclude_patterns.append("solutions_large.*")  # 拡張子まで書くと、目次が「ない」と警告する
    suppress_warnings = ["toc.excluded"]

bibtex_bibfiles = [str(ROOT / "book" / "references.bib")]
bibtex_default_style = bibtex_reference_style = "lstm_text"

# docstring の引数の型は文章なので、相互参照にしない（通信なしで -n を通す）。
autodoc_typehints = "none"
autosummary_generate = False  # numpydoc が読み込むが使わない。毎回 torch を読み込むのを避ける
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# docstring の torch の名前は、目録（objects.inv）がないので解決できない。
nitpick_ignore_regex = [("py:.*", r"torch\..*")]

# --- HTML -------------------------------------------------------------------
html_theme = "sphinx_book_theme"
html_title = project
templates_path = [str(ROOT / "book" / "_templates")]
html_static_path = [str(ROOT / "book" / "_static")]
html_css_files = ["book.css", ("page-print.css", {"media": "print"})]
if not hide_solutions:
    html_css_files.append(("print-open.css", {"media": "print"}))
html_js_files = [("book.js", {"defer": "defer"})]
html_context = {"default_mode": "light"}  # スクリプトが動けば auto にする（layout.html）
# リポジトリの住所（Colab で開くリンクに使う）。知らないときは、リンクを出さない。
repository = os.environ.get("BOOK_REPOSITORY", "")
# サイトの住所（正しい住所、SNS の見出し、sitemap.xml、ノートがパッケージを入れる所）。
# 知らないときは、どれも書かず、ノートは隣の wheel だけを探す。
html_baseurl = os.environ.get("BOOK_ADDRESS", "")
html_favicon = str(ROOT / "book" / "_static" / "favicon.svg")
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "show_toc_level": 2,
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_prev_next": True,
    "navbar_persistent": [],
    "search_bar_text": "検索…",
    "footer_content_items": ["copyright.html"],
}
mathjax3_config = {"tex": {"tags": "none"}}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
# 出力（.output）ではなく、コードだけに写しボタンを付ける。
copybutton_selector = "div:not(.output) > div.highlight pre"

# --- EPUB（book/_ext/editions/epub.py）----------------------------------------
version = "1.0.0"
html_math_renderer = "mathjax"  # EPUB だけが epub_math_renderer を使う
epub_basename = "lstm_text"
epub_uid = "lstm_text"
epub_identifier = "lstm_text"
epub_description = "RNN、LSTM、GRU、双方向 RNN を、動かして確かめながら学ぶ教科書"
epub_contributor = author
epub_tocscope = "includehidden"
epub_tocdepth = 2
epub_show_urls = "no"
epub_css_files = ["epub-book.css"]
