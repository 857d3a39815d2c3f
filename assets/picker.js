// The list of institutions: filter while typing, keys, the box of shared computers.
(function () {
  var picker = document.querySelector("[data-picker]");
  if (!picker) { return; }
  var q = picker.querySelector("input[type=search]");
  var list = document.querySelector(".list");
  var count = document.getElementById("q-count");
  var shared = document.querySelector("input[name=shared]");
  var more = picker.dataset.more;
  var links = function () { return Array.from(list.querySelectorAll("li:not([hidden]) .pick > a:first-child")); };

  // All institutions are in the page.
  var items = more ? [] : Array.from(list.querySelectorAll("section:not([data-above]) li"));
  var groups = Array.from(list.querySelectorAll("section:not([data-above])"));
  // Whose whole name was typed stands above the others; its own place is hidden meanwhile.
  var raise = function (lis) {
    var section = list.querySelector("[data-above]");
    if (section) { section.remove(); }
    if (!lis.length) { return; }
    section = document.createElement("section");
    section.dataset.above = "";
    section.append(document.createElement("ul"));
    lis.forEach(function (li) {
      section.firstChild.append(li.cloneNode(true));
      li.hidden = true;
    });
    groups[0].before(section);
  };
  var filter = function () {
    var wanted = query(q.value);
    var n = 0;
    items.forEach(function (li) {
      li.hidden = !finds(wanted, li.dataset.find);
      if (!li.hidden) { n += 1; }
    });
    raise(n > 1 ? items.filter(function (li) { return exactly(wanted, li.dataset.find); }) : []);
    groups.forEach(function (g) { g.hidden = !g.querySelector("li:not([hidden])"); });
    var empty = list.querySelector("[data-empty]");
    empty.hidden = n > 0;
    empty.querySelector("[data-term]").textContent = q.value.trim();
    count.textContent = !wanted.length ? count.dataset.all : n === 1 ? count.dataset.one : count.dataset.many.replace("{n}", n);
  };

  // They are too many: the server is asked, and only its answer to the last question counts.
  var timer, last, waits, isEntered;
  var fails = function (url) {
    if (last === url && isEntered) { picker.submit(); }
  };
  var ask = function () {
    clearTimeout(timer);
    waits = true;
    isEntered = false;
    timer = setTimeout(function () {
      var url = new URL(more, location);
      if (q.value.trim()) { url.searchParams.set("q", q.value.trim()); }
      last = url.href;
      fetch(url).then(function (a) { return a.ok ? a.text() : ""; }).then(function (html) {
        if (last !== url.href) { return; }
        if (!html) { fails(url.href); return; }
        waits = false;
        list.innerHTML = html;
        list.scrollTop = 0;
        count.textContent = list.querySelector("[data-count]").dataset.count;
        carry();
        if (isEntered) { open(); }
      }).catch(function () { fails(url.href); });
    }, 120);
  };
  var run = more ? ask : filter;

  // Without this script the search button carries the box on.
  var carry = function () {
    document.querySelectorAll(".pick > a:first-child, a[data-local]").forEach(function (a) {
      var u = new URL(a.href);
      if (shared.checked) { u.searchParams.set("shared", "1"); } else { u.searchParams.delete("shared"); }
      a.href = u.href;
    });
  };

  // The only one, or the one whose whole name was typed. Out: whether there is one.
  var open = function () {
    var above = list.querySelectorAll("[data-above] .pick > a:first-child");
    var v = above.length ? above : links();
    if (v.length === 1) { v[0].click(); }
    return v.length === 1;
  };

  q.addEventListener("input", run);
  q.addEventListener("keydown", function (e) {
    var v = links();
    if (e.key === "ArrowDown" && v.length) { e.preventDefault(); v[0].focus(); }
    // Before the answer is there, it is waited for.
    if (e.key === "Enter" && (waits || open())) { e.preventDefault(); isEntered = true; }
    if (e.key === "Escape" && q.value) { e.preventDefault(); q.value = ""; run(); }
  });
  list.addEventListener("keydown", function (e) {
    var v = links();
    var i = v.indexOf(document.activeElement);
    if (i < 0) { return; }
    if (e.key === "ArrowDown" && v[i + 1]) { e.preventDefault(); v[i + 1].focus(); }
    if (e.key === "ArrowUp") { e.preventDefault(); (v[i - 1] || q).focus(); }
    if (e.key === "Escape") { q.focus(); }
  });
  shared.addEventListener("change", carry);
  // A browser may restore the tick and the text by itself after a reload.
  carry();
  if (q.value !== q.defaultValue || !more) { run(); }
})();
