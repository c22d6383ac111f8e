"""各章を、手元で動かせるノート（.ipynb）としても配る。コードは章のまま、文は読める形に直す。

ノートの隣には、章が使うもの（パッケージ、記録、練習）を 1 つの wheel にして置く。conf.py の
``html_baseurl`` に本の住所があれば、ノートはそこから wheel を入れる。``repository`` にリポジトリの
住所があれば、notebooks ブランチのノートを Colab で開くリンクも付ける。
"""

from pathlib import Path

import nbformat
from myst_nb.core.variables import format_plain_text
from myst_nb.ext.glue.crossref import read_glue_cache
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from editions import wheel
from editions.first_cell import first_cell
from editions.header_button import add_button
from editions.notebook_text import EXPLANATION, readable
from exercises.answer_directives import code_to_mend
from page.reading_time import included, time_of
from run.chapter_source import read_notebook
from tests.exercises import find
from tests.exercises.engine.exercise import Kind

ROOT = Path(__file__).parents[3]
FOLDER = "notebooks"
COLAB = "https://colab.research.google.com/github/{path}/blob/notebooks/{name}.ipynb"

HEAD = """\
『{project}』の「{title}」を、ノートにしたものです。下の準備のセルは、この本のパッケージ \
`lstm_text` を、上のフォルダにあるリポジトリと、今の環境から探します。どちらにもなければ、\
{source}を入れます。図は、本のほうを見てください。"""


class Page:
    """ノートにするページの文が指すものを、Sphinx の結果から引く。"""

    def __init__(self, env, docname):
        self.env = env
        self.docname = docname
        self.values = read_glue_cache(env.mystnb_config.output_folder, docname)

    def title(self, target):
        """節、図、練習、ページの題。"""
        if target in self.env.titles:
            return self.env.titles[target].astext()
        labels = self.env.domaindata["std"]["labels"]
        return labels[target][2] if target in labels else target

    def number(self, target):
        """図、表、章の番号（「図 2.1」「第 2 章」）。なければ None。"""
        docname, place, _ = self.env.domaindata["std"]["labels"].get(target, ("", "", ""))
        chapter = self.env.toc_secnumbers.get(docname, {}).get("")
        found = {"section": chapter} if target and target.startswith("ch-") else {}
        for kind, numbers in self.env.toc_fignumbers.get(docname, {}).items():
            found |= {kind: numbers[place]} if place in numbers else {}
        for kind, number in found.items():
            if number:
                return self.env.config.numfig_format[kind] % ".".join(map(str, number))
        return None

    def equation(self, label):
        """式の番号。"""
        docname, number = self.env.domaindata["math"]["objects"][label]
        numbers = self.env.toc_fignumbers.get(docname, {}).get("displaymath", {})
        return ".".join(map(str, numbers.get(f"equation-{label}", [number])))

    def citation(self, keys):
        """「,」で区切って並べた文献の、著者と年。"""
        known = self.env.domaindata["cite"]["citations"]
        labels = {each.key: each.formatted_entry.label for each in known}
        return "; ".join(labels.get(key.strip(), key.strip()) for key in keys.split(","))

    def value(self, name):
        """本を作ったときに ``glue`` した値の文字。なければ None。"""
        if name not in self.values:
            return None
        return format_plain_text(self.values[name]["data"]["text/plain"], "")

    def reading_time(self, names):
        return time_of(self.env, names)

    def included(self, fence):
        """``literalinclude`` が見せるコード。"""
        return included(fence, Path(self.env.doc2path(self.docname)).parent)

    def exercise(self, number):
        """練習の関数の名前と、直すコード（直す練習でなければ空）。"""
        exercise = find(number)
        code = code_to_mend(exercise) if exercise.kind is Kind.MEND else ""
        return exercise.name, code


def convert(notebook, head, setup, page):
    """章のノートを、配るノートにする。コードのセルは、準備のセルのほかは章のまま。"""
    cells = [new_markdown_cell(head), new_code_cell(setup)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cells.append(new_code_cell(cell.source))
        elif text := readable(cell.source, page):
            cells.append(new_markdown_cell(text))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # 同じ原稿なら、同じノート
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write(app, docname, source):
    name, address = wheel.filename(ROOT), app.config.html_baseurl.rstrip("/")
    site = f"{address}/{FOLDER}/" if address else ""
    head = HEAD.format(
        project=app.config.project,
        title=app.env.titles[docname].astext(),
        source=f"[本のサイトの `{name}`]({site}{name})" if site else f"隣に置いた `{name}` ",
    )
    notebook = convert(source, head, first_cell(name, site), Page(app.env, docname))
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
    name = wheel.filename(ROOT)
    for file, tooltip, icon, label in (
        (f"{pagename}.ipynb", "この章をノート（.ipynb）としてダウンロード", "download", "notebook"),
        (name, f"ノートが使うパッケージ（{name}）をダウンロード", "box", "wheel"),
    ):
        url = context["pathto"](f"{FOLDER}/{file}", 1)
        add_button(context, url, tooltip, icon, f"download-{label}")
    if repository := app.config.repository:
        path = repository.rstrip("/").split("/", 3)[-1]
        url = COLAB.format(path=path, name=pagename)
        add_button(context, url, "この章を Colab で開く", "rocket", "colab")


def write_wheel(app, exception):
    """ノートの隣に、ノートが使うものの wheel を置く。"""
    folder = Path(app.outdir) / FOLDER
    if exception is None and app.builder.name == "html" and folder.is_dir():
        hidden = wheel.SOLUTIONS if app.config.hide_solutions else ()
        wheel.write(ROOT, folder, (*wheel.UNREAD, *hidden))


def setup(app):
    app.add_config_value("repository", "", "html", types=frozenset({str}))
    app.connect("html-page-context", offer, priority=600)
    app.connect("build-finished", write_wheel)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
