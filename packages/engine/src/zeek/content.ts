// Which bytes of one direction of a TCP connection were seen: what Zeek's reassembler would hand on, and the gaps that
// acknowledgements reveal (Zeek's TCP_Reassembler.cc and Reassem.cc). No byte is kept, only where they stand. All
// sequence numbers are relative, the first byte's is 1.

export type Content = {
  /** All before it was handed on, or given up as a gap. */
  delivered: number;
  /** All before it was acknowledged, or is not waited for. */
  trimmed: number;
  /** What came behind a hole: `[from, to)`, ascending, apart from each other. */
  waiting: (readonly [from: number, to: number])[];
  /** Too much came without an acknowledgement: nothing is followed any more. */
  abandoned: boolean;
  /** The end of the stream was told. */
  ended: boolean;
};

/** Of the connection at the moment. */
export type Acknowledged = {
  readonly acknowledged: number;
  readonly nothingAcknowledged: boolean;
  /** Bytes that this end has sent so far. */
  readonly size: number;
};

/** Zeek's tcp_max_initial_window, tcp_max_above_hole_without_any_acks, tcp_excessive_data_without_further_acks. */
const maxInitialWindow = 16_384;
const maxAboveHole = 16_384;
const maxUnacknowledged = 10 * 1024 * 1024;

export function newContent(): Content {
  return { delivered: 1, trimmed: 1, waiting: [], abandoned: false, ended: false };
}

export function contentSent(content: Content, from: number, to: number, state: Acknowledged): void {
  if (content.abandoned || to <= state.acknowledged || to <= content.trimmed) return;
  const isNew = accept(content, Math.max(from, state.acknowledged, content.trimmed), to);
  if (isNew && state.nothingAcknowledged && state.size > maxInitialWindow) trim(content, content.delivered);
  if (isTooMuch(content, state.nothingAcknowledged)) abandon(content);
}

/** `missing` is told of each gap that the acknowledgement reveals. */
export function contentAcknowledged(
  content: Content,
  acknowledged: number,
  isPartial: boolean,
  missing: (bytes: number) => void,
): void {
  if (acknowledged <= content.trimmed) return;
  // The start of a connection picked up midway is a guess, and a keep-alive stands one before it.
  const guessed = acknowledged <= 2 && isPartial;
  if (acknowledged > content.delivered && !guessed) giveUp(content, acknowledged, missing);
  trim(content, acknowledged);
}

/** Whether anything is held that no acknowledgement covers. */
export function holdsContent({ waiting, delivered, trimmed, abandoned }: Content): boolean {
  return waiting.length > 0 || (!abandoned && delivered > trimmed);
}

/** Whether anything new could be handed on. */
function accept(content: Content, from: number, to: number): boolean {
  if (content.waiting.length > 0 || from > content.delivered) {
    insert(content, from, to);
    return deliver(content);
  }
  const isNew = to > content.delivered;
  if (isNew) content.delivered = to;
  return isNew;
}

function insert(content: Content, from: number, to: number): void {
  const { waiting } = content;
  const first = waiting.findIndex(([, end]) => end >= from);
  if (first < 0) {
    waiting.push([from, to]);
    return;
  }
  let behind = first;
  while (behind < waiting.length && waiting[behind]![0] <= to) behind++;
  const joined = waiting.slice(first, behind).flat();
  waiting.splice(first, behind - first, [Math.min(from, ...joined), Math.max(to, ...joined)]);
}

/** Whether there was anything to hand on. */
function deliver(content: Content): boolean {
  let advanced = false;
  while (content.waiting.length > 0 && content.waiting[0]![0] <= content.delivered) {
    const [, to] = content.waiting.shift()!;
    advanced ||= to > content.delivered;
    content.delivered = Math.max(content.delivered, to);
  }
  return advanced;
}

function giveUp(content: Content, upTo: number, missing: (bytes: number) => void): void {
  while (!content.abandoned && content.waiting.length > 0 && content.waiting[0]![0] < upTo) {
    const [from] = content.waiting[0]!;
    missing(from - content.delivered);
    content.delivered = from;
    deliver(content);
  }
  if (upTo <= content.delivered) return;
  if (!content.abandoned) missing(upTo - content.delivered);
  content.delivered = upTo;
}

function trim(content: Content, upTo: number): void {
  content.trimmed = Math.max(content.trimmed, upTo);
  deliver(content);
}

function isTooMuch({ waiting, delivered, trimmed }: Content, nothingAcknowledged: boolean): boolean {
  const aboveHole = (waiting.at(-1)?.[1] ?? delivered) - delivered;
  if (nothingAcknowledged && aboveHole > maxAboveHole) return true;
  return waiting.reduce((held, [from, to]) => held + to - from, delivered - trimmed) > maxUnacknowledged;
}

function abandon(content: Content): void {
  content.abandoned = true;
  content.waiting = [];
}
