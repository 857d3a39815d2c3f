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
function bare(word) { return word.replace(/^[._]+|[._]+$/g, ""); }
function words(text) { return text.split(/[^\p{Alphabetic}\p{M}\p{N}._]+/u).map(bare).filter(Boolean); }
// What was typed: words, each with what strokes divide and as the name of a server, or of an address its domain.
function query(typed) {
  var text = Array.from(typed).slice(0, 200).join("");
  var at = text.lastIndexOf("@");
  if (at >= 0) { return bare(folded(text.slice(at + 1)).replace(/[^\p{Alphabetic}\p{N}._-]/gu, "")); }
  return text.split(/[^\p{Alphabetic}\p{M}\p{N}._-]+/u).map(function (word) {
    var whole = folded(word.replace(/^[._-]+|[._-]+$/g, ""));
    var parts = words(word).map(function (part) { return [folded(part), spelledOut(part)]; });
    return { parts: parts, domain: whole.includes(".") ? whole : "" };
  }).filter(function (word) { return word.parts.length; });
}
function domains(text) { return text.slice(text.lastIndexOf("|") + 1).split(" ").filter(Boolean); }
function finds(wanted, text) {
  var isBelow = function (asked) { return function (own) { return asked.endsWith("." + own); }; };
  if (typeof wanted !== "string") {
    return wanted.every(function (word) {
      return word.parts.every(function (two) { return text.includes(two[0]) || text.includes(two[1]); }) ||
        domains(text).some(isBelow(word.domain));
    });
  }
  return !wanted || domains(text).some(function (own) { return own.includes(wanted) || isBelow(wanted)(own); });
}
// A whole name or domain was typed, and not a part of one.
function exactly(wanted, text) {
  if (typeof wanted === "string") { return domains(text).includes(wanted); }
  var pieces = text.slice(0, text.lastIndexOf("|")).split("|").concat(domains(text));
  return wanted.length > 0 && [0, 1].some(function (spelling) {
    var typed = wanted.map(function (word) { return word.parts.map(function (two) { return two[spelling]; }).join(" "); }).join(" ");
    return pieces.some(function (piece) { return words(piece).join(" ") === typed; });
  });
}
