// Which letters of Zeek's `history` the packets of a record have left, as columns of the flow table. Most packets leave
// no new one, and are recognised by a mask. Gaps are left out, since nothing is reassembled here.

import { packetMark } from "../traffic/packet.js";
import type { PacketBatch } from "../traffic/packet-batch.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { controlPosition, isPowerOfTen, type OnceLetter, onceLetters, segmentLetter } from "../zeek/history-letter.js";

/** Letters behind these are not kept. */
const mostLetters = 24;
/** A letter that is counted is written the first, tenth, hundredth and thousandth time, and then no more. */
const mostCounted = 1000;

/** A letter's code is its place here; 0: none. */
const letters = " SHADFRIQCTW";
const codeBits = 5;
const codesAWord = 6;
const letterWords = mostLetters / codesAWord;
const responderCode = 16;

/** Of a record: its words, in this order. Those behind `letters` are two each, the originator's and the responder's. */
const word = {
  /** Eight bits of each side, the responder's 16 higher; and between them the number of letters. */
  marks: 0,
  letters: 1,
  /** The sequence number after the highest that was sent. */
  sent: 1 + letterWords,
  /** Where the last SYN, FIN or RST stood. */
  control: 3 + letterWords,
  /** Ten bits for each letter that is counted. */
  counts: 5 + letterWords,
} as const;
export const historyWordCount = 7 + letterWords;

const sideShift = 16;
const begun = 128;
const lettersShift = 8;
const lettersMask = 255;
const countedBits = 10;
const countedMask = 2 ** countedBits - 1;
const counted = { C: 0, T: countedBits, W: 2 * countedBits } as const;

const hidden = packetMark.laterFragment | packetMark.portsMissing;
const controlFlags = tcpFlag.syn | tcpFlag.fin | tcpFlag.rst;
const lowFlags = 31;

/** By flags, those with payload 32 higher. */
const segmentCodes = Uint8Array.from({ length: 64 }, (_, index) => {
  const letter = segmentLetter(index & lowFlags, index > lowFlags);
  return letter === null ? 0 : letters.indexOf(letter);
});
const bitsOfCodes = Uint8Array.from(letters, (letter) => onceLetters[letter as OnceLetter] ?? 0);
const texts = Array.from({ length: 2 * responderCode }, (_, code) => {
  const letter = (letters[code % responderCode] ?? "").trim();
  return code < responderCode ? letter : letter.toLowerCase();
});
const dataCode = letters.indexOf("D");
/** Bits of those that come again where they stand elsewhere. */
const controlBits = onceLetters.S | onceLetters.F | onceLetters.R;

/** What the table keeps of them: so many words a record. */
export type HistoryWords = { readonly historyWords: Uint32Array };

export class HistoryColumns {
  constructor(private readonly table: HistoryWords) {}

  get words(): Uint32Array {
    return this.table.historyWords;
  }

  clear(slot: number): void {
    this.words.fill(0, slot * historyWordCount, (slot + 1) * historyWordCount);
  }

  /** A datagram that passed by the record. */
  tellDatagram(slot: number, side: number, marks: number): void {
    if ((marks & hidden) !== 0) return;
    if ((marks & packetMark.badChecksum) !== 0) this.#count(slot, side, "C");
    this.#writeOnce(slot, side, dataCode);
  }

  /** A TCP segment that passed by the record. */
  tellSegment(slot: number, side: number, batch: PacketBatch, index: number): void {
    const marks = batch.marks[index]!;
    if ((marks & hidden) !== 0) return;
    const flags = batch.flags[index]!;
    const payload = batch.payloadLength[index]!;
    const code = segmentCodes[(flags & lowFlags) | (payload > 0 ? lowFlags + 1 : 0)]!;
    if ((marks & packetMark.badChecksum) !== 0) this.#count(slot, side, "C");
    const isNew = this.#writeOnce(slot, side, code);
    if ((flags & controlFlags) !== 0) this.#noteControl(slot, side, { code, isNew, at: batch, index });
    if ((marks & packetMark.zeroWindow) !== 0) this.#noteWindow(slot, side, flags);
    this.#follow(slot, side, batch, index);
  }

  text(slot: number): string {
    const at = slot * historyWordCount;
    let text = "";
    const count = (this.words[at]! >>> lettersShift) & lettersMask;
    for (let letter = 0; letter < count; letter++) {
      const packed = this.words[at + word.letters + Math.floor(letter / codesAWord)]!;
      text += texts[(packed >>> ((letter % codesAWord) * codeBits)) & (2 * responderCode - 1)]!;
    }
    return text;
  }

  /** Bits of `onceLetters` that this side has written. */
  written(slot: number, side: number): number {
    return (this.words[slot * historyWordCount]! >>> (side * sideShift)) & (begun - 1);
  }

  /** False where the letter stands there already, or there is none. */
  #writeOnce(slot: number, side: number, code: number): boolean {
    const bit = bitsOfCodes[code]! << (side * sideShift);
    const at = slot * historyWordCount;
    if ((this.words[at]! & bit) === bit) return false;
    this.words[at]! |= bit;
    this.#write(at, side, code);
    return true;
  }

  #noteControl(slot: number, side: number, { code, isNew, at: batch, index }: Control): void {
    if ((bitsOfCodes[code]! & controlBits) === 0) return;
    const place = slot * historyWordCount + word.control + side;
    const at = { sequence: batch.sequence[index]!, payloadLength: batch.payloadLength[index]! };
    const position = controlPosition(batch.flags[index]!, at) >>> 0;
    if (!isNew && this.words[place] !== position) this.#write(slot * historyWordCount, side, code);
    this.words[place] = position;
  }

  /** A window of zero says nothing with or behind a RST, or when the peer sends no more. */
  #noteWindow(slot: number, side: number, flags: number): void {
    const own = this.written(slot, side) | (flags & tcpFlag.rst);
    const peerEnds = this.written(slot, 1 - side) & (onceLetters.F | onceLetters.R);
    if ((own & onceLetters.R) === 0 && peerEnds !== onceLetters.F) this.#count(slot, side, "W");
  }

  /** Payload that does not reach beyond what the side had sent was sent before; behind its RST nothing tells. */
  #follow(slot: number, side: number, { flags, sequence, payloadLength }: PacketBatch, index: number): void {
    const at = slot * historyWordCount;
    const place = at + word.sent + side;
    const isSyn = (flags[index]! & tcpFlag.syn) !== 0;
    const end = sequence[index]! + payloadLength[index]! + (isSyn ? 1 : 0) + (flags[index]! & tcpFlag.fin);
    const mark = begun << (side * sideShift);
    if (isSyn || (this.words[at]! & mark) === 0) {
      this.words[at]! |= mark;
      this.words[place] = end;
    } else if ((this.written(slot, side) & onceLetters.R) === 0) {
      if (((end - this.words[place]!) | 0) > 0) this.words[place] = end;
      else if (payloadLength[index]! > 0) this.#count(slot, side, "T");
    }
  }

  #count(slot: number, side: number, letter: keyof typeof counted): void {
    const place = slot * historyWordCount + word.counts + side;
    const shift = counted[letter];
    const count = ((this.words[place]! >>> shift) & countedMask) + 1;
    if (count > mostCounted) return;
    this.words[place]! += 1 << shift;
    if (isPowerOfTen(count)) this.#write(slot * historyWordCount, side, letters.indexOf(letter));
  }

  #write(at: number, side: number, code: number): void {
    const count = (this.words[at]! >>> lettersShift) & lettersMask;
    if (count === mostLetters) return;
    const packed = (code + side * responderCode) << ((count % codesAWord) * codeBits);
    this.words[at + word.letters + Math.floor(count / codesAWord)]! |= packed;
    this.words[at]! += 1 << lettersShift;
  }
}

type Control = {
  readonly code: number;
  /** It has just been written. */
  readonly isNew: boolean;
  readonly at: PacketBatch;
  readonly index: number;
};
