"""日本語のページ: Markdown、HTML、検索が、日本語では崩れるところを直す。

| モジュール | 役割 |
| --- | --- |
| emphasis | 語を空けない文の強調 |
| lines | 原稿の改行と、式の隣の約物 |
| docstrings | API のページに載る docstring |
| search | 全文検索の索引と検索語の切り方（点数は search_scorer.js、漢字の読みは readings.txt） |
| search_texts | 検索の結果に添える文（見せ方は _static/search.js） |
"""
