r"""TeX の数式を、日本語で読む。

    >>> read(r"h_t = o_t \odot \tanh(c_t)")
    'h の t、イコール o の t、要素ごとの積 ハイパボリックタンジェント 括弧 c の t 括弧閉じる'

式の地の文では、印（イコールやプラス）の前に間（、）を置き、添え字と指数の中では置かない。
だから c_{t-1} は「c の t マイナス 1」、c_t - 1 は「c の t、マイナス 1」と聞き分けられる。
読み方を知らない命令は UnknownCommand にする。
言葉の表は spoken_math_words、言葉のつなぎ方は spoken_math_parts。
"""

import re

from page.spoken_math_parts import (
    BOND,
    CLOSE,
    COMMA,
    FUNCTION,
    OPEN,
    OPERATOR,
    PHRASE,
    PLAIN,
    Part,
    index,
    is_short,
    matrix,
    rows_aloud,
    say,
    tidy,
)
from page.spoken_math_words import (
    ACCENTS,
    BAR,
    BINDING,
    CLOSING,
    FUNCTIONS,
    LETTERS,
    OPENING,
    OPERATORS,
    PAUSES,
    RANGES,
    SILENT,
)

TOKEN = re.compile(
    r"""\\(?:text|mathrm|mathbf|operatorname)\{[^{}]*\}   # 言葉
      | \\[A-Za-z]+ | \\.                                # 命令
      | \d+(?:\{,\}\d{3})*(?:\.\d+)?                     # 数
      | \S""",
    re.VERBOSE,
)
ABBREVIATION = re.compile("[A-Z]{2,}")  # TC^0 は、TC の 0 乗ではない
WORDS = re.compile(r"\\(?P<command>[a-z]+)\{(?P<words>[^{}]*)\}")


class UnknownCommand(ValueError):
    """読み方を知らない命令や文字。"""


def read(tex):
    """TeX の式の読み。

    Raises
    ------
    UnknownCommand
        読み方を知らない命令や文字があるとき。何かを述べる。
    """
    reader = Reader(tex)
    parts = reader.until()
    if reader.rest:
        raise UnknownCommand(reader.rest[0])
    return tidy(say(parts))


class Reader:
    """式を先頭から読む。rest は、まだ読んでいない印の列。"""

    def __init__(self, tex):
        self.rest = TOKEN.findall(tex)

    def next_is(self, *tokens):
        return bool(self.rest) and self.rest[0] in tokens

    def until(self, *stops):
        """stops のどれかの手前まで。"""
        parts = []
        while self.rest and self.rest[0] not in (*stops, "}", r"\end"):
            part = self.part(inside=parts)
            if part:
                parts.append(self.with_scripts(part))
        return parts

    def group(self):
        """波括弧の中、またはただ 1 つの印。"""
        if not self.rest:
            raise UnknownCommand("式の途切れ")
        if self.next_is("{"):
            self.rest.pop(0)
            parts = self.until()
            if not self.next_is("}"):
                raise UnknownCommand("閉じていない {")
            self.rest.pop(0)
            return parts
        if self.rest[0].isdigit():  # \frac25 は 5 分の 2
            digits = self.rest.pop(0)
            self.rest[:0] = [digits[1:]] if digits[1:] else []
            return [Part(digits[0], PLAIN)]
        return [self.part(inside=[]) or Part("", PLAIN)]

    def part(self, inside):
        """次のひとまとまり。読まないものなら None。"""
        token = self.rest[0]
        if token == "{":
            parts = self.group()
            return Part(say(parts), PLAIN if len(parts) == 1 else PHRASE) if parts else None
        self.rest.pop(0)
        if match := WORDS.fullmatch(token):
            words = match["words"].replace("\\", "").replace("_", " ").strip()
            return Part(words, PLAIN)
        if token == "'":
            return Part("ダッシュ", PLAIN)
        if token == "|":
            return self.bar(inside)
        if token.startswith("\\"):
            return self.command(token[1:])
        if token in PAUSES:
            return COMMA
        return self.operator(token) or self.bracket(token) or self.letter(token)

    def letter(self, token):
        if token[0].isdigit():
            return Part(token.replace("{,}", ""), PLAIN)
        if token.isascii() and token.isalpha():
            return Part(token, PLAIN)
        raise UnknownCommand(token)

    def operator(self, token):
        if token in OPERATORS:
            return Part(OPERATORS[token], OPERATOR)
        return Part(BINDING[token], BOND) if token in BINDING else None

    def bracket(self, token):
        if token in OPENING:
            return Part(OPENING[token], OPEN)
        if token in CLOSING:
            return Part(CLOSING[token], CLOSE)
        return None

    def bar(self, inside):
        """縦線。対になっていれば、その間は絶対値。"""
        marks = [part.kind for part in inside if part.words.startswith("絶対値")]
        if marks.count(OPEN) > marks.count(CLOSE):
            return Part("絶対値閉じる", CLOSE)
        return Part("絶対値", OPEN) if "|" in self.rest else Part(BAR, PHRASE)

    def command(self, name):
        if name in SILENT:
            return self.delimiter() if name in ("left", "right") else None
        if name in PAUSES:
            return COMMA
        if name in LETTERS:
            return Part(LETTERS[name], PLAIN)
        if name in FUNCTIONS:
            return self.function(name)
        if name in RANGES:
            return self.ranged(RANGES[name])
        if name in ACCENTS:
            return Part(f"{say(self.group(), tight=True)} {ACCENTS[name]}", PLAIN)
        if part := self.operator(name) or self.bracket(name):
            return part
        if name in ("frac", "tfrac", "dfrac"):
            return self.fraction()
        if name == "sqrt":
            return self.root()
        if name == "underbrace":
            return self.underbrace()
        if name == "begin":
            return self.environment()
        raise UnknownCommand(rf"\{name}")

    def delimiter(self):
        r"""\left. と \right. の点は、何も表さない。"""
        if self.next_is("."):
            self.rest.pop(0)
        elif self.next_is("|"):
            self.rest.pop(0)
            return Part(BAR, PHRASE)
        return None

    def function(self, name):
        if name == "log" and self.next_is("_"):
            self.rest.pop(0)
            return Part(f"テイ {say(self.group(), tight=True)} のログ", FUNCTION)
        return Part(FUNCTIONS[name], FUNCTION)

    def ranged(self, what):
        lower = upper = None
        while self.next_is("_", "^"):
            if self.rest.pop(0) == "_":
                lower = say(self.group(), tight=True)
            else:
                upper = say(self.group(), tight=True)
        if lower and upper:
            return Part(f"{lower} から {upper} までの{what}", PHRASE)
        return Part(f"{lower} についての{what}" if lower else what, PHRASE)

    def fraction(self):
        above, below = self.group(), self.group()
        if is_short(above) and is_short(below):
            return Part(f"{say(below)} 分の {say(above)}", PHRASE)
        return Part(f"分数、分母 {say(below)}、分子 {say(above)}、分数終わり", PHRASE)

    def root(self):
        inside = self.group()
        if is_short(inside):
            return Part(f"ルート {say(inside)}", PHRASE)
        return Part(f"ルート、{say(inside)}、ルート終わり", PHRASE)

    def underbrace(self):
        words = say(self.group())
        if self.next_is("_"):
            self.rest.pop(0)
            words += f"、その下に {say(self.group(), tight=True)}"
        return Part(words, PHRASE)

    def environment(self):
        """行と列を持つもの。"""
        name = self.name()
        rows = [[self.until("&", r"\\")]]
        while self.next_is("&", r"\\"):
            if self.rest.pop(0) == "&":
                rows[-1].append(self.until("&", r"\\"))
            else:
                rows.append([self.until("&", r"\\")])
        if not self.rest or self.rest.pop(0) != r"\end" or self.name() != name:
            raise UnknownCommand(rf"閉じていない \begin{{{name}}}")
        if not any(rows[-1]):
            rows.pop()
        if name in ("aligned", "align", "split"):
            cells = [[part for cell in row for part in cell or [COMMA]] for row in rows]
            return Part(rows_aloud([tidy(say(row)) for row in cells]) + "。", PHRASE)
        if name in ("pmatrix", "bmatrix"):
            return Part(matrix([[tidy(say(cell)) for cell in row] for row in rows]), PHRASE)
        if name == "cases":
            lines = ["、".join(tidy(say(cell)) for cell in row) for row in rows]
            return Part(f"場合分け、{rows_aloud(lines)}。場合分け終わり", PHRASE)
        raise UnknownCommand(rf"\begin{{{name}}}")

    def name(self):
        end = self.rest.index("}")
        name = "".join(self.rest[1:end])
        del self.rest[: end + 1]
        return name

    def with_scripts(self, part):
        """後ろに付く添え字、指数、ダッシュを加える。"""
        words, kind = part
        while self.next_is("_", "^", "'"):
            mark = self.rest.pop(0)
            kind = FUNCTION if kind == FUNCTION else CLOSE if kind == CLOSE else PHRASE
            if mark == "'":
                words += " ダッシュ"
            elif mark == "_":
                words += f" の {index(self.group())}"
            else:
                words += self.power(part)
        return Part(words, kind)

    def power(self, base):
        if self.next_is(r"\top"):
            self.rest.pop(0)
            return " の転置"
        parts = self.group()
        words = say(parts, tight=True)
        if ABBREVIATION.fullmatch(base.words):
            return f" 上付き {words}"
        return f" の {words} 乗" if is_short(parts) else f" の、{words}、乗"
