"""時間のかかる実験。それぞれ ``python -m lstm_text.experiments.名前`` で動かし、記録を残します。"""
