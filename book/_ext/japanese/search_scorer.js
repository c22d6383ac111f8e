// 検索の点数: Sphinx の初期値に、用語集だけ上乗せする。
// 2 語からなる英語の用語は、どちらの語もあちこちの章に現れるので、そのままでは埋もれてしまう。
var Scorer = {
  score: ([docname, , , , score]) => score + (docname === "glossary" ? 3 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
