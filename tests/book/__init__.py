"""本の試験: 原稿、作る仕組み（book/_ext）、できた本。

| ファイル | 確かめること |
| --- | --- |
| test_structure | 目次、はじめにの表、各章の決まった部分 |
| test_wording | 言葉づかい（1 つの考えに 1 つの語、半角の数字、です・ます） |
| test_typed_numbers | 測定値を手で書いていないこと |
| test_figures、test_markup | SVG の図と、その id |
| test_api_page、test_records_page | API と記録のページに、抜けがないこと |
| test_readme | README と本文の中の命令が、本当にあること |
| test_build | 小さな本を作り、実行、失敗、警告、並列の実行を確かめる |
| test_guards | 条件に結びつけた文（{guard}） |
| test_execution | 章が、このリポジトリの lstm_text を読み込むこと |
| test_cache_key、test_chapter_cache、test_reach | 変わった章だけを実行し直すこと |
| test_japanese | 日本語の改行と docstring |
| test_readings、test_search_texts | 検索の表（漢字の読みと言い換え）と、検索が探す文 |
| test_spoken_math | 数式の読み |
| test_reading_time | 章を読む時間 |
| test_shown_code、test_folded_output | 載せるコードと、折りたたんだ出力 |
| test_torch_links | PyTorch の名前のリンク |
| test_page_model | ページの中で動くモデルの訓練と書き出し |
| test_site | ページのほかに配るもの（404.html、sitemap.xml、Markdown 版など） |
| test_epub_and_pdf、test_notebooks | ほかの版 |
| test_wheel | ノートが、wheel とその依存だけで動くこと |
| test_build_benchmark | ビルドの速さを測るための小さな本 |

pages はこの本の原稿を読み、small_book は小さな本を作り、notebook_runner はノートを動かし、
markup は印の間違いを探す。
"""
