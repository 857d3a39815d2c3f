// Optional additions. Every page works without this file.
(function () {
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
