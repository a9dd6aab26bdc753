// What every page shares: the site's root, and data files that also load from file://.
// A data file is a script that calls `warecat.data(name, value)`; no other file is fetched.
(function () {
  "use strict";
  var root = document.documentElement.dataset.root || "";
  var waiting = {};
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
    }
  };
})();
