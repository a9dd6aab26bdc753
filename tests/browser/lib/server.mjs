// A small static server: gzip, a page for what is not there, a prefix if one is wanted.
// Loopback only; it ends when it is closed.

import { createServer } from "node:http";
import { readFileSync, statSync } from "node:fs";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".json": "application/json", ".svg": "image/svg+xml", ".xml": "application/xml", ".txt": "text/plain; charset=utf-8",
  ".ndjson": "application/x-ndjson",
};

// What a path of a URL leads to: a file of the folder, or nothing.
function find(folder, path) {
  const file = normalize(join(folder, decodeURIComponent(path)));
  if (file !== folder && !file.startsWith(folder + sep)) return null;
  const at = statSync(file, { throwIfNoEntry: false });
  if (at?.isDirectory()) return find(folder, join(path, "index.html"));
  return at?.isFile() ? file : null;
}

// Serves a folder; gives its address, which ends in `/`, what was asked for, and a way to end it.
export async function serve(folder, prefix = "/") {
  const kept = new Map();
  const missing = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://local").pathname;
    const found = path.startsWith(prefix) ? find(folder, path.slice(prefix.length)) : null;
    if (!found) missing.push(path);
    const file = found ?? find(folder, "404.html");
    if (!file) return response.writeHead(404).end();
    if (!kept.has(file)) kept.set(file, gzipSync(readFileSync(file)));
    const body = kept.get(file);
    response.writeHead(found ? 200 : 404, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-encoding": "gzip", "content-length": body.length, "cache-control": "no-store",
    });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}${prefix}`;
  const close = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return { url, missing, close };
}
