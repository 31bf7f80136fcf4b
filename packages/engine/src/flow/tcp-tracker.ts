// Follows one TCP connection segment by segment, as nf_conntrack of kernels 6.x does with tcp_be_liberal=1: the moves of
// the table, and what sequence numbers add to them. Windows are not in the evidence, so every segment counts as within
// its window. It knows no timeouts and no rules.

import { tcpFlag } from "../wire/tcp-flags.js";
import {
  type FlowState,
  flowState,
  hasValidFlags,
  ignored,
  invalid,
  isClosing,
  moveTcp,
  segmentClass,
} from "./flow-state.js";
import { lastMark, sideMark, type TcpColumns } from "./tcp-columns.js";
import type { TcpSegment } from "./tcp-segment.js";

/** The columns of the flow table that the tracker works on. */
export type TcpFlows = {
  readonly state: Uint8Array;
  /** Two a record; some from the responder: something came back. */
  readonly packets: Float64Array;
  readonly tcp: TcpColumns;
};

/** `taken`: part of the connection. `noted`: it passes, and the record learns nothing. `misfit`: no part of it. */
export const tcpOutcome = { taken: 0, noted: 1, misfit: 2 } as const;
export type TcpOutcome = (typeof tcpOutcome)[keyof typeof tcpOutcome];

/** Makes a record that begins with this segment ready for being told of it. */
export function beginTcp({ tcp, state }: TcpFlows, slot: number, { end }: TcpSegment): void {
  tcp.clear(slot);
  tcp.end[slot * 2] = end;
  tcp.sides[slot * 2] = sideMark.seen;
  state[slot] = flowState.NONE;
}

/** A SYN for a connection whose end somebody began, or that its own sender reset: that connection is no more. */
export function replacesTcp({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  if (!isClosing(state[slot]!) || !hasValidFlags(segment.flags)) return false;
  if (moveTcp(state[slot]!, segment.from, segment.class) !== flowState.SYN_SENT) return false;
  const ending = (tcp.sides[slot * 2]! | tcp.sides[slot * 2 + 1]!) & sideMark.beganClose;
  return ending !== 0 || (lastClass(tcp, slot) === segmentClass.RST && lastFrom(tcp, slot) === segment.from);
}

export function trackTcp(flows: TcpFlows, slot: number, segment: TcpSegment): TcpOutcome {
  if (!hasValidFlags(segment.flags)) return tcpOutcome.misfit;
  const before = flows.state[slot]!;
  const next = moveTcp(before, segment.from, segment.class);
  if (next === invalid) return tcpOutcome.misfit;
  if (next === ignored || (next === flowState.SYN_SENT && isClosing(before))) return passOver(flows, slot, segment);
  switch (next) {
    case flowState.TIME_WAIT:
      return isChallenge(flows, slot, segment) ? tcpOutcome.noted : take(flows, slot, segment, next);
    case flowState.SYN_SENT2:
      flows.tcp.last[slot]! |= lastMark.simultaneous;
      return take(flows, slot, segment, next);
    case flowState.SYN_RECV:
      return take(flows, slot, segment, completesSimultaneous(flows, slot, segment) ? flowState.ESTABLISHED : next);
    case flowState.CLOSE:
      return segment.class === segmentClass.RST ? reset(flows, slot, segment) : take(flows, slot, segment, next);
    default:
      return take(flows, slot, segment, next);
  }
}

/** A segment that the record may be out of step with. A SYN-ACK for a SYN passed over before brings it into step. */
function passOver(flows: TcpFlows, slot: number, segment: TcpSegment): TcpOutcome {
  const { tcp, state } = flows;
  const { from, sequence, acknowledgement, end } = segment;
  const other = lastFrom(tcp, slot);
  const answersSyn = segment.class === segmentClass["SYN-ACK"] && lastClass(tcp, slot) === segmentClass.SYN;
  if (answersSyn && other !== from && acknowledgement === tcp.lastEnd[slot]) {
    tcp.end[slot * 2 + other] = tcp.lastEnd[slot]!;
    tcp.sides[slot * 2 + other] = sideMark.seen;
    tcp.sides[slot * 2 + from] = 0;
    tcp.last[slot]! &= ~lastMark.challengeExpected;
    state[slot] = flowState.SYN_SENT;
    return take(flows, slot, segment, flowState.SYN_RECV);
  }
  noteLast(tcp, slot, segment);
  noteWindow(tcp, slot, segment);
  tcp.lastSequence[slot] = sequence;
  tcp.lastEnd[slot] = end;
  if (segment.class === segmentClass.SYN && from === 0) {
    const isAwaited = state[slot] === flowState.LAST_ACK;
    tcp.last[slot]! &= ~(lastMark.challengeExpected | lastMark.simultaneous);
    if (isAwaited) tcp.last[slot]! |= lastMark.challengeExpected;
  }
  if (state[slot] === flowState.SYN_SENT && segment.class === segmentClass.ACK && from === 1) {
    tcp.lastAcknowledgement[slot] = acknowledgement;
  }
  return tcpOutcome.noted;
}

function isChallenge({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const expected = (tcp.last[slot]! & lastMark.challengeExpected) !== 0 && state[slot] === flowState.LAST_ACK;
  const answersSyn = lastClass(tcp, slot) === segmentClass.SYN && lastFrom(tcp, slot) !== segment.from;
  if (!expected || !answersSyn || segment.class !== segmentClass.ACK) return false;
  tcp.last[slot]! &= ~lastMark.challengeExpected;
  return true;
}

function completesSimultaneous({ tcp }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const both = (tcp.last[slot]! & lastMark.simultaneous) !== 0;
  return both && segment.class === segmentClass.ACK && segment.from === 1;
}

/** RFC 5961: a RST counts where it stands exactly; below what was acknowledged it is none; else it may be a challenge. */
function reset(flows: TcpFlows, slot: number, segment: TcpSegment): TcpOutcome {
  const { tcp, state } = flows;
  const before = state[slot]!;
  if (before >= flowState.FIN_WAIT && before <= flowState.CLOSE) return moved(flows, slot, segment, flowState.CLOSE);
  let next: FlowState = flowState.CLOSE;
  const receiver = slot * 2 + 1 - segment.from;
  if ((tcp.sides[receiver]! & sideMark.acknowledges) !== 0 && lastClass(tcp, slot) !== segmentClass.SYN) {
    const established = before === flowState.ESTABLISHED && (tcp.last[slot]! & lastMark.assured) !== 0;
    const exact = tcp.acknowledged[receiver]!;
    if (segment.sequence === 0 && !established) return take(flows, slot, segment, next);
    if (isBefore(segment.sequence, exact)) return tcpOutcome.misfit;
    if (!established || segment.sequence === exact || followsLast(tcp, slot, segment)) {
      return take(flows, slot, segment, next);
    }
    next = before;
  }
  return answersPassedOver(flows, slot, segment) ? moved(flows, slot, segment, next) : take(flows, slot, segment, next);
}

/** The RST stands right behind the same side's last segment. */
function followsLast(tcp: TcpColumns, slot: number, { from, sequence }: TcpSegment): boolean {
  const ofSame = lastClass(tcp, slot) === segmentClass.ACK && lastFrom(tcp, slot) === from;
  return ofSame && sequence === tcp.lastEnd[slot];
}

/** The RST answers a SYN or an ACK that the record let pass without being in step with it. */
function answersPassedOver({ tcp, state, packets }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const last = lastClass(tcp, slot);
  const replied = packets[slot * 2 + 1]! > 0;
  const assured = (tcp.last[slot]! & lastMark.assured) !== 0;
  const toPassedOver = (replied && last === segmentClass.SYN) || (!assured && last === segmentClass.ACK);
  if (toPassedOver && segment.acknowledgement === tcp.lastEnd[slot]) return true;
  const toChallenge = last === segmentClass.ACK && lastFrom(tcp, slot) === 1 && state[slot] === flowState.SYN_SENT;
  return toChallenge && segment.sequence === tcp.lastAcknowledgement[slot];
}

function take(flows: TcpFlows, slot: number, segment: TcpSegment, next: FlowState): TcpOutcome {
  follow(flows, slot, segment);
  return moved(flows, slot, segment, next);
}

function moved({ tcp, state, packets }: TcpFlows, slot: number, segment: TcpSegment, next: FlowState): TcpOutcome {
  const before = state[slot]!;
  const replied = packets[slot * 2 + 1]! > 0;
  noteLast(tcp, slot, segment);
  state[slot] = next;
  const side = slot * 2 + segment.from;
  if (next !== before && next === flowState.FIN_WAIT) tcp.sides[side]! |= sideMark.beganClose;
  if (segment.class === segmentClass.FIN) tcp.sides[side]! |= sideMark.finished;
  const wasOpen = before === flowState.SYN_RECV || before === flowState.ESTABLISHED;
  if (replied && wasOpen && next === flowState.ESTABLISHED) tcp.last[slot]! |= lastMark.assured;
  const sentAgain = segment.class === segmentClass.SYN && before === flowState.SYN_SENT && !replied;
  return sentAgain ? tcpOutcome.noted : tcpOutcome.taken;
}

/** Linux's MAXACKWINDOW where windows are no larger: an acknowledgement further back comes too late. */
const leastAcknowledgedWindow = 66_000;
/** The largest that TCP can say (RFC 7323 section 2.3). */
const largestWindow = 2 ** 30;

/**
 * Learns from the sequence numbers of a segment. One that acknowledges what nobody has sent, or long since, or that lies
 * outside any window, teaches nothing.
 */
function follow({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): void {
  const { flags, from } = segment;
  const sender = slot * 2 + from;
  const receiver = slot * 2 + 1 - from;
  if (meetSender({ tcp, state }, slot, segment)) return;
  const saysNothing = (flags & tcpFlag.ack) === 0 || ((flags & tcpFlag.rst) !== 0 && segment.acknowledgement === 0);
  const acknowledgement = saysNothing ? tcp.end[receiver]! : segment.acknowledgement;
  const answersSyn = (flags & tcpFlag.rst) !== 0 && segment.sequence === 0 && state[slot] === flowState.SYN_SENT;
  const end = answersSyn ? tcp.end[sender]! : segment.end;
  if (!answersSyn && isOutOfAnyWindow(tcp, sender, receiver, segment)) return;
  if (!isBefore(acknowledgement, tcp.end[receiver]! + 1)) return;
  if (!isBefore(tcp.end[receiver]! - leastAcknowledgedWindow - 1, acknowledgement)) return;
  if (isBefore(tcp.end[sender]!, end)) {
    tcp.end[sender] = end;
    tcp.sides[sender]! |= sideMark.unacknowledged;
  }
  if ((flags & tcpFlag.ack) !== 0) acknowledge(tcp, sender, acknowledgement);
  if (acknowledgement === tcp.end[receiver]) tcp.sides[receiver]! &= ~sideMark.unacknowledged;
  if (segment.class === segmentClass.ACK) countRepeat(tcp, slot, segment);
}

function isOutOfAnyWindow(tcp: TcpColumns, sender: number, receiver: number, { sequence, end }: TcpSegment): boolean {
  const known = tcp.end[sender]!;
  if (isBefore(known + largestWindow, sequence) && isBefore(known, sequence)) return true;
  const heard = (tcp.sides[receiver]! & sideMark.seen) !== 0;
  return heard && isBefore(end, known - largestWindow);
}

/** Begins with the sender where nothing is known of it, or its SYN tells anew; true: that was all. */
function meetSender({ tcp, state }: Pick<TcpFlows, "tcp" | "state">, slot: number, segment: TcpSegment): boolean {
  const { flags, from, end } = segment;
  const sender = slot * 2 + from;
  const receiver = slot * 2 + 1 - from;
  const isSyn = (flags & tcpFlag.syn) !== 0;
  const known = (tcp.sides[sender]! & sideMark.seen) !== 0;
  const opening = state[slot] === flowState.SYN_SENT || state[slot] === flowState.SYN_RECV;
  if (isSyn && (!known || (opening && isBefore(tcp.end[sender]!, end)))) {
    tcp.end[sender] = end;
    tcp.sides[sender] = sideMark.seen;
    return (flags & tcpFlag.ack) === 0 && (!known || from === 1);
  }
  if (known) return false;
  tcp.end[sender] = end;
  tcp.sides[sender]! |= sideMark.seen;
  if ((tcp.sides[receiver]! & sideMark.seen) === 0) tcp.end[receiver] = segment.acknowledgement;
  else if (segment.acknowledgement === (tcp.end[receiver]! + 1) >>> 0) tcp.end[receiver] = segment.acknowledgement;
  return false;
}

function acknowledge(tcp: TcpColumns, sender: number, acknowledgement: number): void {
  const first = (tcp.sides[sender]! & sideMark.acknowledges) === 0;
  if (first || isBefore(tcp.acknowledged[sender]!, acknowledgement)) tcp.acknowledged[sender] = acknowledgement;
  tcp.sides[sender]! |= sideMark.acknowledges;
}

function countRepeat(tcp: TcpColumns, slot: number, segment: TcpSegment): void {
  const { from, sequence, acknowledgement, end, zeroWindow } = segment;
  const marks = tcp.last[slot]!;
  const same =
    lastFrom(tcp, slot) === from &&
    tcp.lastSequence[slot] === sequence &&
    tcp.lastAcknowledgement[slot] === acknowledgement &&
    tcp.lastEnd[slot] === end &&
    ((marks & lastMark.zeroWindow) !== 0) === zeroWindow;
  const repeats = marks & lastMark.repeats;
  if (same) {
    if (repeats < lastMark.repeats) tcp.last[slot] = marks + lastMark.repeat;
    return;
  }
  tcp.last[slot]! &= ~lastMark.repeats;
  tcp.lastSequence[slot] = sequence;
  tcp.lastAcknowledgement[slot] = acknowledgement;
  tcp.lastEnd[slot] = end;
  noteWindow(tcp, slot, segment);
}

function noteLast(tcp: TcpColumns, slot: number, segment: TcpSegment): void {
  const kept = tcp.last[slot]! & ~(lastMark.classes | lastMark.fromResponder);
  tcp.last[slot] = kept | segment.class | (segment.from === 1 ? lastMark.fromResponder : 0);
}

function noteWindow(tcp: TcpColumns, slot: number, { zeroWindow }: TcpSegment): void {
  tcp.last[slot] = (tcp.last[slot]! & ~lastMark.zeroWindow) | (zeroWindow ? lastMark.zeroWindow : 0);
}

function lastClass(tcp: TcpColumns, slot: number): number {
  return tcp.last[slot]! & lastMark.classes;
}

function lastFrom(tcp: TcpColumns, slot: number): number {
  return (tcp.last[slot]! & lastMark.fromResponder) === 0 ? 0 : 1;
}

/** Whether one sequence number stands before another, around the circle of 2^32. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
