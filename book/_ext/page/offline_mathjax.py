"""MathJax を本の中に置く。読むときに外へは取りに行かない。

sphinx-mathjax-offline が持つファイルのうち、数式を組むのに要る部品だけを写す。
読み上げは、作るときに付けた読み（math_in_html）による。
全部入りの 1 本（tex-chtml.js）は、右クリックのメニューだけで 0.4 MB ある。
（その拡張をそのまま使うと、並列読み込みの可否を宣言していないため警告になる。）
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

COMPONENTS = ("core", "input/tex", "output/chtml")
NEEDED = (
    "startup.js",
    *(f"{component}.js" for component in COMPONENTS),
    "input/tex/extensions",
    "output/chtml/fonts",
)


def _mathjax_folder():
    [package] = find_spec("sphinx-mathjax-offline").submodule_search_locations
    return Path(package) / "static" / "mathjax"


def _choose_components(app, config):
    config.mathjax3_config = {
        **(config.mathjax3_config or {}),
        "loader": {"load": list(COMPONENTS)},
    }


def _copy(app, exception):
    builder = app.builder
    if exception or builder.format != "html" or builder.math_renderer_name != "mathjax":
        return
    source, target = _mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for name in NEEDED:
        if (target / name).exists():
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (source / name).is_dir() else shutil.copyfile
        copy(source / name, target / name)


def setup(app):
    app.config.mathjax_path = "mathjax/startup.js"
    app.connect("config-inited", _choose_components)
    app.connect("build-finished", _copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
