// Follows traffic and hands out its connections as Zeek would log them, each when Zeek would be done with it. Every
// place of capture is a Zeek of its own; rules and flow records have no part in it.

import type { Micros } from "../time.js";
import { packetAt, type TrafficBatch, TrafficMerge } from "../traffic/merge.js";
import { packetMark } from "../traffic/packet.js";
import { DatagramAssembly } from "./datagram-assembly.js";
import { type ClockedBatch, FileClock } from "./file-order.js";
import { PlaceConnections } from "./place-connections.js";
import type { ZeekConnection } from "./zeek-connection.js";
import { makesConnection, newZeekPacket, readZeekPacket } from "./zeek-packet.js";

const fragment = packetMark.firstFragment | packetMark.laterFragment;

export type TrackerInput = {
  /** As Zeek's `-C`: what a machine sends is captured before its network card makes the checksums. */
  readonly ignoreChecksums: boolean;
  readonly onConnection: (connection: ZeekConnection) => void;
};

type Place = { readonly connections: PlaceConnections; readonly datagrams: DatagramAssembly };

export class ConnectionTracker {
  readonly #clock = new FileClock();
  readonly #merge = new TrafficMerge<ClockedBatch>((traffic, run) => {
    for (let place = run.from; place < run.to; place++) this.#take(traffic, packetAt(run, place));
  });
  readonly #packet = newZeekPacket();
  readonly #places = new Map<string, Place>();

  constructor(private readonly input: TrackerInput) {}

  /** Batches come as `inFileOrder` has them. */
  push(traffic: TrafficBatch): void {
    this.#merge.push(this.#clock.clocked(this.input.ignoreChecksums ? unverified(traffic) : traffic));
  }

  /** Ends what is still live. */
  finish(): void {
    this.#merge.drainBefore(Number.POSITIVE_INFINITY);
    for (const place of [...this.#places.keys()].sort()) this.#places.get(place)!.connections.finish();
  }

  #take(traffic: ClockedBatch, index: number): void {
    const { connections, datagrams } = this.#place(traffic.place);
    connections.advance(traffic.batch.time[index]! as Micros);
    if (!makesConnection(traffic, index)) return;
    const isFragment = (traffic.batch.marks[index]! & fragment) !== 0;
    const packet = isFragment ? datagrams.take(traffic, index) : readZeekPacket(traffic, index, this.#packet);
    if (packet !== null) connections.take(packet);
  }

  #place(name: string): Place {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = {
      connections: new PlaceConnections(name, this.input.onConnection),
      datagrams: new DatagramAssembly(),
    };
    this.#places.set(name, place);
    return place;
  }
}

function unverified(traffic: TrafficBatch): TrafficBatch {
  const bad = packetMark.badChecksum | packetMark.badHeader;
  return { ...traffic, batch: { ...traffic.batch, marks: traffic.batch.marks.map((marks) => marks & ~bad) } };
}
