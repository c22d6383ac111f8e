"""HTML のほかの版: 同じ原稿と実行結果から、別の形の本を作る。

| モジュール | 役割 |
| --- | --- |
| epub | EPUB 版（make epub） |
| print_pdf | PDF 版（make pdf）。できた HTML を印刷する |
| notebooks | 各章の、手元で動かせるノート（.ipynb） |
| notebook_text | そのノートの文: MyST を、ノートで読める Markdown にする |
| first_cell | そのノートの準備のセル |
| wheel | そのノートが使うもの（パッケージ、記録、練習）を 1 つにした wheel |
| markdown_copy | 各ページの Markdown 版と、それを写すボタンと、一覧（llms.txt） |
| markdown_writer | 組み終えたページを Markdown の文字にする |
| header_button | ページの上に並ぶ、リンクのボタン |
| fences | 原稿の囲み（``` と :::）を見つける |
"""
