// What pcap and pcapng have in common: frames are decoded where they lie, packets gathered into one batch for each place
// of capture, and all that was left out is told at the end.

import {
  type DecodeOutcome,
  decodeFrame,
  decodeOutcome,
  endOfTime,
  maxBatchPackets,
  microsPerSecond,
  newFrame,
  newPacket,
  PacketBatchBuilder,
} from "@conntrail/engine";
import type { ByteWindow } from "./byte-window.js";
import { ClockCheck } from "./clock-check.js";
import { DroppedPackets } from "./dropped-packets.js";
import type { CaptureContext, Imported } from "./importer.js";
import { LeftOut, type Refusal } from "./left-out.js";

/** Where frames of one link type were taken. `name` is the interface's part of its source: empty where it is all of it. */
export type CaptureInterface = { readonly place: Place; readonly name: string; readonly linkType: number };

/**
 * A place of capture and its batch in the making, with the offset of its first packet's record; interfaces share it where
 * the user named it.
 */
type Place = { readonly name: string; builder: PacketBatchBuilder | null; offset: number };

/** A full batch in the making takes 0.7 MB; places beyond the first few make do with smaller ones. */
const fullBuilders = 64;
const smallBatchPackets = 1024;

/** Captures of several interfaces or queues are written a little out of order; the bound is our choice. */
const orderToleranceMicros = microsPerSecond;

/** Progress is told after so many records at the latest. */
const progressRecords = 65_536;

export class Capture {
  /** The caller sets where the frame lies before each `add`. */
  readonly frame = newFrame();
  /** Packet records of the file so far. */
  records = 0;
  readonly dropped = new DroppedPackets();
  readonly #context: CaptureContext;
  readonly #packet = newPacket();
  readonly #leftOut = new LeftOut();
  readonly #clock: ClockCheck;
  readonly #places = new Map<string, Place>();
  #builders = 0;
  #ready: Imported[] = [];
  #told = 0;
  #stored = 0;
  #firstTime: number | null = null;
  #lastTime: number | null = null;

  readonly #window: ByteWindow;

  /** The caller adds a packet while its record begins at `window.at`. */
  constructor(context: CaptureContext, window: ByteWindow) {
    this.#context = context;
    this.#clock = new ClockCheck({ now: context.now, orderToleranceMicros, unit: null });
    this.#window = window;
  }

  /** `name` is the interface's own; the user's place of capture goes before it. */
  interface(name: string, linkType: number): CaptureInterface {
    const placeName = this.#context.place ?? name;
    const place = this.#places.get(placeName) ?? { name: placeName, builder: null, offset: 0 };
    this.#places.set(placeName, place);
    return { place, name, linkType };
  }

  /** Counts a record without a packet that could be kept. */
  refuse(refusal: Refusal): void {
    this.records++;
    this.#leftOut.refuse(refusal, this.records);
  }

  /** Takes the packet of the frame; `time` in microseconds since the epoch, of any size. */
  add(source: CaptureInterface, time: number): void {
    const record = ++this.records;
    this.#firstTime ??= time;
    this.#lastTime = time;
    if (this.#context.isStored(source.place.name, record)) this.#passOver(source.place);
    else this.#decode(source, time);
  }

  /** Takes the packet of a record that has no time of its own: that of the record before it stands in. */
  addWithoutTime(source: CaptureInterface): void {
    if (this.#lastTime === null) {
      this.refuse("no-time");
    } else {
      this.#leftOut.countBorrowedTime();
      this.add(source, this.#lastTime);
    }
  }

  /** For a file that goes on with other interfaces: those so far have no more packets, unless they share a place. */
  forgetInterfaces(): void {
    if (this.#context.place === null) this.#closeAll();
  }

  /** For content that comes slowly: the batches in the making go as they are. */
  handOver(): void {
    for (const place of this.#places.values()) this.#close(place);
  }

  /** The batches that are complete, and how far reading has come. */
  takeReady(): readonly Imported[] {
    if (this.#ready.length === 0 && this.records - this.#told < progressRecords) return [];
    const ready: Imported[] = [...this.#ready, this.#progress()];
    this.#ready = [];
    this.#told = this.records;
    return ready;
  }

  /** The rest, and what was left out. */
  *finish(): Iterable<Imported> {
    this.#closeAll();
    yield* this.#ready;
    yield* this.#leftOut.told();
    yield* this.dropped.told(this.#firstTime);
    yield* this.#clock.told();
    if (this.records === 0) yield { kind: "note", message: "the capture holds no packets" };
    yield this.#progress();
  }

  #progress(): Imported {
    return { kind: "records", count: this.records, stored: this.#stored };
  }

  #decode(source: CaptureInterface, time: number): void {
    this.frame.linkType = source.linkType;
    const outcome = decodeFrame(this.frame, this.#packet);
    if (outcome !== decodeOutcome.packet) this.#leaveOut(outcome, source);
    else if (Math.abs(time) > endOfTime) this.#leftOut.refuse("time-range", this.records);
    else this.#keep(source.place, time);
  }

  #keep(place: Place, time: number): void {
    place.builder ??= this.#newBuilder();
    const { builder } = place;
    if (builder.count === 0) place.offset = this.#window.offset;
    this.#packet.time = time;
    this.#packet.frame = this.records;
    builder.add(this.#packet);
    this.#clock.hear(time, this.records);
    if (builder.full) this.#close(place);
  }

  #newBuilder(): PacketBatchBuilder {
    this.#builders++;
    return new PacketBatchBuilder(this.#builders > fullBuilders ? smallBatchPackets : maxBatchPackets);
  }

  #leaveOut(outcome: DecodeOutcome, source: CaptureInterface): void {
    if (outcome === decodeOutcome.notIp) this.#leftOut.countWithoutIp(this.frame);
    else if (outcome === decodeOutcome.unsupportedLink) this.#leftOut.refuseLinkType(source, this.records);
    else this.#leftOut.refuse(outcome === decodeOutcome.truncated ? "truncated" : "malformed", this.records);
  }

  /** A batch ends where stored frames follow, since it holds all packets between its first frame and its last. */
  #passOver(place: Place): void {
    this.#stored++;
    this.#close(place);
  }

  #close(place: Place): void {
    if (place.builder === null || place.builder.count === 0) return;
    const { name, builder, offset } = place;
    this.#ready.push({ kind: "packets", place: name, batch: builder.finish(), offset });
  }

  #closeAll(): void {
    this.handOver();
    this.#places.clear();
    this.#builders = 0;
  }
}
