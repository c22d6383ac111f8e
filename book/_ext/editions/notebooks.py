"""各章を、手元で動かせるノート（.ipynb）としても配る。コードは章のまま、文は読める形に直す。

conf.py の ``repository`` にリポジトリの住所があれば、notebooks ブランチのノートを Colab で開く
リンクも付ける。
"""

import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from editions.fences import fences, options
from exercises.question_content import shown
from page.reading_time import time_of
from run.chapter_source import read_notebook

FOLDER = "notebooks"
COLAB = "https://colab.research.google.com/github/{path}/blob/notebooks/{name}.ipynb"

HEAD = """\
『{project}』の「{title}」を、ノートにしたものです。動かすには、この本のリポジトリのフォルダで
`pip install -e .` とします。文中の参照先や測定値は、本のほうを見てください。"""

SETUP = """\
# 準備: 本を作るときと同じ場所で動かす
import os
import sys
import types
from importlib.util import find_spec
from pathlib import Path

root = Path(find_spec("lstm_text").origin).parents[1]
if (root / "book").is_dir():
    os.chdir(root / "book")
    sys.path.insert(0, str(root))
if find_spec("myst_nb") is None:  # 測った数を本文に入れる道具。ノートでは何もしなくてよい
    sys.modules["myst_nb"] = types.SimpleNamespace(glue=lambda *names, **options: None)"""

EXPLANATION = re.compile(r"<details><summary>問 .*?</details>\n*", re.DOTALL)
HIDDEN = ("toctree", "bibliography", "answer", "large-answer", "solution", "play", "figure")


def readable(text, title_of, time_of):
    """MyST の文を、ノートで読める Markdown にする。

    title_of は参照先の名前から題を、time_of は原稿の名前から読む時間を引く。
    """
    text = _without_directives(re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE))
    text = re.sub(
        r"\{(?P<role>[\w:-]+)\}`(?P<target>[^`]+)`",
        lambda match: _role(match["role"], match["target"], title_of, time_of),
        text,
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _without_directives(text):
    lines = text.split("\n")
    for fence in reversed(list(fences(text))):
        if fence.name:
            lines[fence.first : fence.end] = _plain(fence)
    return "\n".join(lines)


def _plain(fence):
    """ディレクティブを、ふつうの Markdown にした行。"""
    if fence.name in HIDDEN:
        return [""]
    if fence.name == "math":
        return ["$$", fence.text(), "$$"]
    if fence.name == "question":
        return _question(fence)
    named = fence.argument and fence.name != "guard"  # guard の引数は、題ではなく条件の名前
    title = f"**{fence.argument}**\n" if named else ""
    return [title, _without_directives(fence.text()), ""]


def _question(fence):
    """問と選択肢と、畳んだ解説。ヒントは、答える欄のあるページだけのもの。"""
    settings, (text, explanation) = options(fence), shown(fence.text())
    title = f"**問 {fence.argument}（{settings.get('kind', '')}）　{settings.get('title', '')}**"
    summary = f"<details><summary>問 {fence.argument} の答えと解説</summary>"
    return [
        *(title, "", _without_directives(text), ""),
        *(summary, "", _without_directives(explanation), "", "</details>", ""),
    ]


def _role(role, target, title_of, time_of):
    if role in ("ref", "numref"):
        return f"「{title_of(target)}」"
    if role.startswith("cite") or role == "eq":
        return f"［{target}］"
    if role == "reading-time":
        return time_of(target)
    if role == "glue:text":
        return "（測った値）"
    return target if role == "term" else f"`{target}`"


def convert(notebook, project, title, title_of, time_of):
    """章のノートを、配るノートにする。コードのセルは、準備のセルのほかは章のまま。"""
    cells = [new_markdown_cell(HEAD.format(project=project, title=title)), new_code_cell(SETUP)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cells.append(new_code_cell(cell.source))
        elif text := readable(cell.source, title_of, time_of):
            cells.append(new_markdown_cell(text))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # 同じ原稿なら、同じノート
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write(app, docname, source):
    labels = app.env.domaindata["std"]["labels"]
    notebook = convert(
        source,
        app.config.project,
        app.env.titles[docname].astext(),
        lambda label: labels[label][2] if label in labels else label,
        lambda names: time_of(app.env, names),
    )
    if app.config.hide_solutions:
        for cell in notebook.cells:
            cell.source = EXPLANATION.sub("", cell.source).rstrip()
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{docname}.ipynb")


def offer(app, pagename, templatename, context, doctree):
    """ページを書き出すときに、そのノートを書き、ダウンロードのボタンを付ける。"""
    source = read_notebook(app.env, pagename) if doctree else None
    if app.builder.name != "html" or source is None:
        return
    write(app, pagename, source)
    buttons = context.setdefault("header_buttons", [])
    buttons.append(
        {
            "type": "link",
            "url": context["pathto"](f"{FOLDER}/{pagename}.ipynb", 1),
            "tooltip": "この章をノート（.ipynb）としてダウンロード",
            "icon": "fas fa-download",
            "label": "download-notebook-button",
        }
    )
    if repository := app.config.repository:
        path = repository.rstrip("/").split("/", 3)[-1]
        buttons.append(
            {
                "type": "link",
                "url": COLAB.format(path=path, name=pagename),
                "tooltip": "この章を Colab で開く",
                "icon": "fas fa-rocket",
                "label": "colab-button",
            }
        )


def setup(app):
    app.add_config_value("repository", "", "html", types=frozenset({str}))
    app.connect("html-page-context", offer, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
