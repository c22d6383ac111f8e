"""HTML のページの部品。

| モジュール | 役割 |
| --- | --- |
| address | ページの要約、サイトの住所、sitemap.xml、404.html |
| citations | 文献の体裁 |
| folded_output | 折りたたんだ出力の見出し |
| inline_svg | 図（SVG）をページに埋め込み、id をぶつからないようにする |
| math_in_html | 数式に、日本語の読みを付ける |
| numbered_references | 番号つきの参照を速く解決する |
| offline_mathjax | MathJax を本の中に置く |
| page_numbers | 図、表、コード、式、練習の番号 |
| per_page | ページごとの控え（読み直すと忘れ、並べて読むと合わせる） |
| play | 動かせる図（{play}） |
| page_model | ページの中で動く小さな LSTM を訓練し、書き出す命令 |
| reading_time | 章を読む時間（{reading-time}） |
| shown_code | 載せるコードから、説明（docstring）を除く |
| spoken_math | TeX の数式を日本語で読む |
| spoken_math_parts | 読みの言葉のつなぎ方 |
| spoken_math_words | 数式を読む言葉の表 |
| term_tips | 用語の吹き出し |
| torch_links | PyTorch の名前を、説明書へのリンクにする |
"""
