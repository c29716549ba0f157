// The device port "socket": one outgoing TCP connection of its owner at a time. No operation waits:
// each is a `send`, what comes of it arrives as a message to the owner.
//
// To the port:   open { connection, host, port } · write { connection, bytes } · close { connection }
// From the port: opened { connection } · received { connection, bytes } · closed { connection, reason }
//
// `connection` is chosen by the owner, larger for each open; what arrives for an older one is stale. Every `open` is
// followed by exactly one `closed`. `write` answers `full` while the peer does not read. `received` stops coming while
// the owner's mailbox is full: TCP then holds the peer back.

export interface SocketOpen {
  readonly connection: number;
  readonly host: string;
  readonly port: number;
}

export interface SocketBytes {
  readonly connection: number;
  readonly bytes: Uint8Array;
}

export interface SocketClose {
  readonly connection: number;
}

export interface SocketClosed {
  readonly connection: number;
  readonly reason: string;
}
