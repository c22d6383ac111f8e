"""IMDb のレビューを 1 つの表（CSV）にしたもの。分け方と、映画の番号と、評価のないものがない。"""

import csv
import io

from lstm_text.datasets.contents import has_words, plain, utf16_hint
from lstm_text.datasets.find import require_number
from lstm_text.datasets.reviews import Reviews

_LABELS = {"negative": 0, "positive": 1, "neg": 0, "pos": 1, "0": 0, "1": 1}
_COLUMNS = (("review", "text"), ("sentiment", "label"))  # 本文と評価の欄の、出回っている名前


def read_table(content: bytes, title: str, half: int) -> tuple[Reviews, Reviews, str]:
    """初めの半分を訓練用、残りをテスト用にする。

    Parameters
    ----------
    content : bytes
        ``review`` と ``sentiment``（positive か negative）の欄を持つ表。``text`` と
        ``label``（1 か 0）でもよい。
    title : str
        エラー文に使う名前。
    half : int
        訓練用とテスト用のそれぞれの数。肯定と否定は、合わせて半分ずつ。

    Returns
    -------
    train, test : Reviews
    note : str
        公式の分け方でないことの、断り書き。

    Raises
    ------
    ValueError
        表として読めないとき、欄か数が合わないとき、語のないレビューがあるとき、評価の順に並んで
        いるとき。

    Examples
    --------
    >>> text = "review,sentiment\\nGreat!,positive\\n\\"Dull,\\nslow.\\",negative\\n"
    >>> read_table(text.encode(), "例.csv", 1)[:2]
    (Reviews(texts=('Great!',), labels=(1,)), Reviews(texts=('Dull,\\nslow.',), labels=(0,)))
    """
    if hint := utf16_hint(content):
        raise ValueError(f"{title} は {hint}")
    texts, labels, begun = [], [], 1
    try:
        text = plain(content)
        first = text.partition("\n")[0]
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True
        )
        names = [name.strip().lower() for name in next(rows, [])]
        columns = [[names.index(name) for name in known if name in names] for known in _COLUMNS]
        if not all(columns):
            raise ValueError(
                f"{title} の 1 行目には review と sentiment の欄が必要ですが、"
                f"{first[:60]!r} でした。欄の名前を 1 行目に書いてください。"
            )
        (review, *_), (sentiment, *_) = columns
        begun = rows.line_num + 1
        for row in rows:
            begun = rows.line_num + 1
            if not row:
                continue
            label = _LABELS.get(row[sentiment].strip().lower()) if len(row) == len(names) else None
            if label is None:
                raise ValueError(
                    f"{title} の {rows.line_num:,} 行目には {len(names)} つの欄と positive か "
                    f"negative が必要ですが、{len(row)} つの欄で {row[-1][-20:]!r} でした。"
                    "この行を直すか、配布元の表を置いてください。"
                )
            if not has_words(row[review]):
                raise ValueError(
                    f"{title} の {rows.line_num:,} 行目のレビューには、語が 1 つもありません"
                    f"（{row[review][:20]!r}）。欠けていない表を置いてください。"
                )
            texts.append(row[review])
            labels.append(label)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{title} の {line:,} 行目を UTF-8 として読めません（{error}）。"
            "表計算ソフトなら、「CSV UTF-8」で保存し直してください。"
        ) from error
    except csv.Error as error:
        raise ValueError(
            f"{title} の {begun:,} 行目から先を、表（CSV）として読めません（{error}）。引用符が"
            "足りないか、途中までのファイルです。その行を直すか、配布元の表を置いてください。"
        ) from error
    then = f"{2 * half:,} 件そろった、配布元の表を置いてください。"
    require_number(title, len(texts), 2 * half, "件", then)
    require_number(f"{title} の positive", sum(labels), half, "件", then)
    if half > 1 and len(set(labels[:half])) == 1:
        raise ValueError(
            f"{title} は評価の順に並んでいて、訓練用にする初めの {half:,} 件が "
            f"{('negative', 'positive')[labels[0]]} だけです。並びを混ぜた表を置いてください。"
        )
    train, test = (
        Reviews(tuple(texts[i:j]), tuple(labels[i:j])) for i, j in ((0, half), (half, 2 * half))
    )
    return (
        train,
        test,
        (f"公式の分け方がない表なので、初めの {half:,} 件を訓練用、残りをテスト用にしました"),
    )
