// The letters that packets of one flow leave, and the word for how it went, in the words of docs/flows.md: an object
// with plain fields. It shares no code with the engine.

import type { PacketText } from "./packets.js";

type Side = {
  readonly letters: Set<string>;
  /** The sequence number behind all that it sent; null: nothing yet. */
  sent: number | null;
  control: number | null;
  readonly counts: { C: number; T: number; W: number };
};

const [TCP, UDP] = [6, 17];
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
const [badChecksum] = [2];
const most = 24;

export class OracleHistory {
  text = "";
  readonly #sides: readonly [Side, Side] = [newSide(), newSide()];

  constructor(private readonly protocol: number) {}

  see(packet: PacketText, from: 0 | 1): void {
    if (packet.fragment?.later || packet.cutOff || ![TCP, UDP].includes(this.protocol)) return;
    const letter = this.protocol === UDP ? "D" : letterOf(packet);
    if (((packet.marks ?? 0) & badChecksum) !== 0) this.#count("C", from);
    const side = this.#sides[from];
    const { sequence, payloadLength } = packet;
    const at = (letter === "F" ? sequence + payloadLength : sequence) % 2 ** 32;
    const again = "SHFR".includes(letter) && side.control !== at;
    if (letter !== "" && (!this.#has(from, letter) || again)) this.#write(letter, from);
    if (letter !== "") side.letters.add(letter);
    if (this.protocol === UDP) return;
    if (letter !== "" && "SHFR".includes(letter)) side.control = at;
    this.#seeWindow(packet, from);
    this.#seeAgain(packet, from);
  }

  /** A SYN and a SYN+ACK stand for each other. */
  #has(from: 0 | 1, letter: string): boolean {
    const { letters } = this.#sides[from];
    return "SH".includes(letter) ? letters.has("S") || letters.has("H") : letters.has(letter);
  }

  #seeWindow({ zeroWindow, flags }: PacketText, from: 0 | 1): void {
    const peer = from === 0 ? 1 : 0;
    const reset = (flags & RST) !== 0 || this.#has(from, "R");
    if (zeroWindow && !reset && (!this.#has(peer, "F") || this.#has(peer, "R"))) this.#count("W", from);
  }

  #seeAgain({ flags, sequence, payloadLength }: PacketText, from: 0 | 1): void {
    const side = this.#sides[from];
    const length = payloadLength + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    const end = (sequence + length) % 2 ** 32;
    if (side.sent === null || (flags & SYN) !== 0) side.sent = end;
    else if (!this.#has(from, "R")) {
      const ahead = (end - side.sent + 2 ** 32) % 2 ** 32;
      if (ahead > 0 && ahead < 2 ** 31) side.sent = end;
      else if (payloadLength > 0) this.#count("T", from);
    }
  }

  #count(letter: "C" | "T" | "W", from: 0 | 1): void {
    const count = ++this.#sides[from].counts[letter];
    if ([1, 10, 100, 1000].includes(count)) this.#write(letter, from);
  }

  #write(letter: string, from: 0 | 1): void {
    if (this.text.length < most) this.text += from === 0 ? letter : letter.toLowerCase();
  }

  /** `packets` and `payload`: from the originator, from the responder. */
  connState(packets: readonly [number, number], payload: readonly [number, number]): string {
    if (this.protocol === UDP) return packets[1] > 0 ? "SF" : "S0";
    if (this.protocol !== TCP) return "OTH";
    const fins = this.#has(0, "F") && this.#has(1, "F");
    const [opener, answerer] = [this.#opener(fins), this.#answerer(fins)];
    const empty = payload[0] + payload[1] === 0;
    if (answerer === "reset" && (opener === "asks" || (opener === "reset" && empty))) return "REJ";
    const refusedAtOnce = /^S[^HAFGIQ]*R/.test(this.text);
    const words: { readonly [answerer: string]: { readonly [opener: string]: string } } = {
      reset: { open: "RSTR", closed: "RSTR", reset: "RSTR", midway: "RSTRH" },
      closed: { asks: "S3", open: "S3", closed: "SF", reset: "RSTO", midway: "SHR" },
      open: { open: "S1", closed: "S2", reset: "RSTO" },
      silent: { asks: "S0", closed: "SH", reset: refusedAtOnce ? "RSTOS0" : "OTH" },
      midway: { closed: "SH", reset: refusedAtOnce ? "RSTOS0" : "OTH" },
    };
    return words[answerer]![opener] ?? "OTH";
  }

  #over(from: 0 | 1, fins: boolean): string | null {
    if (fins) return "closed";
    if (this.#has(from, "R") || this.#has(from, "I")) return "reset";
    return this.#has(from, "F") ? "closed" : null;
  }

  #opener(fins: boolean): string {
    const begun = this.#has(0, "S") ? (this.#has(1, "S") ? "open" : "asks") : "midway";
    return this.#over(0, fins) ?? begun;
  }

  #answerer(fins: boolean): string {
    const midway = this.#has(1, "D") || (this.#has(1, "A") && !this.#has(0, "S"));
    return this.#over(1, fins) ?? (this.#has(1, "S") ? "open" : midway ? "midway" : "silent");
  }
}

function newSide(): Side {
  return { letters: new Set(), sent: null, control: null, counts: { C: 0, T: 0, W: 0 } };
}

function letterOf({ flags, payloadLength }: PacketText): string {
  const [fin, syn, rst] = [FIN, SYN, RST].map((flag) => (flags & flag) !== 0);
  if (fin && rst) return "I";
  if (syn && (fin || rst)) return "Q";
  if (syn) return (flags & ACK) !== 0 ? "H" : "S";
  if (fin || rst) return fin ? "F" : "R";
  if (payloadLength > 0) return "D";
  return (flags & ACK) !== 0 ? "A" : "";
}
