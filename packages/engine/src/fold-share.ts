// One fold of several that divide the traffic among them, by the interface that judges: records of one interface belong
// to one share, and so does what is told of them. A packet that two interfaces judge is folded by both of theirs, since
// the second judges only what the first lets pass; of each, its own share tells.

import type { Scope } from "./flow/flow-ledger.js";
import { interfaceOfPlace } from "./placement.js";
import type { FlowDictionary } from "./traffic/flow-dictionary.js";

/** Plain data. Shares that belong together differ in `own` alone. */
export type FoldShare = {
  readonly own: number;
  readonly shares: number;
  /** By place of capture that the user named, and by lower-case id of an interface; others fall to any. */
  readonly places: { readonly [place: string]: number };
  readonly interfaces: { readonly [id: string]: number };
};

export type FlowEnds = { readonly flows: Pick<FlowDictionary, "words">; readonly flow: number };

/** Whether the share needs packets of this place at all. */
export function needsPlace(share: FoldShare, place: string): boolean {
  return interfaceOfPlace(place) === null || shareOfPlace(share, place) === share.own;
}

type Where = Pick<Scope, "place" | "at">;

/** Whether records in this scope are the share's own; where no interface is known, it depends on the flow's ends. */
export function ownsRecord(share: FoldShare, where: Where, ends: FlowEnds): boolean {
  return ownsScope(share, where) ?? shareOfEnds(share, ends) === share.own;
}

/** Null: of some records there it does, of others not. */
export function ownsScope(share: FoldShare, { place, at }: Where): boolean | null {
  if (interfaceOfPlace(place) !== null) return shareOfPlace(share, place) === share.own;
  return at === null ? null : shareOfInterface(share, at.id) === share.own;
}

function shareOfPlace({ places, shares }: FoldShare, place: string): number {
  return places[place] ?? hashOf(place) % shares;
}

function shareOfInterface({ interfaces, shares }: FoldShare, id: string): number {
  const key = id.toLowerCase();
  return interfaces[key] ?? hashOf(key) % shares;
}

function shareOfEnds({ shares }: FoldShare, { flows: { words }, flow }: FlowEnds): number {
  let hash = 0;
  for (let word = flow * 8; word < flow * 8 + 8; word++) hash = mixed(hash, words[word]!);
  return (hash >>> 0) % shares;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = mixed(hash, text.charCodeAt(index));
  return hash >>> 0;
}

function mixed(hash: number, word: number): number {
  const value = Math.imul(hash ^ word, 0x85ebca6b);
  return value ^ (value >>> 13);
}
