// 文章の切り分け、LSTM の計算、訓練済みの重みの取り込み。切り分けと計算は、lstm_text.text.tokenize と nn.LSTM と同じ答えになる。
"use strict";

{
  const W = String.raw`\p{L}\p{N}_`; // Python の \w
  const UNSPACED = String.raw`\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}`;
  const TAG = new RegExp(String.raw`</?(?:br|hr|p|i|b|u|em|strong)(?![${W}])[^<>]*>`, "giu");
  const TOKEN = new RegExp(
    String.raw`n't(?![${W}])|'(?:s|m|re|ve|ll|d)(?![${W}])` +
      String.raw`|\p{Nd}+(?:[.,]\p{Nd}+)*(?![${W}])` +
      String.raw`|(?:(?:(?![${UNSPACED}])[\p{L}\p{N}])+(?:(?=[\u0300-\ufdff])\p{M})*)+` +
      String.raw`|[${UNSPACED}]|\.\.\.` +
      String.raw`|[^${W}\s\x00-\x1f\x7f-\x9f\u200b-\u200f\ufe00-\ufe0f\ufeff]`,
    "gu",
  );
  // 数の文字参照のうち、HTML が読み替えるもの（Windows-1252）
  const WINDOWS =
    "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

  const numbered = (digits) => {
    const code = /^x/i.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
    if (code === 0 || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return "\ufffd";
    if (code >= 0x80 && code <= 0x9f) return WINDOWS[code - 0x80];
    if (code === 0x0d) return "\r";
    const invalid = (code < 0x20 && ![9, 10, 12].includes(code)) || code === 0x7f ||
      (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
    return invalid ? "" : String.fromCodePoint(code);
  };
  const named = (reference) => {
    const box = document.createElement("div");
    box.innerHTML = reference;
    return box.textContent;
  };

  Play.clean = (text) =>
    text
      .replace(TAG, " ")
      .replace(/&(?:#([0-9]+|[xX][0-9a-fA-F]+);?|[A-Za-z][A-Za-z0-9]{0,31};?)/g, (all, digits) =>
        digits ? numbered(digits) : named(all),
      )
      .replaceAll("’", "'")
      .normalize("NFC");

  Play.tokenize = (text) =>
    Play.clean(text).toLowerCase().replaceAll("n't", " n't").replaceAll("cannot", "can not").match(TOKEN) ?? [];
}

Play.Lstm = class {
  constructor(data) {
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    this.origin = data.origin;
    this.size = data.hidden_size;
    this.inputs = data.embedding_dim;
    this.index = new Map(data.words.map((word, i) => [word, i + 2])); // 0 は PAD、1 は UNK
    this.embedding = Float32Array.from(new Int8Array(bytes(data.embedding).buffer), (code) => code * data.scale);
    const flat = new Float32Array(bytes(data.weights).buffer);
    const [D, H] = [this.inputs, this.size];
    let at = 0;
    [this.wIh, this.wHh, this.bIh, this.bHh, this.head, this.bias] = [4 * H * D, 4 * H * H, 4 * H, 4 * H, H, 1].map(
      (length) => flat.subarray(at, (at += length)),
    );
  }

  encode(tokens) {
    return tokens.map((token) => this.index.get(token) ?? 1);
  }

  // このモデルの素性を述べる文
  get about() {
    const { data, reviews, test_reviews: tests, accuracy } = this.origin;
    return (
      `このモデルは、${data} ${reviews.toLocaleString()} 件で訓練した 1 層の単方向 LSTM（${this.size} ユニット）で、` +
      `テスト用の ${tests.toLocaleString()} 件での精度は ${(100 * accuracy).toFixed(1)} % です。文章はこのページの外へ送られません。`
    );
  }

  // 語ごとの { i, f, g, o, c, h, logit, probability }。times = { f: 0 } なら、毎時刻の f に 0 を掛ける。
  read(ids, times = {}) {
    const [D, H] = [this.inputs, this.size];
    const sigmoid = (value) => 1 / (1 + Math.exp(-value));
    const gate = (values, name) => values.map((value) => sigmoid(value) * (times[name] ?? 1));
    let h = new Float64Array(H);
    let c = new Float64Array(H);
    return ids.map((id) => {
      const a = Float64Array.from({ length: 4 * H }, (_, row) => {
        let sum = this.bIh[row] + this.bHh[row];
        for (let k = 0; k < D; k++) sum += this.wIh[row * D + k] * this.embedding[id * D + k];
        for (let k = 0; k < H; k++) sum += this.wHh[row * H + k] * h[k];
        return sum;
      });
      const i = gate(a.slice(0, H), "i");
      const f = gate(a.slice(H, 2 * H), "f");
      const g = a.slice(2 * H, 3 * H).map(Math.tanh);
      const o = gate(a.slice(3 * H), "o");
      c = c.map((before, k) => f[k] * before + i[k] * g[k]);
      h = c.map((cell, k) => o[k] * Math.tanh(cell));
      const logit = h.reduce((sum, value, k) => sum + value * this.head[k], this.bias[0]);
      return { i, f, g, o, c, h, logit, probability: sigmoid(logit) };
    });
  }
};

// 読ませる文の欄と、その下のボタン。read は、欄の文を読ませる。
Play.review = (examples, rows, read) => {
  const id = `play-${++Play.serial}`;
  const input = Play.make("textarea", { id, rows, lang: "en", spellcheck: "false" });
  input.value = examples[0];
  const buttons = Play.make("div", { class: "play-buttons" }, Play.button("この文を読ませる", read));
  buttons.firstChild.classList.add("play-main");
  examples.forEach((text, k) => {
    buttons.append(
      Play.button(`例 ${k + 1}`, () => {
        input.value = text;
        read();
      }),
    );
  });
  return { id, input, buttons };
};

{
  const here = document.currentScript.src;
  let loading;
  // 重みは大きいので、初めて読ませるときにだけ取り込む。
  Play.load = () =>
    (loading ??= new Promise((resolve, reject) => {
      Play.receive = (data) => resolve(new Play.Lstm(data));
      const script = Play.make("script", { src: new URL("page_model.js", here) });
      script.addEventListener("error", () => {
        loading = undefined;
        reject(new Error("モデルのファイルを読み込めませんでした。"));
      });
      document.head.append(script);
    }));
}
