// Whether two exports hold the same reports: all that one tells, and nothing of where it stands.

import { ContentHash } from "../content-hash.js";
import type { FlowDictionary } from "../traffic/flow-dictionary.js";
import type { ReportedBatch } from "./reported-batch.js";

const wide = ["time", "lastTime", "packetsForward", "bytesForward", "packetsBackward", "bytesBackward"] as const;
const narrow = ["marks", "flags", "ordinal"] as const;
const named = ["sensor", "rule", "detail"] as const;

/** A number for each report, of 53 bits: equal for equal reports, in whatever batch, and else hardly ever. */
export function reportIdentities(batch: ReportedBatch): Float64Array {
  const wideColumns = wide.map((name) => batch[name]);
  const narrowColumns = narrow.map((name) => batch[name]);
  const texts = named.map((name) => Float64Array.from(batch[`${name}s`], identityOfText));
  const flows = flowIdentities(batch.flows);
  const identities = new Float64Array(batch.count);
  const words = new Words();
  for (let index = 0; index < batch.count; index++) {
    words.begin();
    for (const column of wideColumns) words.putWide(column[index]!);
    for (const column of narrowColumns) words.put(column[index]!);
    words.putWide(texts[0]![batch.sensor[index]!]!);
    words.putWide(texts[1]![batch.rule[index]!]!);
    words.putWide(texts[2]![batch.detail[index]!]!);
    words.putWide(flows[batch.flow[index]! >> 1]!);
    words.put(batch.flow[index]! & 1);
    identities[index] = words.identity();
  }
  return identities;
}

function identityOfText(text: string): number {
  return new ContentHash().text(text).safeInteger();
}

function flowIdentities({ count, words: addresses, ports, protocols, icmp }: FlowDictionary): Float64Array {
  const identities = new Float64Array(count);
  const words = new Words();
  for (let flow = 0; flow < count; flow++) {
    words.begin();
    for (let word = 0; word < 8; word++) words.put(addresses[flow * 8 + word]!);
    words.put((ports[flow * 2]! << 16) | ports[flow * 2 + 1]!);
    words.put((protocols[flow]! << 16) | icmp[flow]!);
    identities[flow] = words.identity();
  }
  return identities;
}

/** Words hashed one by one, in two lanes of 32 bits. */
class Words {
  #low = 0;
  #high = 0;

  begin(): void {
    this.#low = 0x2f0b4c47;
    this.#high = 0x1747b28c;
  }

  put(word: number): void {
    const low = Math.imul(this.#low ^ word, 0x85ebca6b);
    this.#low = low ^ (low >>> 15);
    const high = Math.imul((this.#high + word) ^ this.#low, 0x9e3779b1);
    this.#high = high ^ (high >>> 13);
  }

  putWide(value: number): void {
    this.put(value | 0);
    this.put(Math.floor(value / 0x1_0000_0000));
  }

  /** Of all words that were put. */
  identity(): number {
    return (this.#high >>> 11) * 0x1_0000_0000 + (this.#low >>> 0);
  }
}
