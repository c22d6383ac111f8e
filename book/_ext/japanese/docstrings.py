"""日本語の docstring を API のページに載せる: 見出しの訳、強調の区切り、自明な項目の省略。"""

import re
import sys

SECTIONS = {
    "Attributes": "属性",
    "Examples": "例",
    "Notes": "補足",
    "Parameters": "引数",
    "Raises": "例外",
    "References": "出典",
    "Returns": "戻り値",
    "Yields": "繰り返しの値",
}
HEADING = re.compile(r"^(?P<head>:|\.\. rubric:: )(?P<name>[A-Z][a-z]+)(?P<tail>:?)$")
MARKUP = re.compile(r"``.+?``|\*\*.+?\*\*|:[a-z]+:`.+?`")
FULL_WIDTH = re.compile(r"[\u3000-\u9fff\uff00-\uff60]")


def translate(app, what, name, obj, options, lines):
    """numpydoc が reStructuredText に直したあとの行を、日本語のページに合わせる。"""
    for i, line in enumerate(lines):
        if (heading := HEADING.match(line)) and heading["name"] in SECTIONS:
            lines[i] = heading["head"] + SECTIONS[heading["name"]] + heading["tail"]
        elif not line.lstrip().startswith((">>>", "...")):
            lines[i] = MARKUP.sub(_separate, line)


def _separate(match):
    """全角の文字に接した強調や参照に、幅のない区切りを入れる（ないと記号がそのまま出る）。"""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    left = r"\ " if FULL_WIDTH.match(before) else ""
    right = r"\ " if FULL_WIDTH.match(after) else ""
    return left + match[0] + right


def skip_tuple_fields(app, what, name, obj, skip, options):
    """NamedTuple の欄は、クラスの説明にあるので並べない（英語の定型文しか持たない）。"""
    return True if type(obj).__name__ == "_tuplegetter" else None


def skip_imported(app, what, name, obj, skip, options):
    """よそから import した名前は、調べもしない（調べてから捨てると、倍の時間がかかる）。

    フォルダの顔（``__init__``）が ``__all__`` に挙げる名前は、そのフォルダのもの。
    """
    home, here = getattr(obj, "__module__", None), app.env.current_document.autodoc_module
    shown = getattr(sys.modules.get(here), "__all__", ())
    if what == "module" and home and home != here and name not in shown:
        return True


def plain_signature(app, what, name, obj, options, signature, return_annotation):
    """自分の ``__init__`` を持たないクラスの、親から来た意味のない引数を見せない。"""
    if what == "class" and signature == "(*args, **kwargs)":
        return "()", return_annotation


def setup(app):
    app.connect("autodoc-process-signature", plain_signature)
    app.connect("autodoc-process-docstring", translate, priority=600)  # numpydoc（500）のあと
    app.connect("autodoc-skip-member", skip_tuple_fields)
    app.connect("autodoc-skip-member", skip_imported)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
