"""練習と解答の見せ方: 解答は <details> に畳み、題名を日本語の体裁にする。

<details> は JavaScript なしで開閉でき、キーボードでも読み上げでも使える。
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import is_exercise_node, is_solution_node, solution_node

CONTENT_IDS = {"exercise-content", "solution-content"}


class TidyExercises(SphinxPostTransform):
    """題名を囲む半角の括弧と、ページ内で重なる id を取り除く。"""

    default_priority = 23  # sphinx-exercise が題名を決めた（20 から 22）あと

    def run(self, **kwargs):
        for node in self.document.findall(is_exercise_node):
            node[0].children = [part for part in node[0] if part.astext() not in (" (", ")")]
        for node in self.document.findall(
            lambda node: is_exercise_node(node) or is_solution_node(node)
        ):
            for section in node.findall(nodes.section):
                section["ids"] = [name for name in section["ids"] if name not in CONTENT_IDS]


def visit_solution(self, node):
    title, exercise = node.pop(0), "練習"
    for reference in title.findall(nodes.reference):
        exercise = reference[0].astext().strip()
    self.body.append(self.starttag(node, "details", CLASS="admonition"))
    summary = self.encode(f"{exercise} の解答")
    self.body.append(f'<summary class="admonition-title">{summary}</summary>\n')


def depart_solution(self, node):
    self.body.append("</details>\n")


def setup(app):
    app.setup_extension("sphinx_exercise")
    app.add_node(solution_node, override=True, html=(visit_solution, depart_solution))
    app.add_post_transform(TidyExercises)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
