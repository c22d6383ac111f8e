// 検索の結果を、ページごとに、語のある文と一緒に見せる。API の名前は、最後に畳んで置く。
// 引くのは Sphinx の Search、語の切り方（foldText、queryRuns、splitQuery、otherSpellings）は japanese/search.py が決める。
"use strict";

const bookTexts = {}; // ページの名前 → [節の id, 題, 文] の並び（_static/search/ の各ファイルが書き込む）

{
  const PLACES = 3; // 1 ページから見せる節の数
  const AROUND = 60; // 語の前後に見せる字数
  const API = "api";
  const PACKAGE = "lstm_text"; // どの API の名前もこれで始まるので、これを除いた部分で比べる

  // 題と索引の項目も、本文と同じ形にそろえてから比べる
  const foldKeys = (entries) => {
    const folded = {};
    for (const [key, value] of Object.entries(entries)) (folded[foldText(key)] ??= []).push(...value);
    return folded;
  };
  Search._index.alltitles = foldKeys(Search._index.alltitles);
  Search._index.indexentries = foldKeys(Search._index.indexentries);

  const load = (page) =>
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.onload = script.onerror = resolve;
      script.src = `_static/search/${page}.js`;
      document.head.append(script);
    });

  const make = (tag, attributes, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };

  // そろえた文の中の、word の場所。1 字の英数字は、ほかの語の中のもの（tanh の a）を除く
  const LETTER = /[a-z0-9]/;
  const positions = (text, word) => {
    const found = [];
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found.push(at);
    if (word.length > 1 || !LETTER.test(word)) return found;
    return found.filter((at) => !LETTER.test(text[at - 1] ?? "") && !LETTER.test(text[at + 1] ?? ""));
  };
  const has = (text, word) => positions(text, word).length > 0;

  // word を、そろえた文にある、なるべく長い部分に分ける。英数字の語は分けない
  const pieces = (text, word) => {
    if (LETTER.test(word) || has(text, word)) return [word];
    const found = [];
    for (let start = 0, end; start < word.length; start = Math.max(end, start + 1)) {
      for (end = word.length; end > start && !text.includes(word.slice(start, end)); ) end--;
      if (end - start > 1) found.push(word.slice(start, end));
    }
    return found;
  };

  // query の語を、そろえた文に書いてある形にする。打ったとおりの語も別の書き方もなければ、記号で区切り、
  // それもなければ、その一部にする。区切って残る 1 字は、ほかに語があれば除く
  const writtenWords = (text, query) =>
    query.split(/[\s、。]+/).filter((part) => queryRuns(part).length).flatMap((part) => {
      const forms = [part, ...otherSpellings(part)].map((form) => foldText(form).trim());
      const written = forms.filter((form) => has(text, form));
      if (written.length) return written;
      const runs = forms.flatMap(queryRuns), long = runs.filter((run) => run.length > 1);
      return (long.length ? long : runs).flatMap((run) => pieces(text, run));
    });

  // text の中の、words のどれかである部分の [始まり, 終わり]。そろえると字数が変わるので、1 字ずつ追う
  const spans = (text, words) => {
    const from = [];
    const folded = [...text].map((letter, i) => {
      const form = foldText(letter);
      from.push(...Array(form.length).fill(i));
      return form;
    }).join("");
    return words
      .flatMap((word) => positions(folded, word).map((at) => [from[at], from[at + word.length - 1] + 1]))
      .sort((a, b) => a[0] - b[0])
      .filter(([start], i, all) => i === 0 || start >= all[i - 1][1]);
  };

  // 語に印を付けた、text の一部
  const marked = (text, words) => {
    const letters = [...text], found = spans(text, words);
    const first = Math.max(0, (found[0]?.[0] ?? 0) - AROUND);
    const last = Math.min(letters.length, (found[0]?.[1] ?? 0) + AROUND);
    const cut = (start, end) => letters.slice(start, end).join("");
    const pieces = [first > 0 ? "…" : ""];
    let done = first;
    for (const [start, end] of found) {
      if (end > last) break;
      pieces.push(cut(done, start), make("mark", {}, cut(start, end)));
      done = end;
    }
    return [...pieces, cut(done, last), last < letters.length ? "…" : ""];
  };

  // 語がいちばん多くそろっている文。題だけに語があるなら、初めの文
  const sentence = (text, words) => {
    const held = (part) => words.filter((word) => has(foldText(part), word)).length;
    const sentences = text.split(/(?<=[。？！])|\n/).filter(Boolean);
    return sentences.sort((a, b) => held(b) - held(a))[0];
  };

  // ページの中で語のある節。題にあるもの、語がそろっているもの、先にあるものの順
  const places = (page, words) =>
    (bookTexts[page] ?? [])
      .map(([id, title, text]) => {
        const [inTitle, inText] = [foldText(title), foldText(text)];
        const both = words.filter((word) => has(inTitle, word) || has(inText, word)).length;
        const named = words.filter((word) => has(inTitle, word)).length;
        const count = (word) => positions(inTitle, word).length + positions(inText, word).length;
        const times = words.reduce((sum, word) => sum + count(word), 0);
        return { id, title, text: sentence(text, words), times, rank: both + named };
      })
      .filter((place) => place.times)
      .sort((a, b) => b.rank - a.rank);

  const place = (page, { id, title, text }, words) => {
    const item = make("li", {}, make("a", { href: `${page}.html#${id}` }, ...marked(title, words)));
    if (text) item.append(make("p", { className: "context" }, ...marked(text, words)));
    return item;
  };

  const allTexts = (page) => (bookTexts[page] ?? []).map(([, title, text]) => `${title}\n${text}`).join("\n");

  // ページの初めの文。囲みの題などは、文ではないので除く
  const opening = (page) => allTexts(page).match(/[^。\n]*。/)?.[0] ?? "";

  const pageItem = ({ page, title, found, words }) => {
    const item = make("li", {}, make("a", { href: `${page}.html` }, title));
    if (!found.length) {
      item.append(make("p", { className: "context" }, ...marked(opening(page), [])));
    } else {
      item.append(make("ul", {}, ...found.slice(0, PLACES).map((each) => place(page, each, words))));
    }
    if (found.length > PLACES) {
      item.append(make("p", { className: "more" }, `ほかに ${found.length - PLACES} つの節`));
    }
    return item;
  };

  const apiItem = ([page, name, anchor, description]) =>
    make("li", {}, make("a", { href: `${page}.html${anchor}` }, name), ` ${description}`);

  const told = (queries, pages, objects) => {
    const query = queries.join("」か「");
    if (pages.length + objects.length === 0) {
      return `「${query}」は見つかりませんでした。短い語に区切ると、見つかることがあります。`;
    }
    const api = objects.length ? `API の名前は ${objects.length} 件です。` : "";
    return pages.length ? `「${query}」は ${pages.length} ページにあります。${api}` : api;
  };

  Search.query = async (query) => {
    const queries = [query, ...otherSpellings(query)];
    const results = queries.flatMap((each) =>
      Search._performSearch(...Search._parseQuery(foldText(each))).reverse());
    const parts = splitQuery(query);
    const asked = (name) =>
      parts.some((part) => part === PACKAGE || foldText(name).replace(PACKAGE, "").includes(part));
    const named = results.filter((result) => result[6] === SearchResultKind.object && asked(result[1]));
    const objects = [...new Map(named.map((result) => [result[1], result])).values()];
    const best = new Map(); // ページの名前 → そのページのいちばん高い点
    for (const [page, , , , score, , kind] of results) {
      if (kind !== SearchResultKind.object) best.set(page, Math.max(score, best.get(page) ?? score));
    }
    await Promise.all([...best.keys()].map(load));
    const title = (page) => Search._index.titles[Search._index.docnames.indexOf(page)];
    const pages = [...best].map(([page, score]) => {
      const words = [...new Set(writtenWords(foldText(allTexts(page)), query))];
      const found = places(page, words);
      const times = found.reduce((sum, each) => sum + each.times, 0);
      return { page, score, title: title(page), words, found, times };
    });
    pages.sort((a, b) => (a.page === API) - (b.page === API) || b.score - a.score || b.times - a.times);

    Search.stopPulse();
    Search.title.textContent = "検索の結果";
    Search.status.textContent = told(queries, pages, objects);
    Search.output.append(...pages.map(pageItem));
    if (objects.length) {
      const summary = make("summary", {}, `API の名前（${objects.length} 件）`);
      const names = make("ul", {}, ...objects.map(apiItem));
      Search.output.after(make("details", { className: "search-api" }, summary, names));
    }
    // 開いたページで印を付ける語は、そろえる前の、本文に書いてあるとおりの形で渡す
    const written = [...Search.output.querySelectorAll("mark")].map((mark) => mark.textContent.toLowerCase());
    localStorage.setItem("sphinx_highlight_terms", [...new Set(written)].join(" "));
  };
}
