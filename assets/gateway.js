// Optional additions. Every page works without this file.
(function () {
  "use strict";
  // Case, accents and joined letters do not count: Stra\u00dfe = strasse, \u0141\u00f3d\u017a = lodz.
  var joined = { "\u00df": "ss", "\u00f8": "o", "\u00e6": "ae", "\u0153": "oe", "\u0142": "l" };
  var fold = function (s) {
    return s.toLowerCase().replace(/[\u00df\u00f8\u00e6\u0153\u0142]/g, function (c) { return joined[c]; })
      .normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  };
  // German readers also type ae, oe, ue for a, o, u with two dots.
  var dots = { "\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue" };
  var alt = function (s) {
    return fold(s.normalize("NFC").toLowerCase().replace(/[\u00e4\u00f6\u00fc]/g, function (c) { return dots[c]; }));
  };

  // Institution filter: words in any order, accents ignored, e-mail address => its domain.
  var picker = document.querySelector("[data-picker]");
  if (picker) {
    var q = picker.querySelector("input[type=search]");
    var list = document.querySelector(".list");
    var count = document.getElementById("q-count");
    var empty = document.querySelector("[data-empty]");
    var items = Array.prototype.map.call(list.querySelectorAll("li"), function (li) {
      var text = li.dataset.name + " " + li.dataset.find;
      return { li: li, key: fold(text) + " " + alt(text), link: li.querySelector("a") };
    });
    var groups = Array.prototype.slice.call(list.querySelectorAll("section"));
    var run = function () {
      var raw = q.value.trim();
      var at = raw.lastIndexOf("@");
      var words = (at >= 0 ? raw.slice(at + 1) : raw).split(/\s+/).filter(Boolean);
      var n = 0;
      items.forEach(function (it) {
        var ok = words.every(function (w) { return it.key.indexOf(fold(w)) >= 0 || it.key.indexOf(alt(w)) >= 0; });
        it.li.hidden = !ok;
        if (ok) { n += 1; }
      });
      groups.forEach(function (g) { g.hidden = !g.querySelector("li:not([hidden])"); });
      empty.hidden = n > 0;
      empty.querySelector("[data-term]").textContent = raw;
      count.textContent = !words.length ? count.dataset.all : n === 1 ? count.dataset.one : count.dataset.many.replace("{n}", n);
    };
    var visible = function () { return items.filter(function (it) { return !it.li.hidden; }); };
    q.addEventListener("input", run);
    q.addEventListener("keydown", function (e) {
      var v = visible();
      if (e.key === "ArrowDown" && v.length) { e.preventDefault(); v[0].link.focus(); }
      if (e.key === "Enter" && v.length === 1) { e.preventDefault(); v[0].link.click(); }
      if (e.key === "Escape") { q.value = ""; run(); }
    });
    list.addEventListener("keydown", function (e) {
      var v = visible().map(function (it) { return it.link; });
      var i = v.indexOf(document.activeElement);
      if (i < 0) { return; }
      if (e.key === "ArrowDown" && v[i + 1]) { e.preventDefault(); v[i + 1].focus(); }
      if (e.key === "ArrowUp") { e.preventDefault(); (v[i - 1] || q).focus(); }
    });
    // The "shared computer" box belongs to this form; without script the search button carries it.
    var shared = document.querySelector("input[name=shared]");
    if (shared) {
      var carry = function () {
        items.forEach(function (it) {
          var u = new URL(it.link.href);
          if (shared.checked) { u.searchParams.set("shared", "1"); } else { u.searchParams.delete("shared"); }
          it.link.href = u.href;
        });
      };
      shared.addEventListener("change", carry);
      // A browser may restore the tick by itself after a reload.
      carry();
    }
    run();
  }

  // Show password, Caps Lock.
  document.querySelectorAll("[data-reveal]").forEach(function (b) {
    var f = document.getElementById(b.dataset.reveal);
    b.hidden = false;
    b.addEventListener("click", function () {
      var on = f.type === "password";
      f.type = on ? "text" : "password";
      b.setAttribute("aria-pressed", String(on));
    });
    if (f.form) { f.form.addEventListener("submit", function () { f.type = "password"; }); }
  });
  document.querySelectorAll("[data-caps]").forEach(function (p) {
    var f = document.getElementById(p.dataset.caps);
    f.addEventListener("keyup", function (e) {
      if (e.getModifierState) { p.hidden = !e.getModifierState("CapsLock"); }
    });
  });

  // Copy a reference.
  document.querySelectorAll("[data-copy]").forEach(function (b) {
    if (!navigator.clipboard) { return; }
    b.hidden = false;
    b.addEventListener("click", function () {
      navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent).then(function () {
        var s = b.querySelector("[data-say]");
        s.setAttribute("role", "status");
        s.textContent = s.dataset.say;
      });
    });
  });

  // The ticket of method=POST goes to its service by itself.
  var post = document.querySelector("form[data-post]");
  if (post) { post.submit(); }

  // Move the focus to an error summary.
  var err = document.querySelector("[data-focus]");
  if (err) { err.focus(); }
})();
