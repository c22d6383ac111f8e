"""問の正しい値と、ヒントの条件を、ページに埋め込む鍵にする。値は、章のセルが glue したもの。"""

import ast
import base64
import json
import math
import re
from itertools import cycle

from exercises.question_content import ELSE, FORMS, Malformed, read_number
from exercises.question_explanation import disagreement

WRAPPED = re.compile(r"(?:(?:np|numpy)\.\w+|tensor|array)\((?P<inside>.+?)(?:, dtype=.+)?\)")


def key_of(content, settings, told):
    """問の鍵と、この実行の値に合わないヒントと解説。

    settings は問の ``:名前: 値``。told は、glue の名前から、値の書き表し（text/plain）を引く。
    合わないものがあれば、ヒントは見せない。どれも、この本の基準の実行の答えに向けて書いてある。
    """
    form = next(form for form in FORMS if form in settings)
    name = settings[form]
    if form == "choice":
        key, misfits = for_choice(content, name, told(name))
    elif form == "order":
        key, misfits = for_order(content, name, told(name))
    else:
        within, unit = settings.get("within", "0"), settings.get("unit", "")
        key, misfits = for_number(
            content, name, told(name), within, lambda other: number(other, told(other))
        )
        misfits += disagreement(
            content.explanation, key["right"], key["within"], unit,
            lambda other: str(plain(told(other))),
        )  # fmt: skip
    return key | ({"hints": []} if misfits else {}), misfits


def right_answer(content, key, unit=""):
    """この実行での正しい答えを、読む形で。"""
    if not content.items:
        return f"{key['shown']} {unit}".rstrip()
    places = key["right"] if isinstance(key["right"], list) else [key["right"]]
    return "、".join(content.items[place - 1] for place in places)


def plain(told: str):
    """glue した値の書き表し（text/plain）を、数か文字に戻す。

    >>> plain("np.float64(0.5)"), plain("'3 1 2'"), plain("tensor(3)")
    (0.5, '3 1 2', 3)
    """
    match = WRAPPED.fullmatch(told)
    try:
        return ast.literal_eval(match["inside"] if match else told)
    except (SyntaxError, ValueError):
        return told


def number(name, told):
    """glue した数。"""
    value = plain(told)
    try:
        if isinstance(value, bool):
            raise TypeError
        value = float(value)
        if not math.isfinite(value):
            raise ValueError
    except (TypeError, ValueError):
        raise Malformed(f"値 {name} は数である必要がありますが、{told} でした。") from None
    return value


def choice(name, told, count):
    """glue した、正しい選択肢の番号。"""
    value = number(name, told)
    if value not in range(1, count + 1):
        raise Malformed(
            f"値 {name} は、正しい選択肢の番号（1 から {count}）である必要がありますが、"
            f"{told} でした。"
        )
    return int(value)


def order(name, told, count):
    """glue した、正しい並び。項目の番号を並べた文字。"""
    words = re.findall(r"[^\s,\[\]()]+", str(plain(told)))
    if sorted(words) != sorted(map(str, range(1, count + 1))):
        raise Malformed(
            f"値 {name} は、1 から {count} までの番号を 1 度ずつ並べたものである必要がありますが、"
            f"{told} でした。"
        )
    return [int(word) for word in words]


def tolerance(text, value):
    """許す差（``:within:``）。単位を除いた絶対値にする。"""
    match = re.fullmatch(r"(?P<size>[\d.,/eE-]+)\s*(?P<relative>[%％]?)", text)
    if not match:
        raise Malformed(f":within: は 0.05 か 5 % のように書く必要がありますが、「{text}」でした。")
    size = read_number(match["size"])
    if size == 0 and value != round(value):
        raise Malformed(f"正しい値 {value:g} は整数でないので、許す差（:within:）が要ります。")
    if match["relative"] and value == 0:
        raise Malformed("正しい値が 0 なので、許す差（:within:）を % では書けません。")
    return size / 100 * abs(value) if match["relative"] else size


def close(a, b, within):
    """許す差までの近さ。丸めの誤差は問わない。ページの judge（answer.js）と同じ規則。"""
    return abs(a - b) <= within + 1e-9 * max(1, abs(b))


def for_number(content, name, told, within, number_of):
    """数の問の鍵と、値に合わないヒント。number_of は {glue の名前} から数を引く。"""
    value = number(name, told)
    within = tolerance(within, value)
    hints = []
    for hint in content.hints:
        if hint.value == ELSE:
            hints.append([ELSE, 0])
        elif hint.value.startswith("{"):
            hints.append([hint.relation, number_of(hint.value.strip("{}"))])
        else:
            hints.append([hint.relation, read_number(hint.value)])
    misfits = [
        f"正しい値 {value:g} へのヒント「{hint.text[:20]}…」は、見せることがありません。"
        for hint, (relation, wrong) in zip(content.hints, hints, strict=True)
        if relation == "" and close(wrong, value, within)
    ]
    key = {"right": value, "shown": shown(value), "within": within, "hints": hints}
    return key, misfits


def for_choice(content, name, told):
    """選ぶ問の鍵と、値に合わないヒント。"""
    right = choice(name, told, len(content.items))
    hinted = [int(hint.value) for hint in content.hints]
    misfits = [f"正しい選択肢 {right} にヒントがあります。"] if right in hinted else []
    misfits += [
        f"選択肢 {i} は正しくありませんが、ヒントがありません。"
        for i in range(1, len(content.items) + 1)
        if i != right and i not in hinted
    ]
    return {"right": right, "hints": [["", i] for i in hinted]}, misfits


def for_order(content, name, told):
    """並べる問の鍵と、値に合わないヒント。"""
    right = order(name, told, len(content.items))
    hints = [
        [ELSE, 0] if hint.value == ELSE else ["", order("ヒント", hint.value, len(content.items))]
        for hint in content.hints
    ]
    misfits = [f"正しい並び {told} にヒントがあります。"] if ["", right] in hints else []
    return {"right": right, "hints": hints}, misfits


def shown(value):
    """読む形の数。

    >>> shown(12544.0), shown(0.123456)
    ('12,544', '0.1235')
    """
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def conceal(key, number):
    """ページのソースを見ただけでは読めない形にする（番号と XOR して base64）。

    暗号ではない。解こうとする前に、答えがうっかり目に入るのを防ぐだけのもの。
    """
    text = json.dumps(key, ensure_ascii=False).encode()
    mixed = bytes(a ^ b for a, b in zip(text, cycle(number.encode()), strict=False))
    return base64.b64encode(mixed).decode()
