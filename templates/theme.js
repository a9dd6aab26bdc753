// The chosen theme, before anything is painted; see site.js.
(function (html) {
  html.className = "js";
  try { html.dataset.theme = localStorage.getItem("theme") || ""; } catch (error) { /* no memory, no choice */ }
})(document.documentElement);
