// The kinds of pages of a site, each with one page that stands for it.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

// Pages of modules and lists: by site, by kind. A page that a site must have is `name`; one
// that it has only where real data is at hand is found among several.
const BELOW = {
  example: {
    module: "eessi.io/2023.06/salmon/index.html",
    "module-with-extensions": "eessi.io/2023.06/python/index.html",
    extension: "eessi.io/2023.06/ext/python/setuptools/index.html",
    list: "eessi.io/2023.06/index.html",
    "module-by-hand": "warpsys.org/vim/index.html",
    release: "eessi.io/2023.06/salmon/_releases/1.10.3-GCC-12.3.0.html",
  },
  rich: {
    module: "eessi.io/2023.06/gromacs/index.html",
    "module-with-extensions": "eessi.io/2023.06/r/index.html",
    extension: "eessi.io/2023.06/ext/r/rcpp/index.html",
    "module-by-hand": "warpsys.org/bash/index.html",
    hostile: "x.org/a;b$(c)'&%41#=+/index.html",
    empty: "x.org/empty/index.html",
    recipe: "spack.example/zlib/index.html",
    virtual: "spack.example/mpi/index.html",
    specs: "cache.example/builds/hdf5/index.html",
    builds: "cache.example/builds/zlib/index.html",
    "needed-by": "spack.example/gmake/_needed-by.html",
    list: "spack.example/index.html",
    "list-short": "eessi.io/index.html",
  },
  real: {
    module: "eessi.io/2023.06/gromacs/index.html",
    "module-with-extensions": "eessi.io/2023.06/r-bundle-cran/index.html",
    recipe: "spack.io/hdf5/index.html",
    virtual: "spack.io/mpi/index.html",
    "needed-by": "spack.io/cmake/_needed-by.html",
    image: "images.example/compute/gromacs/index.html",
    list: "spack.io/index.html",
  },
};
// Folders of ours that hold no pages.
const NOT_PAGES = new Set(["_assets", "_data", "_sitemap"]);

// Every `.html` file below a folder of the site, by its path, in the order of names.
export function pages(folder, below = "") {
  const found = [];
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...pages(folder, path));
    else if (path.endsWith(".html")) found.push(path);
  }
  return found.sort();
}

// The largest of some files: it holds the most of what its kind can hold.
function largest(folder, paths) {
  const size = (path) => statSync(join(folder, path)).size;
  return paths.reduce((best, path) => (best && size(best) >= size(path) ? best : path), undefined);
}

// Name → path. Pages of our own are found by their folders, so that a new kind is looked at
// as soon as there is one.
export function kinds(site, folder) {
  const found = { home: "index.html", "not-found": "404.html" };
  const ours = readdirSync(folder, { withFileTypes: true });
  for (const entry of ours) {
    if (!entry.isDirectory() || !entry.name.startsWith("_") || NOT_PAGES.has(entry.name)) continue;
    const all = pages(folder, entry.name);
    const name = entry.name.slice(1);
    if (all.includes(`${entry.name}/index.html`)) found[name] = `${entry.name}/index.html`;
    const one = largest(folder, all.filter((path) => path !== `${entry.name}/index.html`));
    if (one) found[`${name}-one`] = one;
  }
  for (const [name, path] of Object.entries(BELOW[site])) {
    if (!existsSync(join(folder, path))) throw new Error(`the site ${site} has no ${path}`);
    found[name] = path;
    const replays = path.replace(/index\.html$/, "_replays");
    if (!found.replay && existsSync(join(folder, replays))) found.replay = largest(folder, pages(folder, replays));
  }
  return found;
}

// A path as a URL has it.
export const url = (path) => path.split("/").map(encodeURIComponent).join("/");
