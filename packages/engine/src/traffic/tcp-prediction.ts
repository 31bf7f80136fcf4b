// How sequence and acknowledgement are guessed: a sender goes on where it stopped, and acknowledges what the other side
// sent. Orderly TCP leaves no residual at all; for other protocols both columns are zero, and so are the guesses.

import { protocolNumber } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import type { PacketBatch } from "./packet-batch.js";
import { unzigzag, zigzag } from "./varint.js";

/** Both columns are walked at once, since each is guessed from the other. */
export type TcpWalk = {
  readonly batch: PacketBatch;
  readonly sequences: Uint32Array;
  readonly acknowledgements: Uint32Array;
  readonly restoring: boolean;
};

/** What is known of each flow and direction. */
type Progress = {
  /** The sequence number that continues the furthest packet so far. */
  readonly next: Uint32Array;
  /** The last acknowledgement that was not zero. */
  readonly acknowledged: Uint32Array;
  /** 1 once a packet of this direction was seen. */
  readonly begun: Uint8Array;
};

/** A packet that ends so far behind the furthest one, or less, repeats; any other sets a new mark. */
const repeatedBytes = 2 ** 24;

export function walkTcp(walk: TcpWalk): void {
  const { batch } = walk;
  const size = batch.flows.count * 2;
  const progress = { next: new Uint32Array(size), acknowledged: new Uint32Array(size), begun: new Uint8Array(size) };
  for (let index = 0; index < batch.count; index++) {
    settleSequence(walk, progress, index);
    settleAcknowledgement(walk, progress, index);
    advance(batch, progress, index);
  }
}

/** A direction's first packet stands where the other side's acknowledgement says. */
function settleSequence({ batch, sequences, restoring }: TcpWalk, progress: Progress, index: number): void {
  const flow = batch.flow[index]!;
  const predicted = progress.begun[flow] === 1 ? progress.next[flow]! : progress.acknowledged[flow ^ 1]!;
  if (restoring) batch.sequence[index] = predicted + unzigzag(sequences[index]!);
  else sequences[index] = zigzag(batch.sequence[index]! - predicted);
}

/** Code 0: all that the other side sent. Else the distance to the acknowledgement before, less the one that 0 means. */
function settleAcknowledgement(
  { batch, acknowledgements, restoring }: TcpWalk,
  progress: Progress,
  index: number,
): void {
  const flow = batch.flow[index]!;
  const all = progress.next[flow ^ 1]!;
  const before = progress.acknowledged[flow]!;
  const excluded = zigzag(all - before);
  if (restoring) {
    const code = acknowledgements[index]!;
    batch.acknowledgement[index] = code === 0 ? all : before + unzigzag(code <= excluded ? code - 1 : code);
  } else {
    const distance = zigzag(batch.acknowledgement[index]! - before);
    acknowledgements[index] = distance === excluded ? 0 : distance < excluded ? distance + 1 : distance;
  }
}

function advance(batch: PacketBatch, progress: Progress, index: number): void {
  const flow = batch.flow[index]!;
  const end = (batch.sequence[index]! + sequenceLength(batch, index)) >>> 0;
  const behind = (progress.next[flow]! - end) >>> 0;
  if (behind > repeatedBytes || progress.begun[flow] === 0) progress.next[flow] = end;
  if (batch.acknowledgement[index] !== 0) progress.acknowledged[flow] = batch.acknowledgement[index]!;
  progress.begun[flow] = 1;
}

/** Payload, SYN and FIN take sequence numbers (RFC 9293 section 3.4). A later fragment has no flags and takes none. */
function sequenceLength({ flow, flags, payloadLength, flows }: PacketBatch, index: number): number {
  const bits = flags[index]!;
  if (bits === 0 || flows.protocols[flow[index]! >> 1] !== protocolNumber.tcp) return 0;
  return payloadLength[index]! + ((bits & tcpFlag.syn) >> 1) + (bits & tcpFlag.fin);
}
