// 書き方の違いをそろえ、打った文から語を取り出す。
// bookSymbols（記号 → TeX での名前）と bookSpellings（打った語 → 本文での書き方）は search.py が前に置く。

// --- そろえる

const bookKanji = { 搬: "播", 函: "関" };
const bookVowels = { ぁ: "ば", ぃ: "び", ぇ: "べ", ぉ: "ぼ" };

// 英語の語の単数形。class や analysis の s は残す
const singular = (word) => word.replace(/ies$/, "y").replace(/(?<=ss|sh|ch|x)es$|(?<![si])s$/, "");

// 語末の長音は、その前に 3 字以上あれば除く（パラメーター、エンコーダー）。語の終わりは、文字の種類が変わる所
const foldText = (text) => text.normalize("NFKC").toLowerCase()
  .replace(/(?<=[ァ-ヴー]{3})ー(?![ァ-ヴー])|(?<=[ぁ-ゔー]{3})ー(?![ぁ-ゔー])/g, "")
  .replace(/[ァ-ヶ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0x60))
  .replace(/ゔ([ぁぃぇぉ]?)/g, (_, vowel) => bookVowels[vowel] ?? "ぶ")
  .replace(/[搬函]/g, (c) => bookKanji[c])
  .replace(/(?<![a-z])[a-z]{4,}(?![a-z])/g, singular)
  .replace(/[\u0370-\u03ff\u2200-\u22ff]/g, (c) => bookSymbols[c] ? ` ${bookSymbols[c]} ` : c);

// 語と語の間にあっても、なくても、同じとみなすもの
const bookGap = "[^\\S\\n]|[-_.・]";
const closeGaps = (folded) => folded.replace(new RegExp(bookGap, "g"), "");
const squeeze = (text) => closeGaps(foldText(text));

// --- 探す

// 打った語を、そろえた文から探す正規表現。数は数の全体、英語の語は語の始まりから（3 字以下なら語の全体）。
// 1 字の英字は、隣の英字と離れていなければならない（h_t は ht でない）。exact なら、英語の語も語の全体
const patterns = { part: new Map(), exact: new Map() };
const pattern = (word, exact = false) => {
  const made = exact ? patterns.exact : patterns.part;
  if (!made.has(word)) {
    const parts = foldText(word).match(/\d+(?:[.,]\d+)*|[a-z][a-z0-9]*|[ぁ-ゟー㐀-鿿々]+|[^\s\-_.・]/g);
    const first = parts[0], last = parts.at(-1);
    const start = /^\d/.test(first) ? "(?<![a-z0-9]|\\d[.,])" : /^[a-z]/.test(first) ? "(?<![a-z0-9])" : "";
    const end = /^\d/.test(last) ? "(?![a-z0-9]|[.,]\\d)" : (exact ? /^[a-z]/ : /^[a-z][a-z0-9]{0,2}$/).test(last) ? "(?![a-z0-9])" : "";
    const body = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).reduce((whole, part, i) => {
      const pair = [parts[i - 1], parts[i]];
      const apart = pair.every((each) => /^[a-z0-9]+$/.test(each)) && pair.some((each) => each.length === 1);
      return `${whole}(?:${bookGap})${apart ? "+" : "*"}${part}`;
    });
    made.set(word, new RegExp(start + body + end, "g"));
  }
  return made.get(word);
};
const has = (folded, forms) => forms.some((form) => folded.search(pattern(form)) >= 0);
const hasExact = (folded, forms) => forms.some((form) => folded.search(pattern(form, true)) >= 0);
const positions = (folded, word) => [...folded.matchAll(pattern(word))].map((m) => [m.index, m.index + m[0].length]);

// どれほど当たるか。語の全体（train）なら 1、語の頭だけ（training）なら 0.5
const fit = (folded, forms) => (hasExact(folded, forms) ? 1 : has(folded, forms) ? 0.5 : 0);

// --- 言い換える

const spellings = new Map(Object.entries(bookSpellings).map(([word, written]) => [squeeze(word), written]));
const KANJI_DIGITS = "〇一二三四五六七八九";
const digits = (kanji) => {
  const [tens, ones] = kanji.includes("十") ? kanji.split("十").map((one) => one || null) : ["〇", kanji];
  return 10 * KANJI_DIGITS.indexOf(tens ?? "一") + KANJI_DIGITS.indexOf(ones ?? "〇");
};
// 本文での番号の書き方。章は「第 2 章」（打つのは 2章、第二章）、式は「式 (2.1)」（打つのは式2.1）
const numberSpellings = (word) => {
  const typed = word.normalize("NFKC").replace(/\s/g, "");
  const chapter = typed.match(/^第?(?:(\d+)|([一二三四五六七八九]?十?[一二三四五六七八九]?))章$/);
  if (chapter?.[1] || chapter?.[2]) return [`第${chapter[1] ?? digits(chapter[2])}章`];
  const equation = typed.match(/^式(\d+\.\d+)$/);
  return equation ? [`式(${equation[1]})`] : [];
};
const otherSpellings = (word) => spellings.get(squeeze(word)) ?? numberSpellings(word);
const formsOf = (word) => [word, ...otherSpellings(word).filter((other) => squeeze(other) !== squeeze(word))];

// --- 語に分ける

const SMALL = /^(?:[ぁ-ゖー]+|an?|and|are|do|does|for|how|i[ns]|of|on|or|the|to|what|when|why|with)$/i; // 文の形を作る語
const NUMBER = /^(?:問|練習|図|表|式|コード|第)?[^\p{L}]*\d[^\p{L}]*章?$/u; // 番号や数。分けない
const NAME = /^[\w.\s-]+$/; // nn.LSTM のような名前
const KINDS = [/^[\w.]$/, /^[ァ-ヺー]$/, /^[㐀-鿿々〆]$/, /^[ぁ-ゖ]$/];
const PARTICLE = /[はがをのにとへもでやか]/;
const kind = (letter) => KINDS.findIndex((each) => each.test(letter ?? ""));

// text の at で、文字の種類が変わるか。長音は、前のかなの続き
const ends = (text, at) => {
  if (text[at] === "ー") return false;
  const before = text.slice(0, at).replace(/(?<=.)ー+$/, "").at(-1);
  return kind(text[at]) < 0 || kind(text[at]) !== kind(before);
};

// 本の語: headwords は見出し語（そろえて詰めたもの）の集まり、text は全部の文（同じく）
const splitter = (headwords, text) => {
  const named = (word) => headwords.has(squeeze(word)) || otherSpellings(word).length > 0;
  const written = (word) => text.includes(squeeze(word));

  // 続けて打った英語の語（pack padded sequence）が、この並びで本にあるか
  const phrase = (several) =>
    several.every((word) => NAME.test(word) && word.length > 1) && !several.every(named)
    && !SMALL.test(several[0]) && !SMALL.test(several.at(-1)) && written(several.join(" "));

  // 空白で区切る。ただし、いくつか続けて 1 つの語になるもの（chain rule、練習 2.3）は、1 つにする。
  // 全角の「．」「，」は、数の中のほかは句読点。「…」は、そろえると「...」になる
  const chunks = (query) => {
    const typed = query.replace(/(?<![0-9０-９])[．，]|[．，](?![0-9０-９])/g, " ").normalize("NFKC")
      .replace(/[「」『』"“”'‘’`$?!、。]+|\.{2,}|[.,;:]+(?=\s|$)/g, " ")
      .replace(/(問|練習|図|表|式|コード|第)\s+(?=\(?\d)|(?<=\d)\s+(?=%)/g, "$1").replace(/(第\d+)\s+章/g, "$1章")
      .split(/\s+/).filter((chunk) => squeeze(chunk));
    const found = [];
    while (typed.length) {
      let length = typed.length;
      for (; length > 1; length--) {
        const several = typed.slice(0, length);
        if (named(several.join(" ")) || phrase(several)) break;
      }
      found.push(typed.splice(0, length).join(" "));
    }
    return found;
  };

  // at から始まる、いちばん長い見出し語。英数字とカタカナは、途中で切らない
  const headwordAt = (chunk, at) => {
    for (let end = chunk.length; end > at + 1; end--) {
      const cuts = kind(chunk[end]) < 2 && !ends(chunk, end);
      if (!cuts && named(chunk.slice(at, end))) return chunk.slice(at, end);
    }
    return "";
  };

  // 見出し語でない部分を、本にある、なるべく長い語に分ける。半分も本になければ、分けない
  const pieces = (run) => {
    if (written(run)) return [run];
    if (NAME.test(run)) return run.split(/[_.]+/).filter(Boolean);
    const shortest = kind(run[0]) === 2 ? 2 : 4; // かなの 3 字は、ほかの語の中にもある
    const found = [];
    for (let at = 0, end; at < run.length; at = Math.max(end, at + 1)) {
      for (end = at; end < run.length && written(run.slice(at, end + 1)); ) end++;
      if (end - at >= shortest) found.push(run.slice(at, end));
    }
    return 2 * found.join("").length > run.length ? found : [run];
  };

  // 漢字の後の rest[at] も、同じ語か。かなは送りがな。ただし、次の語の前の助詞は違う
  const goesOn = (rest, at) => kind(rest[at]) === 2 || (kind(rest[at]) === 3 && !(PARTICLE.test(rest[at]) && ends(rest, at + 1)));

  // 漢字（送りがなごと）、カタカナ、英数字の語を取り出す。助詞と、活用する語の 1 字の語幹は除く
  const contentWords = (rest) => {
    const found = [];
    for (let at = 0, end; at < rest.length; at = end) {
      for (end = at + 1; end < rest.length && !ends(rest, end); ) end++;
      const run = rest.slice(at, end);
      if (kind(run[0]) < 0 || kind(run[0]) === 3) continue;
      if (!written(run)) { found.push(...pieces(run)); continue; }
      if (kind(run[0]) === 2) while (goesOn(rest, end) && written(rest.slice(at, end + 1))) end++;
      const word = rest.slice(at, end).replace(new RegExp(`(?<=.)${PARTICLE.source}+$`), "");
      const stem = word.length === 1 && kind(rest[at + 1]) === 3 && !PARTICLE.test(rest[at + 1]);
      if (!stem) found.push(word);
    }
    return found;
  };

  const cut = (chunk) => {
    if (named(chunk) || NUMBER.test(chunk) || (NAME.test(chunk) && written(chunk))) return [chunk];
    const found = [];
    let rest = "";
    const flush = () => { found.push(...contentWords(rest)); rest = ""; };
    for (let at = 0; at < chunk.length; ) {
      // かな、英数字、カタカナの見出し語は、語の始まりだけにある
      const starts = !rest || kind(chunk[at]) === 2 || ends(chunk, at) || (rest.length === 1 && PARTICLE.test(rest));
      const headword = starts ? headwordAt(chunk, at) : "";
      if (headword) flush(), found.push(headword);
      else rest += chunk[at];
      at += headword.length || 1;
    }
    flush();
    return found.some(squeeze) ? found.filter(squeeze) : pieces(chunk).filter(squeeze);
  };

  // 打った語（typed）と、それを分けた語（parts）。ほかに語があれば、文の形を作る語（とは、なぜ、what）と、
  // 記号だけのものは除く
  const content = (chunk) => named(chunk) || (!SMALL.test(chunk) && /[\p{L}\p{N}]/u.test(foldText(chunk)));
  return (query) => {
    const all = chunks(query), words = all.filter(content);
    const typed = [...new Set(words.length ? words : all)];
    return { typed, parts: [...new Set(typed.flatMap(cut))] };
  };
};

// --- 打ち間違い

// 1 字の違い（足す、除く、替える、隣と入れ替える）か
const oneSlip = (a, b) => {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [x, y] = [a.slice(at), b.slice(at)];
  return x.slice(1) === y || x === y.slice(1) || x.slice(1) === y.slice(1)
    || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
};
