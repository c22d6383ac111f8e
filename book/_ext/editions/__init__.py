"""HTML のほかの版: 同じ原稿と実行結果から、別の形の本を作る。

| モジュール | 役割 |
| --- | --- |
| epub | EPUB 版（make epub） |
| print_pdf | PDF 版（make pdf）。できた HTML を印刷する |
| notebooks | 各章の、手元で動かせるノート（.ipynb） |
| fences | 原稿の囲み（``` と :::）を見つける |
"""
