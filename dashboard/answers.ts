// How the server answers: every answer carries the same strict headers, and what changes is never cached.
//
// The policy lets the page run its own scripts, load its own styles and talk to this server, and nothing else; trusted
// types forbid scripts to make markup from text, so that text from the network can never become an element.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { PageFile } from "dashboard/files";

const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

export function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const caching = file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache";
  const headers = {
    ...securityHeaders,
    "content-type": file.type,
    "cache-control": caching,
    etag: file.tag,
    vary: "accept-encoding",
  };
  if (request.headers["if-none-match"] === file.tag) {
    response.writeHead(304, headers).end();
    return;
  }
  const takesGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const body = takesGzip ? file.gzipped : file.bytes;
  response
    .writeHead(200, { ...headers, ...(takesGzip ? { "content-encoding": "gzip" } : {}), "content-length": body.length })
    .end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, "application/json", `${JSON.stringify(value)}\n`);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", `${text}\n`);
}

/** Node leaves the body out by itself when the request was HEAD. */
function send(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      ...securityHeaders,
      "content-type": type,
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(body),
    })
    .end(body);
}
