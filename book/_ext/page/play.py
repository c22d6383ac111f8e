"""動かせる図。JavaScript がなければ、同じ話をする絵（figures/play_名前.svg）がそのまま見える。

    ```{play} gates
    :name: fig-play-gates
    :alt: 絵から読み取れること

    図の説明。
    ```

スクリプトは、その図のあるページだけが読み込む。
"""

from docutils import nodes
from sphinx.directives.patches import Figure

SCRIPTS = {
    "gates": ("gates",),
    "gradient": ("gradient",),
    "padding": ("padding",),
    "sentence": ("lstm", "sentence"),
    "cut": ("lstm", "cut"),
    "train": ("lstm_training", "train"),
}


class Play(Figure):
    """図の名前（``SCRIPTS`` のどれか）を 1 つ受け取り、番号のある図を置く。"""

    def run(self):
        name = self.arguments[0]
        if name not in SCRIPTS:
            raise self.error(f"動かせる図は {'、'.join(SCRIPTS)} のどれかです（{name} でした）。")
        self.arguments[0] = f"/figures/play_{name}.svg"
        result = super().run()
        result[0]["classes"] += ["play", f"play-{name}"]
        return result


def add_scripts(app, pagename, templatename, context, doctree):
    figures = list(doctree.findall(nodes.figure)) if doctree else []
    names = [name for name in SCRIPTS if any(f"play-{name}" in f["classes"] for f in figures)]
    if not names:
        return
    app.add_css_file("play/play.css")
    for script in ("common", *(script for name in names for script in SCRIPTS[name])):
        app.add_js_file(f"play/{script}.js", loading_method="defer")


def setup(app):
    app.add_directive("play", Play)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
