"""日本語のページ: Markdown、HTML、検索が、日本語では崩れるところを直す。

| モジュール | 役割 |
| --- | --- |
| emphasis | 語を空けない文の強調 |
| lines | 原稿の改行と、式の隣の約物 |
| docstrings | API のページに載る docstring |
| search | 全文検索: 語の切り方（search_words.js）と、読みと言い換えの表（*.txt） |
| search_texts | 検索が探す文（探して見せるのは _static/search.js） |
"""
