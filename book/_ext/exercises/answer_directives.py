"""練習の続き: 難しさ、ヒント、解答。tests/exercises の問と解答から作る。

    ```{answer} 2.1
    ```

解答は sphinx-exercise の {solution} になるので、`hide_solutions` の版では消える。

    ```{large-answer} 1
    ```

大きな演習には、解答例のページと、コードのファイルへのリンクを置く。これも同じ版では消える。
"""

import ast
import re
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

from exercises import tasks
from tests.exercises import find
from tests.exercises.engine.exercise import Kind

EXERCISES = Path(__file__).parents[3] / "tests" / "exercises"

BODY = """\
{kind}　難しさ {stars}　めやす {minutes} 分　`answers/{chapter}.py` の `{name}` に書き、\
`make check EX={id}` で確かめます。
"""

MEND = """\
```{{code-block}} python
:caption: 直すコード（`answers/{chapter}.py` にもあります）

{code}
```
"""

HINT = """\
:::{{dropdown}} ヒント {number}
{hint}
:::
"""

SOLUTION = """\
````{{solution}} ex-{label}
```{{literalinclude}} /../tests/exercises/{chapter}/solution.py
:pyobject: {name}
:language: python
```
````
"""


LARGE = """\
解答例（終えてから読む）：{{ref}}`answer-large-{number}`。コードの全文は \
{{download}}`large{number}.py </../tests/exercises/large/large{number}.py>` にあります。
"""


# ヒントは端末にも出すので、印を付けずに書く。半角の並びのうち、数と略語のほかはコードと見る。
RUN = re.compile(r"[!-~…×±²λτσΣ](?:[ -~…×±²λτσΣ]*[!-~…×±²λτσΣ])?")
PLAIN = re.compile(r"[\d\s%.,…×±²λτσ]+|[A-Z]{3,}(?: / [A-Z]{3,})?")


def with_code(hint):
    """ヒントの中の式とコードに、Markdown の印を付ける。"""
    return RUN.sub(lambda run: run[0] if PLAIN.fullmatch(run[0]) else f"`{run[0]}`", hint)


def code_to_mend(exercise):
    """ひな形の関数から、説明と raise の行を除いたもの。約束は、問の文が述べている。"""
    source = (EXERCISES / exercise.chapter / "stub.py").read_text(encoding="utf-8")
    function = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == exercise.name
    )
    lines = source.splitlines()
    documentation, unwritten = function.body[:2]
    head = lines[function.lineno - 1 : documentation.lineno - 1]
    return "\n".join(head + lines[unwritten.end_lineno : function.end_lineno])


class Answer(SphinxDirective):
    """練習の番号を一つ受け取る。"""

    required_arguments = 1

    def run(self):
        exercise = find(self.arguments[0])
        values = {
            "id": exercise.id,
            "label": exercise.id.replace(".", "-"),
            "name": exercise.name,
            "chapter": exercise.chapter,
            "kind": exercise.kind.value,
            "minutes": exercise.minutes,
            "stars": "★" * exercise.difficulty + "☆" * (3 - exercise.difficulty),
        }
        hints = [
            HINT.format(number=i, hint=with_code(hint))
            for i, hint in enumerate(exercise.hints, start=1)
        ]
        mend = []
        if exercise.kind is Kind.MEND:
            mend = [MEND.format(chapter=exercise.chapter, code=code_to_mend(exercise))]
        for part in ("checks", "stub"):
            self.env.note_dependency(EXERCISES / exercise.chapter / f"{part}.py")
        self.note(exercise)
        text = "\n".join([BODY.format(**values), *mend, *hints, SOLUTION.format(**values)])
        return self.parse_text_to_nodes(text)

    def note(self, exercise):
        """進み具合のページに載せる。"""
        place = (self.env.docname, self.lineno, "練習")
        tasks.note(self.env, tasks.Task(*place, exercise.id, exercise.kind.value, exercise.title))


class LargeAnswer(SphinxDirective):
    """大きな演習の番号を一つ受け取る。"""

    required_arguments = 1

    def run(self):
        if self.config.hide_solutions:
            return []
        return self.parse_text_to_nodes(LARGE.format(number=self.arguments[0]))


def setup(app):
    app.setup_extension("exercises.tasks")
    app.add_directive("answer", Answer)
    app.add_directive("large-answer", LargeAnswer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
