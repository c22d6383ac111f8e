"""HTML のページの部品。

| モジュール | 役割 |
| --- | --- |
| citations | 文献の体裁 |
| inline_svg | 本の図（SVG）をページに埋め込む |
| numbered_references | 番号つきの参照を速く解決する |
| offline_mathjax | MathJax を本の中に置く |
| play | 動かせる図（{play}） |
| page_model | ページの中で動く小さな LSTM を訓練し、書き出す命令 |
| reading_time | 章を読む時間（{reading-time}） |
| term_tips | 用語の吹き出し |
"""
