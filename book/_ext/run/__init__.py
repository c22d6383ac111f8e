"""章の実行: 変わった章だけを、並べて実行し、何をどう実行したかを残す。

| モジュール | 役割 |
| --- | --- |
| execution | 準備。どの章にも関わる鍵でキャッシュを選び、カーネルの環境を整える |
| cache_key | その鍵（版、計算機、データ、記録） |
| chapter_cache | 章ごとの鍵でキャッシュを分け、鍵が変わった章を読み直させる |
| reach | 章のコードが import でたどり着くファイル |
| cache_folders | 壊れたキャッシュと、古いキャッシュを消す |
| chapter_source | 章の原稿を、実行するノートとして読む |
| chapters_in_parallel | 変わった章を、読み込む前に並べて実行する |
| guards | 文を、その文が述べる結果の条件に結びつける（{guard}） |
| facts_panel | 実行の記録を、ページの終わりに畳んで置く |
| kernel/watcher.py | カーネルの中で動き、章が使ったものを見届ける |
| measure_build | 章を並べて実行するビルドと、1 章ずつのビルドを比べる命令 |
| execution_table | 章ごとの実行時間の表（{execution-table}） |
"""
