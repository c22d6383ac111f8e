"""章の原稿を、実行するノートとして読む。"""

from pathlib import Path

from myst_nb.core.read import create_nb_reader


def read_source(path, md_config, nb_config):
    """ノートと、その形式（jupyter-cache に渡す）。ノートでないページなら、どちらも None。"""
    text = Path(path).read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), md_config, nb_config, text)
    return (reader.read(text), reader.read_fmt) if reader else (None, None)


def read_notebook(env, docname):
    return read_source(env.doc2path(docname), env.myst_config, env.mystnb_config)[0]


def codes(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]
