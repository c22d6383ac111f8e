"""練習の答えを確かめる仕組み。問そのものは tests/exercises の章ごとのフォルダにある。

| モジュール | 役目 |
| --- | --- |
| exercise | 一問と、その結果 |
| compare | 届いた値をあるべき値と比べ、どこがどう違うかを言う |
| watch | 解答の関数を呼び、例外や約束違反を読者の言葉に直す |
| effects | 渡したモデルやテンソルに残った跡 |
| settings | ほかのコードと分け合う設定や関数を、変えていないか |
| counting | 行列の積や演算の回数 |
| forbidden | 問が使わないと決めたもの（自動微分、nn.LSTM） |
| messages | torch などの例外の文を言い直す |
| examine | 一問を確かめ、よくある誤りと同じ結果なら名前を挙げる |
| leftover | 書き終えたのに残っている raise |
| cases | 長い系列の組と、float32 の引数 |
| recurrent | セルと層を torch.nn と比べる手順 |
| by_hand | 設計の問の、手で書いた重み |
| report | 結果を読者への文にする |
| saved | 結果を JSON のファイルに残す |
| answers | 読者の操作: ひな形を写す、答えを確かめる（torch を読み込まない） |
| worker | answers が動かす子プロセス |
| load | 読者のファイルを読み込む |
"""
