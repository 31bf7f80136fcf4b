// One TCP connection as nf_conntrack sees it, in the words of DOMAIN 5: an object with plain fields. It shares no code
// with the engine.

export type OracleSegment = {
  readonly kind: string;
  readonly from: 0 | 1;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly end: number;
  readonly hasAck: boolean;
  readonly closedWindow: boolean;
};

type Side = { end: number; heard: boolean; acknowledged: number | null; open: boolean; closes: boolean; fin: boolean };

/** No window is wider (RFC 7323), and none that Linux takes acknowledgements for is narrower than 66,000. */
const widest = 2 ** 30;
const closing = ["TIME_WAIT", "CLOSE"];
const shutting = ["FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", ...closing];

export class OracleTcp {
  state = "NONE";
  replied = false;
  repeats = 0;
  closedWindow = true;
  readonly sides: [Side, Side] = [newSide(), newSide()];
  #assured = false;
  #simultaneous = false;
  #challenge = false;
  #last = { kind: "", from: 0, sequence: 0, acknowledgement: 0, end: 0 };

  constructor(first: OracleSegment) {
    this.sides[0] = { ...newSide(), heard: true, end: first.end };
    this.see(first);
  }

  get isClosing(): boolean {
    return closing.includes(this.state);
  }

  get unacknowledged(): boolean {
    return this.sides.some((side) => side.open);
  }

  /** Whether a SYN puts an end to it (DOMAIN 5). */
  isReplacedBy({ kind, from }: OracleSegment): boolean {
    if (kind !== "S" || !this.isClosing || (from === 1 && this.state === "CLOSE")) return false;
    return this.sides.some((side) => side.closes) || (this.#last.kind === "R" && this.#last.from === from);
  }

  see(segment: OracleSegment): "taken" | "noted" | "misfit" {
    const { kind, from } = segment;
    const next = moveOf(this.state, from === 0, kind);
    if (next === "invalid") return "misfit";
    if (next === "ignored") return this.#passOver(segment);
    if (kind === "R") return this.#reset(segment);
    const challenges = this.state === "LAST_ACK" && kind === "A" && this.#challenge;
    if (challenges && this.#last.kind === "S" && this.#last.from !== from) {
      this.#challenge = false;
      return "noted";
    }
    if (next === "SYN_SENT2") this.#simultaneous = true;
    const completes = next === "SYN_RECV" && kind === "A" && from === 1 && this.#simultaneous;
    return this.#take(segment, completes ? "ESTABLISHED" : next);
  }

  #passOver(segment: OracleSegment) {
    const { kind, from, sequence, acknowledgement, end } = segment;
    const last = this.#last;
    if (kind === "SA" && last.kind === "S" && last.from !== from && acknowledgement === last.end) {
      this.sides[last.from] = { ...newSide(), heard: true, end: last.end };
      this.sides[from] = newSide();
      this.#challenge = false;
      this.state = "SYN_SENT";
      return this.#take(segment, "SYN_RECV");
    }
    const answer = this.state === "SYN_SENT" && kind === "A" ? acknowledgement : last.acknowledgement;
    this.#last = { kind, from, sequence, end, acknowledgement: answer };
    this.closedWindow = segment.closedWindow;
    if (kind === "S" && from === 0) this.#challenge = this.state === "LAST_ACK";
    return "noted" as const;
  }

  #reset(segment: OracleSegment) {
    const { from, sequence, acknowledgement } = segment;
    const { kind: last, from: lastFrom, end, acknowledgement: lastAck } = this.#last;
    if (shutting.includes(this.state)) return this.#move(segment, "CLOSE");
    const exact = this.sides[1 - from]!.acknowledged;
    const established = this.state === "ESTABLISHED" && this.#assured;
    let next = "CLOSE";
    if (exact !== null && last !== "S") {
      const behindLast = last === "A" && lastFrom === from && sequence === end;
      if (sequence === 0 && !established) return this.#take(segment, "CLOSE");
      if (isBefore(sequence, exact)) return "misfit" as const;
      if (!established || sequence === exact || behindLast) return this.#take(segment, "CLOSE");
      next = this.state;
    }
    const toPassedOver = (this.replied && last === "S") || (!this.#assured && last === "A");
    const toChallenge = this.state === "SYN_SENT" && last === "A" && lastFrom === 1 && sequence === lastAck;
    if ((toPassedOver && acknowledgement === end) || toChallenge) return this.#move(segment, next);
    return this.#take(segment, next);
  }

  #take(segment: OracleSegment, next: string) {
    this.#learn(segment);
    return this.#move(segment, next);
  }

  #move({ kind, from }: OracleSegment, next: string): "taken" | "noted" {
    const before = this.state;
    this.state = next;
    this.#last = { ...this.#last, kind, from };
    if (before !== next && next === "FIN_WAIT") this.sides[from].closes = true;
    if (kind === "F") this.sides[from].fin = true;
    if (this.replied && next === "ESTABLISHED" && ["SYN_RECV", "ESTABLISHED"].includes(before)) this.#assured = true;
    return kind === "S" && before === "SYN_SENT" && !this.replied ? "noted" : "taken";
  }

  #learn(segment: OracleSegment): void {
    const { kind, from, hasAck, sequence } = segment;
    const isSyn = kind === "S" || kind === "SA";
    const sender = this.sides[from];
    const receiver = this.sides[from === 0 ? 1 : 0];
    const known = sender.heard;
    const anew = isSyn && ["SYN_SENT", "SYN_RECV"].includes(this.state) && isBefore(sender.end, segment.end);
    if (isSyn && (!known || anew)) {
      Object.assign(sender, newSide(), { heard: true, end: segment.end });
      if (!hasAck && (!known || from === 1)) return;
    } else if (!known) {
      Object.assign(sender, { heard: true, end: segment.end });
      const next = (receiver.end + 1) % 2 ** 32;
      if (!receiver.heard || segment.acknowledgement === next) receiver.end = segment.acknowledgement;
    }
    const silent = !hasAck || (kind === "R" && segment.acknowledgement === 0);
    const acknowledged = silent ? receiver.end : segment.acknowledgement;
    const refuses = kind === "R" && sequence === 0 && this.state === "SYN_SENT";
    const end = refuses ? sender.end : segment.end;
    const ahead = isBefore(sender.end, sequence) && isBefore(sender.end + widest, sequence);
    const behind = receiver.heard && isBefore(end, sender.end - widest);
    if (!refuses && (ahead || behind)) return;
    if (isBefore(receiver.end, acknowledged) || !isBefore(receiver.end - 66_001, acknowledged)) return;
    if (isBefore(sender.end, end)) Object.assign(sender, { end, open: true });
    if (hasAck && (sender.acknowledged === null || isBefore(sender.acknowledged, acknowledged)))
      sender.acknowledged = acknowledged;
    if (acknowledged === receiver.end) receiver.open = false;
    if (kind === "A") this.#countRepeats(segment);
  }

  #countRepeats({ from, sequence, acknowledgement, end, closedWindow }: OracleSegment): void {
    const told = [from, sequence, acknowledgement, end, closedWindow].join();
    const { kind, ...last } = this.#last;
    const before = [last.from, last.sequence, last.acknowledgement, last.end, this.closedWindow].join();
    this.repeats = told === before ? this.repeats + 1 : 0;
    this.#last = { kind, from, sequence, acknowledgement, end };
    this.closedWindow = closedWindow;
  }
}

function newSide(): Side {
  return { end: 0, heard: false, acknowledged: null, open: false, closes: false, fin: false };
}

function isBefore(a: number, b: number): boolean {
  const distance = (((a - b) % 2 ** 32) + 2 ** 32) % 2 ** 32;
  return distance >= 2 ** 31;
}

/** DOMAIN 5 in its own words: state, who sends, and what becomes of it. */
export function moveOf(state: string, fromOriginator: boolean, kind: string): string {
  const early = state === "SYN_SENT" || state === "SYN_SENT2";
  switch (kind) {
    case "S":
      if (state === "NONE") return fromOriginator ? "SYN_SENT" : "invalid";
      if (state === "SYN_SENT") return fromOriginator ? "SYN_SENT" : "SYN_SENT2";
      if (state === "SYN_SENT2") return state;
      return fromOriginator || state === "TIME_WAIT" ? "ignored" : "invalid";
    case "SA":
      if (state === "SYN_SENT2") return "SYN_RECV";
      if (fromOriginator) return state === "SYN_RECV" ? state : "invalid";
      if (state === "NONE") return "invalid";
      return state === "SYN_SENT" ? "SYN_RECV" : "ignored";
    case "F":
      if (early || state === "NONE") return "invalid";
      if (state === "SYN_RECV" || state === "ESTABLISHED") return "FIN_WAIT";
      return closing.includes(state) ? state : "LAST_ACK";
    case "A":
      if (early) return fromOriginator ? "invalid" : "ignored";
      if (state === "NONE" || state === "SYN_RECV")
        return fromOriginator ? "ESTABLISHED" : state === "NONE" ? "invalid" : state;
      if (state === "FIN_WAIT") return "CLOSE_WAIT";
      return state === "LAST_ACK" ? "TIME_WAIT" : state;
    case "R":
      return state === "NONE" ? "invalid" : "CLOSE";
    default:
      return "invalid";
  }
}
