// What every page shares: data files that also load from file://, the theme, copying, and
// how old the sources are. A data file is a script that calls `warecat.data(name, value)`;
// no other file is fetched. Words that people read stand in the page.
(function () {
  "use strict";
  var html = document.documentElement, words = document.body.dataset;
  var root = html.dataset.root || "", waiting = {};
  self.warecat = {
    root: root,
    // Called by data files.
    data: function (name, value) { if (waiting[name]) waiting[name](value); },
    // Loads `_data/<name>.js` once; gives a promise of its value.
    load: function (name, version) {
      var kept = warecat.load.kept = warecat.load.kept || {};
      return kept[name] || (kept[name] = new Promise(function (done, failed) {
        waiting[name] = done;
        var script = document.createElement("script");
        script.src = root + "_data/" + name + ".js" + (version ? "?" + version : "");
        script.onerror = function () { delete kept[name]; failed(new Error(name)); };
        document.head.append(script);
      }));
    },
    // Copies an element's text, and says so.
    copy: function (source, button) {
      var selection = getSelection();
      var said = function () {
        button.classList.add("done");
        document.getElementById("said").textContent = words.copied;
        setTimeout(function () {
          button.classList.remove("done");
          document.getElementById("said").textContent = "";
        }, 2000);
      };
      var select = function () {
        selection.selectAllChildren(source);
        if (document.execCommand("copy")) said();
      };
      if (navigator.clipboard) navigator.clipboard.writeText(source.textContent).then(said, select); else select();
    }
  };

  // The theme: what the system says, light, or dark.
  var toggle = document.querySelector(".theme");
  if (toggle) {
    var themes = ["", "light", "dark"], names = toggle.dataset.names.split(",");
    var show = function () {
      var at = Math.max(themes.indexOf(html.dataset.theme), 0);
      toggle.setAttribute("aria-label", toggle.title = toggle.textContent + names[at]);
      return at;
    };
    toggle.onclick = function () {
      html.dataset.theme = themes[(show() + 1) % 3];
      try { localStorage.setItem("theme", html.dataset.theme); } catch (error) { /* for this page only */ }
      show();
    };
    show();
  }

  // A button beside each id and command that is on view.
  var add = function (within) {
    within.querySelectorAll(".id, .cid, .cmd").forEach(function (code) {
      var next = code.nextElementSibling;
      if (code.closest("details:not([open])") || next && next.className.startsWith("copy")) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.title = words.copy;
      button.setAttribute("aria-label", words.copy + " " + code.textContent.trim());
      button.onclick = function () { warecat.copy(code, button); };
      code.after(button);
    });
  };
  add(document);
  document.addEventListener("toggle", function (event) { add(event.target); }, true);

  // Sources that were read long ago.
  document.querySelectorAll(".as-of time").forEach(function (time) {
    var days = Math.floor((Date.now() - Date.parse(time.dateTime)) / 864e5);
    if (days <= 60) return;
    var note = document.createElement("span");
    note.className = "kind some";
    note.textContent = days + " " + words.old;
    time.after(" ", note);
  });
})();
