// How a packet opens a connection in Zeek: whether it ends one of the same ports, who is taken for the originator, and
// the connection's uid.

import { ContentHash } from "../content-hash.js";
import { equalAddresses, parseAddress } from "../wire/address.js";
import { protocolNumber } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { type Connection, otherEnd, responderOf } from "./connection.js";
import { isLikelyServerPort } from "./likely-server-port.js";
import type { ZeekPacket } from "./zeek-packet.js";

/**
 * A SYN that begins a new connection with the ports of this one: any once an end has closed, else one with another
 * sequence number, unless it is the SYN of a SYN+ACK that came too early.
 */
export function isReuse({ tcp, originator }: Connection, { flags, sequence }: ZeekPacket): boolean {
  if (tcp === null || (flags & tcpFlag.syn) === 0) return false;
  const [opener, responder] = [tcp.endpoints[originator], tcp.endpoints[otherEnd(originator)]];
  const isAnswer = (flags & tcpFlag.ack) !== 0;
  if (isAnswer && opener.state !== "inactive") return false;
  if (opener.didClose || responder.didClose) return true;
  const endpoint = isAnswer ? responder : opener;
  const isMisordered = !isAnswer && endpoint.state === "syn-ack-sent" && responder.state === "inactive";
  return sequence !== endpoint.start && !(isMisordered && sequence === responder.start);
}

const broadcast = parseAddress("255.255.255.255")!;

/** Whether the first packet that was seen is taken for a server's: by its ports, where it is no SYN. */
export function isServers(connection: Connection, { flags }: ZeekPacket): boolean {
  const { ports, originator, addresses, protocol } = connection;
  if (equalAddresses(addresses[responderOf(connection)], broadcast)) return false;
  const [source, destination] = [ports[originator], ports[responderOf(connection)]];
  const isSyn = protocol === protocolNumber.tcp && (flags & tcpFlag.syn) !== 0;
  if ((isSyn && (flags & tcpFlag.ack) === 0) || !isLikelyServerPort(protocol, source)) return false;
  if (!isLikelyServerPort(protocol, destination)) return true;
  return protocol === protocolNumber.tcp && !isSyn && source < destination;
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Zeek's are random: `C` and digits of base 62. Ours are a hash of what opened the connection. */
export function uidOf(place: string, { sha256, frame, time }: ZeekPacket): string {
  let bits = new ContentHash().text(place).text(sha256).number(frame).number(time).bits();
  let text = "";
  for (; bits > 0n; bits /= 62n) text = digits[Number(bits % 62n)]! + text;
  return `C${text}`;
}
