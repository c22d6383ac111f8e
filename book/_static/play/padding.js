// (c) 双方向の層で、要約として取り出した状態が、どの時刻を読んだものか。
"use strict";

// 両方向について、取り出す場所と、そこまでに読んだ時刻（0 から）。読んでいなければ空。
Play.reading = ({ words, pads, packed, end }) => {
  const all = words + pads;
  const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
  const last = packed ? words : all;
  if (end) {
    const outside = packed && pads > 0; // 系列の外の出力は 0 で埋められる
    return {
      forward: { at: all - 1, read: outside ? [] : range(0, all) },
      backward: { at: all - 1, read: outside ? [] : [all - 1] },
    };
  }
  return { forward: { at: last - 1, read: range(0, last) }, backward: { at: 0, read: range(0, last) } };
};

Play.start("padding", (box) => {
  const told = Play.told();
  const state = { words: 3, pads: 2, packed: false, end: true };
  const words = Play.slider("文の長さ", { min: 1, max: 5, step: 1, value: 3, show: (n) => `${n} 語`, color: Play.colors.x }, (n) => {
    state.words = n;
    update();
  });
  const pads = Play.slider("パディング", { min: 0, max: 4, step: 1, value: 2, show: (n) => `${n} 個`, color: Play.colors.pad }, (n) => {
    state.pads = n;
    update();
  });
  const way = Play.choices("渡し方", [["plain", "そのまま渡す"], ["packed", "長さを教える（パッキング）"]], "plain", (value) => {
    state.packed = value === "packed";
    update();
  });
  const taken = Play.choices("取り出すもの", [["end", "output[:, -1]"], ["state", "h_n（本当の最後の状態）"]], "end", (value) => {
    state.end = value === "end";
    update();
  });

  const chart = Play.canvas(194, (svg, width) => {
    const { forward, backward } = Play.reading(state);
    const all = state.words + state.pads;
    const left = 58;
    const column = Math.min(84, (width - left - 4) / all);
    const size = Math.min(44, column - 12);
    const cell = (k, y, color, label, chosen, dashed) => {
      const x = left + (k + 0.5) * column - size / 2;
      svg.append(
        Play.rect(x, y, size, 36, {
          rx: 8, fill: color, "fill-opacity": chosen ? 0.5 : 0.12, stroke: color,
          "stroke-width": chosen ? 4 : 1.5, "stroke-dasharray": dashed ? "4 3" : "none",
        }),
        Play.text(x + size / 2, y + 23, label),
      );
    };
    const rows = [
      ["逆方向", backward, Play.colors.back, 10, -1],
      ["順方向", forward, Play.colors.h, 64, 1],
    ];
    for (let k = 0; k < all; k++) {
      const pad = k >= state.words;
      const outside = pad && state.packed;
      for (const [, row, color, y] of rows) {
        cell(k, y, outside ? Play.colors.pad : color, outside ? "0" : "h", row.at === k, outside);
      }
      cell(k, 130, pad ? Play.colors.pad : Play.colors.x, pad ? "0" : `x${"₁₂₃₄₅"[k]}`, false, pad);
      // 取り出した状態が読んだ入力に、向きの色の印を付ける
      [backward, forward].forEach(({ read }, n) => {
        if (read.includes(k)) svg.append(Play.rect(left + (k + 0.5) * column - size / 2, 172 + 9 * n, size, 6, { fill: rows[n][2] }));
      });
    }
    for (const [name, , color, y, turn] of rows) {
      svg.append(Play.text(0, y + 23, name, { "text-anchor": "start" }));
      for (let k = 0; k + 1 < (state.packed ? state.words : all); k++) {
        const [a, b] = [left + (k + 0.5) * column + size / 2, left + (k + 1.5) * column - size / 2];
        svg.append(turn > 0 ? Play.arrow(a, y + 18, b - 1, y + 18, color) : Play.arrow(b, y + 18, a + 1, y + 18, color));
      }
    }
    svg.append(Play.text(0, 153, "入力", { "text-anchor": "start" }), Play.text(0, 184, "読んだ", { "text-anchor": "start" }));
    svg.setAttribute("aria-label", told.textContent);
  });

  // 順に読んだものを言葉にする
  function phrase({ read }, reversed) {
    if (!read.length) return "系列の外なので 0 だけで、何も読んでいません";
    const inside = read.filter((k) => k < state.words).length;
    const padded = read.length - inside;
    const parts = [inside && `${inside} 語`, padded && `パディング ${padded} 個`].filter(Boolean);
    if (reversed) parts.reverse();
    const rest = inside < state.words ? `（残りの ${state.words - inside} 語は見ていません）` : "";
    return `${parts.join("と")}を読んだ状態です${rest}`;
  }

  function update() {
    const { forward, backward } = Play.reading(state);
    const exact = (row) => row.read.length === state.words && row.read.every((k) => k < state.words);
    const verdict = exact(forward) && exact(backward)
      ? "両方とも、文の全体をちょうど読んでいます。"
      : "文の要約としては、正しくありません。";
    told.textContent = `順方向の半分は、${phrase(forward)}。逆方向の半分は、${phrase(backward, true)}。${verdict}`;
    chart.redraw();
  }

  box.append(chart.svg, words.row, pads.row, way, taken, told);
  update();
});
