// 検索の結果を、ページごとに、語のある文と一緒に見せる。API の名前は、最後に畳んで置く。
// 探すのは bookTexts の文。語のそろえ方、切り方、探し方は japanese/search_words.js が決める。
"use strict";

// ページの名前 → 章の番号と、[節の id, 題, 文] の並び（_static/search/ の各ファイルが書き込む）
const bookTexts = {};
let bookSearch; // 打った文 → 見つかったページと API の名前（Promise）

{
  const PLACES = 3; // 1 ページから見せる節の数
  const AROUND = 60; // 語の前後に見せる字数
  const FEW = 3; // 語のそろうページがこれより少なければ、一部だけのページも出す
  const LONGEST_QUERY = 100;
  const MOST_GUESSES = 5;
  const API = "api", GLOSSARY = "glossary";
  const PACKAGE = "lstm_text"; // どの API の名前もこれで始まるので、これを除いた部分で比べる

  const make = (tag, attributes, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };

  // --- 文を読む

  const load = (page) =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = script.onerror = resolve;
      script.src = `_static/search/${page}.js`;
      document.head.append(script);
    });

  // 節の題は、用語集では、見出し語の並び（過学習、overfitting）
  const namesOf = (title) => title.split("、").map(squeeze);

  const readBook = async () => {
    await Promise.all(Search._index.docnames.map(load));
    return Search._index.docnames.filter((name) => bookTexts[name]).map((name) => {
      const { number, sections } = bookTexts[name];
      const title = Search._index.titles[Search._index.docnames.indexOf(name)];
      return {
        page: name, number, title, names: [title, number].filter(Boolean).map(squeeze),
        sections: sections.map(([id, heading, text], i) => ({
          id, title: heading, text, names: namesOf(heading), foldedTitle: foldText(heading),
          folded: foldText([i === 0 ? number : "", heading, text].join("\n")),
        })),
      };
    });
  };

  // --- ページを選ぶ

  const times = (folded, forms) => fit(folded, forms) * forms.reduce((sum, form) => sum + positions(folded, form).length, 0);

  // 題が語そのものなら 3、語で始まるなら 2、語を含むなら 1（語の頭だけなら、その半分）
  const likeness = (names, folded, forms) => {
    const keys = forms.map(squeeze);
    if (keys.some((key) => names.includes(key))) return 3;
    return fit(folded, forms) * (keys.some((key) => names.some((name) => name.startsWith(key))) ? 2 : 1);
  };

  // 語の言い換え（forms）と、重み（長い語ほど大きい）
  const asWord = (word) => ({ word, forms: formsOf(word), weight: squeeze(word).length });

  // 節の点。題にある語、文にある語、その長さの順に重い
  const sectionPoints = (section, words) =>
    words.reduce((sum, { forms, weight }) =>
      sum + weight * (2 * fit(section.folded, forms) + likeness(section.names, section.foldedTitle, forms)), 0);

  const pagePoints = (page, words) =>
    words.reduce((sum, { forms, weight }) => {
      const inTitle = likeness(page.names, foldText(page.title), forms);
      const inSections = Math.max(0, ...page.sections.map((each) => likeness(each.names, each.foldedTitle, forms)));
      const count = page.sections.reduce((all, each) => all + times(each.folded, forms), 0);
      return sum + weight * (10 * inTitle + 5 * inSections + Math.min(5, Math.log2(1 + count)));
    }, 0);

  const glossary = (book) =>
    book.find(({ page }) => page === GLOSSARY)?.sections.filter(({ id }) => id.startsWith("term")) ?? [];

  // 用語を引いたら先に出すページ。用語集と、その項に挙げた章
  const explained = (book, { forms }) => {
    const keys = forms.map(squeeze);
    const entry = glossary(book).find(({ names }) => keys.some((key) => names.includes(key)));
    const chapters = book.filter(({ number }) => entry && number && has(entry.folded, [number]));
    return entry ? [GLOSSARY, ...chapters.map(({ page }) => page)] : [];
  };

  // 見出し語の、そろえた形と、書いてある形。用語集の語、ページの題、言い換えの表の語
  const headwordsOf = (book) => {
    const names = [...glossary(book).flatMap(({ title }) => title.split("、")), ...book.map(({ title }) => title)];
    const pairs = [...names, ...Object.values(bookSpellings).flat()].map((name) => [squeeze(name), name]);
    return new Map(pairs.filter(([key]) => key.length > 1));
  };

  // コードで呼ぶ関数の名前。打ち間違いを直すときだけに使う
  const functionsOf = (book) => {
    const names = book.flatMap(({ sections }) => sections.flatMap(({ text }) => text.match(/[A-Za-z]\w{5,}(?=\()/g) ?? []));
    return new Map(names.map((name) => [squeeze(name), name]));
  };

  const searcher = (book) => {
    const headwords = headwordsOf(book), functions = functionsOf(book);
    const folded = book.flatMap(({ sections }) => sections.map((section) => section.folded)).join("\n");
    const split = splitter(headwords, closeGaps(folded));

    // 本のどこにもない語（頭だけの一致は、別の語）に、1 字だけ違う見出し語と、関数の名前
    const guessesFor = (words) => {
      const unknown = words.filter(({ forms }) => !hasExact(folded, forms)).map(({ word }) => squeeze(word));
      const near = ([key]) => key.length > 2 && unknown.some((word) => key === word || oneSlip(key, word));
      return [...new Set([...headwords, ...functions].filter(near).map(([, name]) => name))].slice(0, MOST_GUESSES);
    };

    return (query) => {
      const cut = split(query);
      const [typed, parts] = [cut.typed.map(asWord), cut.parts.map(asWord)];
      const words = [...new Set([cut.typed.join(" "), ...cut.typed, ...cut.parts])].filter(Boolean).map(asWord);
      const total = parts.reduce((sum, { weight }) => sum + weight, 0);
      const main = parts.find(({ weight }) => 2 * weight > total); // 打った文の半分より長い語
      const first = main ? explained(book, main) : [];
      const found = book.map((page) => {
        const inPage = ({ forms }) => Math.max(...page.sections.map((section) => fit(section.folded, forms)));
        const held = parts.filter(inPage);
        return {
          ...page, held,
          whole: typed.length ? Math.min(...typed.map(inPage)) : 0, // 打った語が、どれもそのままある（0 か、0.5 か、1）
          full: held.length === parts.length, // それを分けた語が、どれもある
          first: first[0] === page.page ? 2 : first.includes(page.page) ? 1 : 0,
          covered: held.reduce((sum, part) => sum + part.weight * inPage(part), 0),
          points: pagePoints(page, words),
        };
      }).filter(({ whole, held }) => whole || held.length);
      const full = found.filter((page) => page.whole || page.full);
      const pages = (full.length < FEW ? found : full).sort((a, b) =>
        b.whole - a.whole || (a.page === API) - (b.page === API) || b.first - a.first
        || b.covered - a.covered || b.points - a.points);
      return { typed, parts, words, pages, guesses: guessesFor([...typed, ...parts]) };
    };
  };

  // --- API の名前

  // 大文字で始まる所も、語の始まりとみなす（AttentionPooling の Pooling）
  const nameWords = (name) => foldText(name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_"));

  const apiNames = () => {
    const { objects, objnames, docnames, titles } = Search._index;
    return Object.entries(objects).flatMap(([prefix, entries]) => entries.map(([doc, type, , anchor, name]) => {
      const full = prefix ? `${prefix}.${name}` : name;
      const [, kind, label] = objnames[type];
      const id = anchor === "" ? full : anchor === "-" ? `${kind}-${full}` : anchor;
      return { page: docnames[doc], full, id, label: `${label}${_(", in ")}${titles[doc]}` };
    }));
  };

  // 名前の語が、打った語で始まる API。1 字や 2 字の語では引かない
  const apiObjects = (parts) => {
    const forms = parts.flatMap((part) => part.forms).filter((form) => /^[a-z0-9]{3,}/i.test(squeeze(form)));
    const ours = forms.filter((form) => squeeze(form).startsWith(squeeze(PACKAGE)));
    return apiNames().filter(({ full }) => has(nameWords(full.replace(PACKAGE, "")), forms) || has(foldText(full), ours));
  };

  let reading; // 文は、初めて引くときに 1 度だけ読む
  bookSearch = async (query) => {
    const result = (await (reading ??= readBook().then(searcher)))(query);
    return { ...result, objects: apiObjects(result.parts) };
  };

  // --- 見せる

  // text の中の、forms のどれかである部分の [始まり, 終わり]。そろえると字数が変わるので、語ごとに追う
  const spans = (text, forms) => {
    const from = [], to = [];
    let folded = "", at = 0;
    for (const unit of text.match(/[ァ-ヺー]+|[A-Za-z]+|[^]/gu) ?? []) {
      const form = foldText(unit), last = unit.length - 1;
      [...form].forEach((_, i) => {
        from.push(at + Math.min(i, last));
        to.push(at + (i === form.length - 1 ? last : Math.min(i, last)) + 1);
      });
      folded += form;
      at += unit.length;
    }
    return forms
      .flatMap((form) => positions(folded, form).map(([start, end]) => [from[start], to[end - 1]]))
      .sort((a, b) => a[0] - b[0] || b[1] - a[1])
      .reduce((kept, span) => (kept.length && span[0] < kept.at(-1)[1] ? kept : [...kept, span]), []);
  };

  // 語に印を付けた、text の一部
  const marked = (text, forms) => {
    const found = spans(text, forms);
    const first = Math.max(0, (found[0]?.[0] ?? 0) - AROUND);
    const last = Math.min(text.length, (found[0]?.[1] ?? 0) + AROUND);
    const pieces = [first > 0 ? "…" : ""];
    let done = first;
    for (const [start, end] of found) {
      if (end > last) break;
      pieces.push(text.slice(done, start), make("mark", {}, text.slice(start, end)));
      done = end;
    }
    return [...pieces, text.slice(done, last), last < text.length ? "…" : ""];
  };

  // 語がいちばん多くそろっている文。題だけに語があるなら、初めの文
  const sentence = (text, words) => {
    const held = (part) => words.reduce((sum, { forms, weight }) => sum + weight * fit(foldText(part), forms), 0);
    const sentences = text.split(/(?<=[。？！])|\n/).filter(Boolean).map((part) => [part, held(part)]);
    return sentences.sort((a, b) => b[1] - a[1])[0]?.[0];
  };

  const placeItem = (page, { id, title, text }, words) => {
    const forms = words.flatMap((word) => word.forms);
    const item = make("li", {}, make("a", { href: `${page}.html#${id}` }, ...marked(title, forms)));
    const context = sentence(text, words);
    if (context) item.append(make("p", { className: "context" }, ...marked(context, forms)));
    return item;
  };

  // ページの中で語のある節。語のそろった節、題にある節、先にある節の順
  const pageItem = ({ page, number, title, sections }, words) => {
    const places = sections
      .map((section) => ({ ...section, points: sectionPoints(section, words) }))
      .filter(({ points }) => points)
      .sort((a, b) => b.points - a.points);
    const name = [number, title].filter(Boolean).join("　");
    const item = make("li", {}, make("a", { href: `${page}.html` }, name));
    item.append(make("ul", {}, ...places.slice(0, PLACES).map((each) => placeItem(page, each, words))));
    if (places.length > PLACES) {
      item.append(make("p", { className: "more" }, `ほかに ${places.length - PLACES} つの節`));
    }
    return item;
  };

  const apiItem = ({ page, full, id, label }) =>
    make("li", {}, make("a", { href: `${page}.html#${id}` }, full), ` ${label}`);

  const quoted = (words) => words.map((word) => `「${word}」`);

  // 打った語のあるページの数。語の頭だけの一致（transform で Transformer）は、そう断る
  const toldWhole = (typed, pages, more) => {
    const whole = pages.filter((page) => page.whole), started = whole.every((page) => page.whole < 1);
    const words = typed.length === 1 ? quoted(typed[0].forms).join("か") : quoted(typed.map(({ word }) => word)).join("と");
    if (!whole.length) return `${words}${typed.length > 1 && more ? "のそろうページはありません。" : `は${more ? "、そのままでは" : ""}見つかりませんでした。`}`;
    if (typed.length > 1) return `${words}のそろうページは ${whole.length} あります。`;
    return `${words}${started ? "で始まる語" : ""}は ${whole.length} ページにあります。`;
  };

  const told = ({ typed, parts, pages, objects, guesses }) => {
    const whole = pages.filter((page) => page.whole).length;
    const full = pages.filter((page) => page.full && !page.whole).length;
    const some = pages.length - whole - full;
    const inPages = (form) => pages.some(({ sections }) => sections.some((section) => has(section.folded, [form])));
    const known = parts.map(({ forms }) => quoted(forms.filter(inPages)).join("か")).filter(Boolean);
    const words = known.join("と");
    const together = known.length > 1 ? "のそろう" : "のある";
    const apart = known.length > 2 ? "のどれかがある" : known.length > 1 ? "のどちらかがある" : "のある";
    const groups = [[full, together], [some, apart]].filter(([count]) => count)
      .map(([count, having]) => `${words}${having}ページは ${count} あります。`);
    return [
      toldWhole(typed, pages, groups.length > 0),
      ...groups.map((group, i) => (whole || i ? `ほかに、${group}` : group)),
      pages.length || objects.length || guesses.length ? "" : "短い語に区切ると、見つかることがあります。",
      objects.length ? `API の名前は ${objects.length} 件です。` : "",
    ].join("");
  };

  const ASK = "探す語を入れてください。「忘却ゲート」のような語でも、「勾配が消えるのはなぜ」のような文でも引けます。";

  const FAILED = "検索の途中で、うまくいかなくなりました。記号を除くか、短い語に区切って、もう一度引いてください。";

  const show = async (query) => {
    const result = await bookSearch(query), { words, pages, objects, guesses } = result;
    Search.status.textContent = result.typed.length ? told(result) : ASK;
    if (guesses.length) {
      const links = guesses.map((guess) => make("a", { href: `search.html?q=${encodeURIComponent(guess)}` }, guess));
      Search.status.append("もしかして：", ...links.flatMap((link, i) => (i ? ["、", link] : [link])));
    }
    Search.output.append(...pages.map((page) => pageItem(page, words)));
    if (objects.length) {
      const summary = make("summary", {}, `API の名前（${objects.length} 件）`);
      Search.output.after(make("details", { className: "search-api" }, summary, make("ul", {}, ...objects.map(apiItem))));
    }
    // 開いたページで印を付ける語は、そろえる前の、本文に書いてあるとおりの形で渡す
    const written = [...Search.output.querySelectorAll("mark")].map((mark) => mark.textContent.toLowerCase());
    localStorage.setItem("sphinx_highlight_terms", [...new Set(written)].join(" "));
  };

  Search.query = async (typed) => {
    Search.status.setAttribute("role", "status");
    try {
      await show(typed.trim().slice(0, LONGEST_QUERY));
    } catch (error) {
      Search.status.textContent = FAILED;
      console.error(error);
    }
    Search.stopPulse();
    Search.title.textContent = "検索の結果";
  };

  if (!new URLSearchParams(location.search).get("q")) {
    document.getElementById("search-results").append(make("p", { className: "search-summary", role: "status" }, ASK));
  }
}
