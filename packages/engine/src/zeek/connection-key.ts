// What names a connection to Zeek: protocol, addresses, ports; of ICMP the type, with its counterpart or the code at the
// other end (ICMP.cc). Messages without a counterpart are connections of one direction.

import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import { addressAt } from "../traffic/packet-view.js";
import { compareAddresses } from "../wire/address.js";
import { isIcmp, protocolNumber } from "../wire/protocol.js";
import { type End, otherEnd, type Pair } from "./connection.js";
import type { ZeekPacket } from "./zeek-packet.js";

export type ConnectionKey = { readonly text: string; readonly from: End; readonly ports: Readonly<Pair<number>> };

const counterparts4 = counterparts([8, 0], [13, 14], [15, 16], [10, 9], [17, 18]);
const counterparts6 = counterparts([128, 129], [133, 134], [135, 136], [130, 131], [139, 140], [144, 145]);

function counterparts(...pairs: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(
    pairs.flatMap(([request, reply]) => [
      [request, reply],
      [reply, request],
    ]),
  );
}

export function connectionKey(packet: ZeekPacket): ConnectionKey {
  return isIcmp(packet.protocol) ? icmpKey(packet) : plainKey(packet);
}

function plainKey({ flows, flow, from, protocol }: ZeekPacket): ConnectionKey {
  const hasPorts = protocol === protocolNumber.tcp || protocol === protocolNumber.udp;
  const ports: Pair<number> = hasPorts ? [flows.ports[flow * 2]!, flows.ports[flow * 2 + 1]!] : [0, 0];
  return { text: textOf(flows, flow, ports), from, ports };
}

function icmpKey({ flows, flow, from, protocol, flags }: ZeekPacket): ConnectionKey {
  const type = flags >> 8;
  const counterpart = (protocol === protocolNumber.icmp ? counterparts4 : counterparts6).get(type);
  const own = counterpart === undefined ? from : icmpEnd(flows, flow, { from, type, counterpart });
  const other = counterpart ?? flags & 255;
  const ports: Pair<number> = own === 0 ? [type, other] : [other, type];
  const oneWay = counterpart === undefined ? ` ${own}` : "";
  return { text: textOf(flows, flow, ports) + oneWay, from: own, ports };
}

/** A machine that pings itself: the ends differ by their types alone. */
function icmpEnd(
  flows: FlowDictionary,
  flow: number,
  { from, type, counterpart }: { from: End; type: number; counterpart: number },
): End {
  const differ = compareAddresses(addressAt(flows, flow, 0), addressAt(flows, flow, 1)) !== 0;
  return differ ? from : type < counterpart ? 0 : otherEnd(0);
}

/** Characters for numbers: it is made once a flow and batch, and never shown. */
function textOf({ words, protocols }: FlowDictionary, flow: number, ports: Readonly<Pair<number>>): string {
  let text = String.fromCharCode(protocols[flow]!, ports[0], ports[1]);
  for (let at = flow * 8; at < flow * 8 + 8; at++) text += String.fromCharCode(words[at]! >>> 16, words[at]! & 0xffff);
  return text;
}
