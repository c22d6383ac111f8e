"""章の練習: 問に添えるものと、その見せ方。

| モジュール | 役割 |
| --- | --- |
| answer_directives | 難しさ、ヒント、解答を、練習のファイルから作る（{answer} と {large-answer}） |
| exercise_layout | 解答を畳み、題名を日本語の体裁にする |
"""
