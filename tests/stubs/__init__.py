"""読者が書き込むひな形。`make answers` が answers に写す。"""
