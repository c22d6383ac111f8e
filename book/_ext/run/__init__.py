"""章の実行: 変わった章だけを、並べて実行し、何をどう実行したかを残す。

| モジュール | 役割 |
| --- | --- |
| execution | 準備。キャッシュの置き場所と、カーネルの環境を決める |
| cache_key | その置き場所の名前になる鍵 |
| chapters_in_parallel | 変わった章を、読み込む前に並べて実行する |
| facts_panel | 実行の記録を、ページの終わりに畳んで置く |
| kernel/watcher.py | カーネルの中で動き、章が使ったものを見届ける |
| execution_table | 章ごとの実行時間の表（{execution-table}） |
"""
