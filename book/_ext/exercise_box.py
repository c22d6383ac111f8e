"""演習の続き: 難しさ、ヒント、解答。tests/exercises の問と tests/solutions の解答から作る。

    ```{answer} 2.1
    ```

`hide_solutions`（`-t nosolutions` の版）では、解答を載せない。
"""

from pathlib import Path

from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]

BODY = """\
難しさ {stars}　めやす {minutes} 分　{{file}}`answers/{chapter}.py` の `{name}` に書き、\
`make check EX={id}` で確かめます。
"""

HINT = """\
:::{{dropdown}} ヒント {number}
{hint}
:::
"""

SOLUTION = """\
::::{{dropdown}} 解答
```{{literalinclude}} /../tests/solutions/{chapter}.py
:pyobject: {name}
:language: python
```
::::
"""


class Answer(SphinxDirective):
    """問の番号を一つ受け取る。"""

    required_arguments = 1

    def run(self):
        from tests.exercises import find  # torch を読み込むので、演習のあるページまで待つ

        exercise = find(self.arguments[0])
        values = {
            "id": exercise.id,
            "name": exercise.name,
            "chapter": exercise.chapter,
            "minutes": exercise.minutes,
            "stars": "★" * exercise.difficulty + "☆" * (3 - exercise.difficulty),
        }
        parts = [BODY.format(**values)]
        parts += [HINT.format(number=i, hint=h) for i, h in enumerate(exercise.hints, start=1)]
        if not self.config.hide_solutions:
            parts.append(SOLUTION.format(**values))
        for kind in ("exercises", "solutions"):
            self.env.note_dependency(ROOT / "tests" / kind / f"{exercise.chapter}.py")
        return self.parse_text_to_nodes("\n".join(parts))


def setup(app):
    app.add_directive("answer", Answer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
