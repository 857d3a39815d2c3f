// Finding an institution: the rules of src/domain/search.rs, which makes the texts that are searched.
var letters = {
  "\u00df": "ss", "\u00e6": "ae", "\u0153": "oe", "\u00fe": "th", "\u00f8": "o", "\u0142": "l",
  "\u0111": "d", "\u00f0": "d", "\u0131": "i", "\u03c2": "\u03c3",
  "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647"
};
function folded(text) {
  return text.normalize("NFKD").replace(/[\p{M}\u0640]/gu, "").toLowerCase()
    .replace(/[^\0-\x7f]/g, function (c) { return letters[c] || c; });
}
function spelledOut(text) {
  return folded(text.normalize("NFC").replace(/[\u00e4\u00f6\u00fc]/gi, function (c) { return folded(c) + "e"; }));
}
// What was typed: words, or of an address its domain.
function query(typed) {
  var text = Array.from(typed).slice(0, 200).join("");
  var at = text.lastIndexOf("@");
  var bare = function (word) { return word.replace(/^[._]+|[._]+$/g, ""); };
  if (at >= 0) { return bare(folded(text.slice(at + 1)).replace(/[^\p{Alphabetic}\p{N}._-]/gu, "")); }
  return text.split(/[^\p{Alphabetic}\p{M}\p{N}._]+/u).map(bare).filter(Boolean)
    .map(function (word) { return [folded(word), spelledOut(word)]; });
}
function finds(wanted, text) {
  if (typeof wanted !== "string") {
    return wanted.every(function (two) { return text.includes(two[0]) || text.includes(two[1]); });
  }
  return !wanted || text.slice(text.lastIndexOf("|") + 1).split(" ").some(function (own) {
    return own && (own.includes(wanted) || wanted.endsWith("." + own));
  });
}
