// The chosen theme, before anything is painted; see site.js.
(function (html) {
  html.className = "js";
  try { html.dataset.theme = localStorage.theme || ""; } catch (error) { /* no memory, no choice */ }
})(document.documentElement);
