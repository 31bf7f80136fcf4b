// What a capture holds and no batch does: counted while reading, told once for each kind at the end.

import { type Frame, linkType } from "@conntrail/engine";
import type { Imported, ProblemKind } from "./importer.js";

/** Why the packet of a record could not be kept. */
export type Refusal = "malformed" | "truncated" | "no-time" | "time-range" | "no-interface" | "bad-block";

type Tally = { readonly firstRecord: number; count: number };

const reasons: Readonly<Record<Refusal, string>> = {
  malformed: "with headers that contradict the frame's length; compare with another capture of the same traffic",
  truncated: "cut off by the capture inside the headers; capture with a larger snapshot length",
  "no-time": "without a time, before any that has one; write the capture with enhanced packet blocks",
  "time-range": "with times beyond the year 2243; check the time resolution of the file's interfaces",
  "no-interface": "of an interface that the file does not describe; copy or capture the file again",
  "bad-block": "in blocks too short for what they claim; copy or capture the file again",
};

const kinds: Readonly<Record<Refusal, ProblemKind>> = {
  malformed: "malformed",
  truncated: "cut-off",
  "no-time": "missing-field",
  "time-range": "clock",
  "no-interface": "missing-field",
  "bad-block": "malformed",
};

const linkTypeNames = new Map([
  [9, "PPP"],
  [105, "802.11"],
  [127, "802.11 with radiotap"],
  [239, "NFLOG"],
]);

const linkProtocolNames = new Map([
  [0x0806, "ARP"],
  [0x8035, "RARP"],
  [0x8847, "MPLS"],
  [0x8863, "PPPoE discovery"],
  [0x8864, "PPPoE session"],
  [0x888e, "EAPOL"],
  [0x88cc, "LLDP"],
]);

/** Up to here Ethernet's type field is a length, and LLC follows (IEEE 802.3). */
const maxLlcLength = 1500;

export class LeftOut {
  readonly #refused = new Map<Refusal, Tally>();
  readonly #unsupported = new Map<string, Tally & { readonly linkType: number }>();
  readonly #withoutIp = new Map<string, number>();
  #timesBorrowed = 0;

  refuse(refusal: Refusal, record: number): void {
    const tally = this.#refused.get(refusal);
    if (tally === undefined) this.#refused.set(refusal, { firstRecord: record, count: 1 });
    else tally.count++;
  }

  /** Counts by interface, since each has its link type. */
  refuseLinkType(source: { readonly name: string; readonly linkType: number }, record: number): void {
    const tally = this.#unsupported.get(source.name);
    if (tally !== undefined) tally.count++;
    else this.#unsupported.set(source.name, { firstRecord: record, count: 1, linkType: source.linkType });
  }

  countWithoutIp(frame: Frame): void {
    const name = linkProtocolName(frame);
    this.#withoutIp.set(name, (this.#withoutIp.get(name) ?? 0) + 1);
  }

  /** A packet that was kept with the time of the one before it. */
  countBorrowedTime(): void {
    this.#timesBorrowed++;
  }

  *told(): Iterable<Imported> {
    for (const [name, tally] of this.#unsupported) yield problemOf("unsupported", tally, unsupportedText(name, tally));
    for (const [refusal, tally] of this.#refused)
      yield problemOf(kinds[refusal], tally, `left out ${framesOf(tally)} ${reasons[refusal]}`);
    if (this.#timesBorrowed > 0) yield { kind: "note", message: borrowedText(this.#timesBorrowed) };
    if (this.#withoutIp.size > 0) yield { kind: "note", message: withoutIpText(this.#withoutIp) };
  }
}

function problemOf(kind: ProblemKind, { firstRecord }: Tally, message: string): Imported {
  return { kind: "problem", problem: { kind, record: firstRecord, message } };
}

function framesOf({ count }: Tally): string {
  return count === 1 ? "1 frame" : `${count} frames, the first of them here,`;
}

function unsupportedText(name: string, tally: Tally & { readonly linkType: number }): string {
  const type = linkTypeNames.get(tally.linkType);
  const link = `link type \`${tally.linkType}\`${type === undefined ? "" : ` (${type})`}`;
  const frames = tally.count === 1 ? "its only frame" : `its ${tally.count} frames`;
  const what = name === "" ? "the capture" : `interface \`${name}\``;
  return `left out ${what} with ${frames}: ${link} is not supported; capture on Ethernet, raw IP or Linux \`any\``;
}

function borrowedText(count: number): string {
  const packets = count === 1 ? "1 packet carries" : `${count} packets carry`;
  return `${packets} no time; each was given that of the packet before it in the file`;
}

function withoutIpText(counts: ReadonlyMap<string, number>): string {
  const kinds = [...counts].sort(([, a], [, b]) => b - a);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const list = kinds.map(([name, count]) => `${count} ${name}`).join(", ");
  return `${total === 1 ? "1 frame carries" : `${total} frames carry`} no IP: ${list}`;
}

function linkProtocolName({ linkType: link, linkProtocol: protocol }: Frame): string {
  if ((link === linkType.null || link === linkType.loop) && protocol <= maxLlcLength)
    return `address family ${protocol}`;
  if (protocol <= maxLlcLength) return "LLC";
  return linkProtocolNames.get(protocol) ?? `ethertype 0x${protocol.toString(16).padStart(4, "0")}`;
}
