"""使われていても、その先をたどらない定義。中身を書き換えても、数字は変わらない。"""

import ast

from lstm_text.records.definitions import Place, definitions_of

ASKED = Place("lstm_text.records.code", "code_hash")
"""ハッシュを求める呼び出し。渡すものも、数字を変えない。"""

BEYOND = (
    # 記録の数字は、何を読んだかで決まり、どこから見つけ、どう読んだかによらない。実験は
    # 組み込みのコーパスでは動かず、読む関数は、中身そのものを数とハッシュで確かめる
    *(
        Place("lstm_text.datasets.imdb", name)
        for name in ("load_imdb", "load_imdb_films", "load_imdb_unlabelled")
    ),
    Place("lstm_text.datasets.neko", "load_neko"),
    Place("lstm_text.datasets.treebank", "load_treebank"),
    Place("lstm_text.datasets.glove", "load_glove"),
    # 出どころを述べる言葉
    Place("lstm_text.datasets.source", "Source"),
    # どこで計算したかは、記録そのものに書いてある。CPU で非正規化数を 0 とみなすことは、試験が守る
    Place("lstm_text.device", "get_device"),
)
"""名前と、渡す引数と、返すもののクラスだけが意味を持つもの。"""


def returned(place: Place) -> ast.expr | None:
    """関数が返すものの注釈。関数でなければ None。"""
    (definition,) = definitions_of(place.module).definitions[place.name]
    return getattr(definition, "returns", None)
