"""1 ページの、図、表、コード、式、練習の番号。

番号は HTML に書き出すときに付くので、組み終えたページ（doctree）の中にはない。
"""

from docutils import nodes


def numbered(app, pagename):
    """ページの図、表、コード、式、練習の id と番号（「図 2.4」）。"""
    formats = app.config.numfig_format | {
        "displaymath": app.config.math_eqref_format.format(number="%s")
    }
    return {
        name: formats[kind] % ".".join(map(str, number))
        for kind, numbers in app.env.toc_fignumbers.get(pagename, {}).items()
        if kind in formats
        for name, number in numbers.items()
    }


def number_of(node, numbers):
    """node が図、表、コード、練習の題か、式なら、その番号。なければ空。"""
    owner = node.parent if isinstance(node, nodes.caption | nodes.title) else node
    ids = owner["ids"] if isinstance(owner, nodes.Element) else []
    return next((numbers[name] for name in ids if name in numbers), "")
