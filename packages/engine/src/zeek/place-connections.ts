// The connections of one place of capture, as one Zeek process would keep them: found by key, opened, fed with packets,
// removed when a timer or a reuse of their ports says so.

import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import { addressAt } from "../traffic/packet-view.js";
import { isIcmp, protocolNumber } from "../wire/protocol.js";
import { type Connection, exchangeRoles, newConnection } from "./connection.js";
import { type ConnectionKey, connectionKey } from "./connection-key.js";
import { isReuse, isServers, uidOf } from "./connection-opening.js";
import { ConnectionTimers } from "./connection-timers.js";
import { countPacket } from "./packet-count.js";
import { type ZeekConnection, zeekConnection } from "./zeek-connection.js";
import type { ZeekPacket } from "./zeek-packet.js";

export class PlaceConnections {
  readonly #live = new Map<string, Connection>();
  readonly #timers = new ConnectionTimers((connection) => this.#remove(connection));
  /** Of the dictionary that the last packet was in, what its flows are here. */
  #flows: FlowDictionary | null = null;
  #known: (Connection | undefined)[] = [];

  constructor(
    private readonly place: string,
    private readonly onEnd: (connection: ZeekConnection) => void,
  ) {}

  /** Timers that are due by then come first; packets of no connection move the time on as well. */
  advance(time: ZeekPacket["time"]): void {
    this.#timers.advance(time);
  }

  take(packet: ZeekPacket): void {
    const known = this.#knownOf(packet);
    if (known === undefined || known.removed || isReuse(known, packet)) this.#takeKeyed(packet);
    else countPacket(known, packet, packet.from, this.#timers.consequences);
  }

  /** All that are left, in the order in which they were opened. */
  finish(): void {
    for (const connection of this.#live.values()) this.#end(connection);
    this.#live.clear();
  }

  /** One flow of the dictionary is one connection at a time, but not of ICMP. */
  #knownOf({ protocol, flows, flow }: ZeekPacket): Connection | undefined {
    if (isIcmp(protocol)) return undefined;
    if (flows !== this.#flows) {
      this.#flows = flows;
      this.#known = [];
    }
    return this.#known[flow];
  }

  #takeKeyed(packet: ZeekPacket): void {
    const key = connectionKey(packet);
    const found = this.#live.get(key.text);
    const isReused = found !== undefined && isReuse(found, packet);
    if (isReused) this.#remove(found);
    const connection = found === undefined || isReused ? this.#open(packet, key) : found;
    if (!isIcmp(packet.protocol)) this.#known[packet.flow] = connection;
    countPacket(connection, packet, key.from, this.#timers.consequences);
  }

  #open(packet: ZeekPacket, key: ConnectionKey): Connection {
    const { protocol, flows, flow, time } = packet;
    const connection = newConnection({
      key: key.text,
      uid: uidOf(this.place, packet),
      protocol,
      addresses: [addressAt(flows, flow, 0), addressAt(flows, flow, 1)],
      ports: key.ports,
      openedAt: time,
      originator: key.from,
      isTcp: protocol === protocolNumber.tcp,
    });
    if (isServers(connection, packet)) exchangeRoles(connection);
    this.#live.set(key.text, connection);
    this.#timers.opened(connection);
    return connection;
  }

  #remove(connection: Connection): void {
    this.#live.delete(connection.key);
    this.#timers.removed(connection);
    this.#end(connection);
  }

  #end(connection: Connection): void {
    connection.removed = true;
    this.onEnd(zeekConnection(this.place, connection));
  }
}
