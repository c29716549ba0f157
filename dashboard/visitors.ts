// Who may ask. The server listens on loopback only, but a web page from elsewhere can reach loopback through the
// operator's own browser. So requests must name a loopback host, else a re-bound DNS name would count as the same origin,
// and a WebSocket must come from this very page. Programs send no Origin; for them the check would prove nothing.

import type { IncomingMessage } from "node:http";

export interface Refusal {
  /** Of HTTP, with its reason: "403 Forbidden". */
  readonly status: string;
  readonly text: string;
}

/** Why this request may not become a WebSocket, or null when it may. */
export function refusalOf(request: IncomingMessage): Refusal | null {
  const { host, origin } = request.headers;
  const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!isLoopbackName(host))
    return {
      status: "403 Forbidden",
      text: "Cannot connect: wanted localhost in the address, found another host name",
    };
  if (origin !== undefined && origin !== `http://${host}`) {
    return {
      status: "403 Forbidden",
      text: "Cannot connect: wanted a page of this dashboard, found one from another origin",
    };
  }
  if (request.url !== "/mqtt")
    return { status: "404 Not Found", text: "Cannot connect: wanted /mqtt, found another path" };
  if (!protocols.includes("mqtt"))
    return { status: "400 Bad Request", text: "Cannot connect: wanted the subprotocol mqtt, found none" };
  return null;
}

/** True for localhost, 127.0.0.1 and [::1], with any port: a forwarded port may have another number. */
export function isLoopbackName(host: string | undefined): boolean {
  const name = (host ?? "").replace(/:\d+$/, "");
  return name === "localhost" || name === "127.0.0.1" || name === "[::1]";
}
