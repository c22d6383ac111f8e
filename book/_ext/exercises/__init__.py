"""章の練習: 問に添えるものと、その見せ方。

| モジュール | 役割 |
| --- | --- |
| answer_directives | 難しさ、ヒント、解答を、練習のファイルから作る（{answer} と {large-answer}） |
| exercise_layout | 解答を畳み、題名を日本語の体裁にする |
| question | ページの中で答える問（{question}） |
| question_content | 問の書き方を読む |
| question_key | 問の正しい値とヒントの条件を、章の値と突き合わせ、ページに埋め込む形にする |
| question_explanation | 数の問の解説が、正しい値と食い違っていないか |
| tasks | 問と練習の一覧 |
| progress | 進み具合のページ（{progress}） |
"""
