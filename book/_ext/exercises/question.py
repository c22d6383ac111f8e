"""ページの中で答える問: 予想と手計算。

    ::::{question} 2.1
    :title: 50 時刻の壁
    :kind: 予想
    :choice: lstm_default_choice
    問の文（Markdown）。
    +++
    - 10 回とも解ける => この選択肢を選んだ人へのヒント
    - 1 回も解けない
    +++
    解説（畳む）。
    ::::

``:choice:`` は正しい選択肢の番号、``:number:`` は数（単位 ``:unit:`` と、許す差 ``:within:`` を
添える）、``:order:`` は正しい並び（"3 1 2"）の、どれも glue した名前。正しい値は実行か記録から
来るので、古くならない。2 つめの部分の書き方は question_content に、ヒントと値の突き合わせは
question_key に、解説と値の突き合わせは question_explanation にある。

この実行の値が、ヒントか解説に合わなければ（別の計算機、組み込みのデータ）、ヒントは見せず、解説の後に、
この実行での正しい答えを述べる注を付ける。ビルドの終わりにも知らせる（基準の実行では警告）。

スクリプト（_static/questions）があれば、答える欄になる。なければ、問と選択肢と、畳んだ解説が残る。
"""

from docutils import nodes
from docutils.parsers.rst import directives
from myst_nb.core.variables import RetrievalError
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.util.docutils import SphinxDirective

from editions.fences import fences
from exercises import question_key, tasks
from exercises.question_content import DIFFERENT, FORMS, Malformed, parse
from run import guards
from tests.exercises.engine.exercise import Kind

KINDS = (Kind.PREDICT.value, Kind.COMPUTE.value)
OPTIONS = ("title", "kind", "unit", "within", *FORMS)
HOW = {
    "choice": "1 つ選びます。",
    "order": "正しい順に並べます。",
}
SCRIPTS = ("store", "answer", "box")


class question(nodes.General, nodes.Element):
    """問の全体。"""


class question_hints(nodes.General, nodes.Element):
    """答えに応じて見せるヒント。スクリプトが 1 つを選ぶ。"""


class question_answer(nodes.General, nodes.Element):
    """畳んだ解説。"""


class Question(SphinxDirective):
    """問の番号を一つ受け取る。"""

    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(OPTIONS, directives.unchanged_required)

    def run(self):
        self.assert_has_content()
        try:
            form = self.checked_form()
            content = parse("\n".join(self.content), form)
            key, misfits = question_key.key_of(content, self.options, self.glued)
        except Malformed as error:
            raise self.error(f"問 {self.arguments[0]}: {error}") from None
        self.note(misfits)
        return [self.box(form, content, key, misfits)]

    def checked_form(self):
        """答え方。番号と種類も確かめる。"""
        chapter, _, number = self.arguments[0].partition(".")
        if not (chapter.isdecimal() and number.isdecimal()):
            raise Malformed("番号は 2.1 のように、章と、章の中の番号を書く必要があります。")
        if "title" not in self.options:
            raise Malformed("題（:title:）が要ります。")
        if self.options.get("kind") not in KINDS:
            came = self.options.get("kind", "なし")
            raise Malformed(f"種類（:kind:）は{'か'.join(KINDS)}ですが、{came}でした。")
        forms = [form for form in FORMS if form in self.options]
        if len(forms) != 1:
            came = "、".join(f":{form}:" for form in forms) or "なし"
            raise Malformed(
                f":number:、:choice:、:order: のどれか 1 つが要りますが、{came}でした。"
            )
        if forms != ["number"] and {"unit", "within"} & set(self.options):
            raise Malformed(":unit: と :within: は、数の問（:number:）にだけ書けます。")
        return forms[0]

    def glued(self, name):
        try:
            return retrieve_glue_data(self.state.document, name).data["text/plain"]
        except RetrievalError:
            raise Malformed(
                f"値 {name} がありません。この章のセルで glue する必要があります。"
            ) from None

    def note(self, misfits):
        task = tasks.Task(
            self.env.docname, self.lineno, "問", self.arguments[0], self.options["kind"],
            self.options["title"], tuple(misfits),
        )  # fmt: skip
        tasks.note(self.env, task)
        name = f"問 {task.number}"
        domain = self.env.domains.standard_domain
        domain.note_hyperlink_target(task.anchor, self.env.docname, task.anchor, name)

    def box(self, form, content, key, misfits):
        number, kind = self.arguments[0], self.options["kind"]
        box = question("", ids=["q-" + number.replace(".", "-")], number=number, form=form)
        box["key"] = question_key.conceal(key, number)
        box["unit"] = self.options.get("unit", "")
        title = nodes.paragraph("", f"問 {number}（{kind}）　", classes=["admonition-title"])
        title += self.parse_text_to_nodes(self.options["title"])[0].children
        box += title
        box += nodes.container("", *self.parsed(content.text), classes=["question-text"])
        box += self.how(form)
        if content.items:
            box += self.items(content.items)
        box += question_hints("", *map(self.hint, content.hints))
        if not self.config.hide_solutions:
            told = self.parsed(content.explanation) + self.difference(content, key, misfits)
            box += question_answer("", *told, number=number)
        return box

    def difference(self, content, key, misfits):
        """この実行の答えが、解説の答えと違うときの注。解説の条件の注（guard）があれば、要らない。"""
        if not misfits or any(fence.name == "guard" for fence in fences(content.explanation)):
            return []
        answer = question_key.right_answer(content, key, self.options.get("unit", ""))
        return [guards.note(self.parse_text_to_nodes(DIFFERENT.format(answer=answer)))]

    def parsed(self, part):
        """問の文か解説の Markdown。警告は、原稿の正しい行を指す。"""
        before = "\n".join(self.content).partition(part)[0].count("\n")
        return self.parse_text_to_nodes(part, offset=self.content_offset + before)

    def how(self, form):
        """答え方の一言。"""
        if form == "number":
            text = told_number(self.options.get("unit", ""), self.options.get("within", "0"))
        else:
            text = HOW[form]
        return nodes.paragraph("", text, classes=["question-how"])

    def items(self, items):
        (listed,) = self.parse_text_to_nodes("\n".join(f"- {item}" for item in items))
        listed["classes"].append("question-items")
        return listed

    def hint(self, hint):
        return nodes.container("", *self.parse_text_to_nodes(hint.text))


def told_number(unit, within):
    """数の答え方。

    >>> told_number("個", "0")
    '整数で答えます（単位は個）。'
    >>> told_number("%", "2")
    '数で答えます（単位は %）。± 2 % の差は正解とします。'
    """
    named = f"（単位は{' ' * unit.isascii()}{unit}）" if unit else ""
    if not within.strip("0. %％"):
        return f"整数で答えます{named}。"
    spaced = f" {unit}" if unit and within[-1] not in "%％" else ""
    return f"数で答えます{named}。± {within}{spaced} の差は正解とします。"


def visit_question(self, node):
    names = () if self.builder.name == "epub" else ("number", "form", "unit", "key")
    data = {f"data-{name}": node[name] for name in names}
    self.body.append(self.starttag(node, "div", CLASS="question admonition", **data))


def depart_question(self, node):
    self.body.append("</div>\n")


def visit_hints(self, node):
    if self.builder.name == "epub":  # 選ぶスクリプトがない
        raise nodes.SkipNode
    self.body.append('<div class="question-hints" hidden>\n')


def visit_answer(self, node):
    self.body.append(self.starttag(node, "details", CLASS="question-answer"))
    self.body.append(f"<summary>問 {node['number']} の答えと解説</summary>\n")


def depart_answer(self, node):
    self.body.append("</details>\n")


def add_scripts(app, pagename, templatename, context, doctree):
    """問のあるページだけが、スクリプトを読み込む。"""
    if app.builder.name != "html" or doctree is None or not any(doctree.findall(question)):
        return
    app.add_css_file("questions/questions.css")
    for script in SCRIPTS:
        app.add_js_file(f"questions/{script}.js", loading_method="defer")


def setup(app):
    app.setup_extension("exercises.tasks")
    app.add_node(question, html=(visit_question, depart_question))
    app.add_node(question_hints, html=(visit_hints, depart_question))
    app.add_node(question_answer, html=(visit_answer, depart_answer))
    app.add_directive("question", Question)
    app.connect("html-page-context", add_scripts)
    return {
        "version": "1",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
