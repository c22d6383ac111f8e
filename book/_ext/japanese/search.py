"""日本語の全文検索: 索引も検索語も、同じ二文字組（bigram）に切る。

Sphinx 標準の日本語検索は、索引だけを単語に区切り、検索語は区切らない。そのため本文に
ある語でも見つからないことが多い。両側を同じ規則で切れば、本文にある語は必ず見つかる。
"""

import re

from sphinx.search import SearchLanguage

RUN = re.compile(r"[A-Za-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff\u3005\u30fc]+")


class JapaneseBigrams(SearchLanguage):
    """英数字は語のまま、かな・漢字の連なりは二文字組にする。"""

    lang = "ja"
    language_name = "Japanese"
    js_splitter_code = r"""
var splitQuery = (q) => (q.match(/[A-Za-z0-9_]+|[\u3040-\u30ff\u3400-\u9fff\u3005\u30fc]+/gu) || [])
  .flatMap((w) => /^[A-Za-z0-9_]/.test(w) || w.length === 1 ? [w]
    : Array.from({length: w.length - 1}, (_, i) => w.slice(i, i + 2)));
"""

    def split(self, text):
        return [part for run in RUN.findall(text) for part in _parts(run)]

    def word_filter(self, word):
        return True

    def stem(self, word):
        return word.lower()


def _parts(run):
    if run[0].isascii() or len(run) == 1:
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def setup(app):
    app.add_search_language(JapaneseBigrams)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
