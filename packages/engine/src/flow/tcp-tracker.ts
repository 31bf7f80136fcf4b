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
import { clearTcp, lastMark, onSide, sideMark, tcpWord, tcpWordCount } from "./tcp-columns.js";
import type { TcpSegment } from "./tcp-segment.js";

/** The columns of the flow table that the tracker works on. */
export type TcpFlows = {
  readonly state: Uint8Array;
  /** Two a record; some from the responder: something came back. */
  readonly packets: Float64Array;
  /** See `tcpWord`. */
  readonly tcp: Int32Array;
};

/** `taken`: part of the connection. `noted`: it passes, and the record learns nothing. `misfit`: no part of it. */
export const tcpOutcome = { taken: 0, noted: 1, misfit: 2 } as const;
export type TcpOutcome = (typeof tcpOutcome)[keyof typeof tcpOutcome];

/** Makes a record that begins with this segment ready for being told of it. */
export function beginTcp({ tcp, state }: TcpFlows, slot: number, { end }: TcpSegment): void {
  clearTcp(tcp, slot);
  const at = slot * tcpWordCount;
  tcp[at + tcpWord.end] = end;
  tcp[at + tcpWord.marks]! |= onSide(sideMark.seen, 0);
  state[slot] = flowState.NONE;
}

/** A SYN for a connection whose end somebody began, or that its own sender reset: that connection is no more. */
export function replacesTcp({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  if (!isClosing(state[slot]!) || !hasValidFlags(segment.flags)) return false;
  if (moveTcp(state[slot]!, segment.from, segment.class) !== flowState.SYN_SENT) return false;
  const marks = tcp[slot * tcpWordCount + tcpWord.marks]!;
  const ending = marks & (onSide(sideMark.beganClose, 0) | onSide(sideMark.beganClose, 1));
  return ending !== 0 || (classOf(marks) === segmentClass.RST && senderOf(marks) === segment.from);
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
      flows.tcp[slot * tcpWordCount + tcpWord.marks]! |= lastMark.simultaneous;
      return take(flows, slot, segment, next);
    case flowState.SYN_RECV:
      return take(flows, slot, segment, completesSimultaneous(flows, slot, segment) ? flowState.ESTABLISHED : next);
    case flowState.CLOSE:
      return segment.class === segmentClass.RST ? reset(flows, slot, segment) : take(flows, slot, segment, next);
    default:
      return take(flows, slot, segment, next);
  }
}

const bothSeen = onSide(sideMark.seen, 0) | onSide(sideMark.seen, 1);

/**
 * What `trackTcp` comes to for an ACK in the middle of an established, answered connection that is in step with it, as
 * most segments are. False: it may be something else, and nothing was learnt of it.
 */
export function carryOnTcp({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const { from, sequence, end, acknowledgement } = segment;
  if (state[slot] !== flowState.ESTABLISHED || segment.class !== segmentClass.ACK) return false;
  const at = slot * tcpWordCount;
  if ((tcp[at + tcpWord.marks]! & bothSeen) !== bothSeen || !hasValidFlags(segment.flags)) return false;
  const sent = tcp[at + tcpWord.end + from]!;
  const unacknowledged = (tcp[at + tcpWord.end + 1 - from]! - acknowledgement) | 0;
  if (!isNear(sent, sequence) || !isNear(sent, end)) return false;
  if (unacknowledged < 0 || unacknowledged > leastAcknowledgedWindow) return false;
  if (isBefore(sent, end)) noteSent(tcp, slot, segment);
  noteAcknowledged(tcp, slot * 2 + from, acknowledgement);
  if (unacknowledged === 0) tcp[at + tcpWord.marks]! &= ~onSide(sideMark.unacknowledged, 1 - from);
  countRepeat(tcp, slot, segment);
  noteLast(tcp, slot, segment);
  tcp[at + tcpWord.marks]! |= lastMark.assured;
  return true;
}

function isNear(a: number, b: number): boolean {
  const distance = (a - b) | 0;
  return -largestWindow < distance && distance < largestWindow;
}

/** A segment that the record may be out of step with. A SYN-ACK for a SYN passed over before brings it into step. */
function passOver(flows: TcpFlows, slot: number, segment: TcpSegment): TcpOutcome {
  const { tcp, state } = flows;
  const at = slot * tcpWordCount;
  const { from, sequence, acknowledgement, end } = segment;
  const marks = tcp[at + tcpWord.marks]!;
  const other = senderOf(marks);
  const answersSyn = segment.class === segmentClass["SYN-ACK"] && classOf(marks) === segmentClass.SYN;
  if (answersSyn && other !== from && isSame(acknowledgement, tcp[at + tcpWord.lastEnd]!)) {
    tcp[at + tcpWord.end + other] = tcp[at + tcpWord.lastEnd]!;
    const kept = marks & ~(onSide(sideMark.all, 0) | onSide(sideMark.all, 1) | lastMark.challengeExpected);
    tcp[at + tcpWord.marks] = kept | onSide(sideMark.seen, other);
    state[slot] = flowState.SYN_SENT;
    return take(flows, slot, segment, flowState.SYN_RECV);
  }
  noteLast(tcp, slot, segment);
  noteWindow(tcp, slot, segment);
  tcp[at + tcpWord.lastSequence] = sequence;
  tcp[at + tcpWord.lastEnd] = end;
  if (segment.class === segmentClass.SYN && from === 0) {
    const isAwaited = state[slot] === flowState.LAST_ACK;
    tcp[at + tcpWord.marks]! &= ~(lastMark.challengeExpected | lastMark.simultaneous);
    if (isAwaited) tcp[at + tcpWord.marks]! |= lastMark.challengeExpected;
  }
  if (state[slot] === flowState.SYN_SENT && segment.class === segmentClass.ACK && from === 1) {
    tcp[at + tcpWord.lastAcknowledgement] = acknowledgement;
  }
  return tcpOutcome.noted;
}

function isChallenge({ tcp, state }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const marks = tcp[slot * tcpWordCount + tcpWord.marks]!;
  const expected = (marks & lastMark.challengeExpected) !== 0 && state[slot] === flowState.LAST_ACK;
  const answersSyn = classOf(marks) === segmentClass.SYN && senderOf(marks) !== segment.from;
  if (!expected || !answersSyn || segment.class !== segmentClass.ACK) return false;
  tcp[slot * tcpWordCount + tcpWord.marks] = marks & ~lastMark.challengeExpected;
  return true;
}

function completesSimultaneous({ tcp }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const both = (tcp[slot * tcpWordCount + tcpWord.marks]! & lastMark.simultaneous) !== 0;
  return both && segment.class === segmentClass.ACK && segment.from === 1;
}

/** RFC 5961: a RST counts where it stands exactly; below what was acknowledged it is none; else it may be a challenge. */
function reset(flows: TcpFlows, slot: number, segment: TcpSegment): TcpOutcome {
  const { tcp, state } = flows;
  const at = slot * tcpWordCount;
  const before = state[slot]!;
  if (before >= flowState.FIN_WAIT && before <= flowState.CLOSE) return moved(flows, slot, segment, flowState.CLOSE);
  let next: FlowState = flowState.CLOSE;
  const receiver = 1 - segment.from;
  const marks = tcp[at + tcpWord.marks]!;
  if ((marks & onSide(sideMark.acknowledges, receiver)) !== 0 && classOf(marks) !== segmentClass.SYN) {
    const established = before === flowState.ESTABLISHED && (marks & lastMark.assured) !== 0;
    const exact = tcp[at + tcpWord.acknowledged + receiver]!;
    if (segment.sequence === 0 && !established) return take(flows, slot, segment, next);
    if (isBefore(segment.sequence, exact)) return tcpOutcome.misfit;
    if (!established || isSame(segment.sequence, exact) || followsLast(tcp, slot, segment)) {
      return take(flows, slot, segment, next);
    }
    next = before;
  }
  return answersPassedOver(flows, slot, segment) ? moved(flows, slot, segment, next) : take(flows, slot, segment, next);
}

/** The RST stands right behind the same side's last segment. */
function followsLast(tcp: Int32Array, slot: number, { from, sequence }: TcpSegment): boolean {
  const marks = tcp[slot * tcpWordCount + tcpWord.marks]!;
  const ofSame = classOf(marks) === segmentClass.ACK && senderOf(marks) === from;
  return ofSame && isSame(sequence, tcp[slot * tcpWordCount + tcpWord.lastEnd]!);
}

/** The RST answers a SYN or an ACK that the record let pass without being in step with it. */
function answersPassedOver({ tcp, state, packets }: TcpFlows, slot: number, segment: TcpSegment): boolean {
  const at = slot * tcpWordCount;
  const marks = tcp[at + tcpWord.marks]!;
  const last = classOf(marks);
  const replied = packets[slot * 2 + 1]! > 0;
  const assured = (marks & lastMark.assured) !== 0;
  const toPassedOver = (replied && last === segmentClass.SYN) || (!assured && last === segmentClass.ACK);
  if (toPassedOver && isSame(segment.acknowledgement, tcp[at + tcpWord.lastEnd]!)) return true;
  const toChallenge = last === segmentClass.ACK && senderOf(marks) === 1 && state[slot] === flowState.SYN_SENT;
  return toChallenge && isSame(segment.sequence, tcp[at + tcpWord.lastAcknowledgement]!);
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
  const wasOpen = before === flowState.SYN_RECV || before === flowState.ESTABLISHED;
  let learnt = replied && wasOpen && next === flowState.ESTABLISHED ? lastMark.assured : 0;
  if (next !== before && next === flowState.FIN_WAIT) learnt |= onSide(sideMark.beganClose, segment.from);
  if (segment.class === segmentClass.FIN) learnt |= onSide(sideMark.finished, segment.from);
  tcp[slot * tcpWordCount + tcpWord.marks]! |= learnt;
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
  const at = slot * tcpWordCount;
  if (meetSender({ tcp, state }, slot, segment)) return;
  const sent = tcp[at + tcpWord.end + from]!;
  const awaited = tcp[at + tcpWord.end + 1 - from]!;
  const saysNothing = (flags & tcpFlag.ack) === 0 || ((flags & tcpFlag.rst) !== 0 && segment.acknowledgement === 0);
  const acknowledgement = saysNothing ? awaited : segment.acknowledgement;
  const answersSyn = (flags & tcpFlag.rst) !== 0 && segment.sequence === 0 && state[slot] === flowState.SYN_SENT;
  const end = answersSyn ? sent : segment.end;
  if (!answersSyn && isOutOfAnyWindow(tcp, slot, segment)) return;
  if (!isBefore(acknowledgement, awaited + 1)) return;
  if (!isBefore(awaited - leastAcknowledgedWindow - 1, acknowledgement)) return;
  if (isBefore(sent, end)) noteSent(tcp, slot, segment);
  if ((flags & tcpFlag.ack) !== 0) noteAcknowledged(tcp, slot * 2 + from, acknowledgement);
  if (isSame(acknowledgement, awaited)) tcp[at + tcpWord.marks]! &= ~onSide(sideMark.unacknowledged, 1 - from);
  if (segment.class === segmentClass.ACK) countRepeat(tcp, slot, segment);
}

function isOutOfAnyWindow(tcp: Int32Array, slot: number, { from, sequence, end }: TcpSegment): boolean {
  const at = slot * tcpWordCount;
  const known = tcp[at + tcpWord.end + from]!;
  if (isBefore(known + largestWindow, sequence) && isBefore(known, sequence)) return true;
  const heard = (tcp[at + tcpWord.marks]! & onSide(sideMark.seen, 1 - from)) !== 0;
  return heard && isBefore(end, known - largestWindow);
}

/** Begins with the sender where nothing is known of it, or its SYN tells anew; true: that was all. */
function meetSender({ tcp, state }: Pick<TcpFlows, "tcp" | "state">, slot: number, segment: TcpSegment): boolean {
  const { flags, from, end } = segment;
  const at = slot * tcpWordCount;
  const sender = at + tcpWord.end + from;
  const receiver = at + tcpWord.end + 1 - from;
  const marks = tcp[at + tcpWord.marks]!;
  const isSyn = (flags & tcpFlag.syn) !== 0;
  const known = (marks & onSide(sideMark.seen, from)) !== 0;
  if (known && !isSyn) return false;
  const opening = state[slot] === flowState.SYN_SENT || state[slot] === flowState.SYN_RECV;
  if (isSyn && (!known || (opening && isBefore(tcp[sender]!, end)))) {
    tcp[sender] = end;
    tcp[at + tcpWord.marks] = (marks & ~onSide(sideMark.all, from)) | onSide(sideMark.seen, from);
    return (flags & tcpFlag.ack) === 0 && (!known || from === 1);
  }
  if (known) return false;
  tcp[sender] = end;
  tcp[at + tcpWord.marks] = marks | onSide(sideMark.seen, from);
  if ((marks & onSide(sideMark.seen, 1 - from)) === 0) tcp[receiver] = segment.acknowledgement;
  else if (isSame(segment.acknowledgement, tcp[receiver]! + 1)) tcp[receiver] = segment.acknowledgement;
  return false;
}

function noteSent(tcp: Int32Array, slot: number, { from, end }: TcpSegment): void {
  const at = slot * tcpWordCount;
  tcp[at + tcpWord.end + from] = end;
  tcp[at + tcpWord.marks]! |= onSide(sideMark.unacknowledged, from);
}

/** `side`: two a record, the originator and the responder. */
function noteAcknowledged(tcp: Int32Array, side: number, acknowledgement: number): void {
  const at = (side >> 1) * tcpWordCount;
  const from = side & 1;
  const marks = tcp[at + tcpWord.marks]!;
  const first = (marks & onSide(sideMark.acknowledges, from)) === 0;
  const highest = at + tcpWord.acknowledged + from;
  if (first || isBefore(tcp[highest]!, acknowledgement)) tcp[highest] = acknowledgement;
  tcp[at + tcpWord.marks] = marks | onSide(sideMark.acknowledges, from);
}

function countRepeat(tcp: Int32Array, slot: number, segment: TcpSegment): void {
  const { from, sequence, acknowledgement, end, zeroWindow } = segment;
  const at = slot * tcpWordCount;
  const marks = tcp[at + tcpWord.marks]!;
  const same =
    senderOf(marks) === from &&
    isSame(tcp[at + tcpWord.lastSequence]!, sequence) &&
    isSame(tcp[at + tcpWord.lastAcknowledgement]!, acknowledgement) &&
    isSame(tcp[at + tcpWord.lastEnd]!, end) &&
    ((marks & lastMark.zeroWindow) !== 0) === zeroWindow;
  if (same) {
    if ((marks & lastMark.repeats) < lastMark.repeats) tcp[at + tcpWord.marks] = marks + lastMark.repeat;
    return;
  }
  tcp[at + tcpWord.marks] = marks & ~lastMark.repeats;
  tcp[at + tcpWord.lastSequence] = sequence;
  tcp[at + tcpWord.lastAcknowledgement] = acknowledgement;
  tcp[at + tcpWord.lastEnd] = end;
  noteWindow(tcp, slot, segment);
}

function noteLast(tcp: Int32Array, slot: number, segment: TcpSegment): void {
  const at = slot * tcpWordCount + tcpWord.marks;
  const kept = tcp[at]! & ~(lastMark.classes | lastMark.fromResponder);
  tcp[at] = kept | segment.class | (segment.from === 1 ? lastMark.fromResponder : 0);
}

function noteWindow(tcp: Int32Array, slot: number, { zeroWindow }: TcpSegment): void {
  const at = slot * tcpWordCount + tcpWord.marks;
  tcp[at] = (tcp[at]! & ~lastMark.zeroWindow) | (zeroWindow ? lastMark.zeroWindow : 0);
}

/** The class of the last segment. */
function classOf(marks: number): number {
  return marks & lastMark.classes;
}

/** The side that sent the last segment. */
function senderOf(marks: number): number {
  return (marks & lastMark.fromResponder) === 0 ? 0 : 1;
}

function isSame(a: number, b: number): boolean {
  return ((a - b) | 0) === 0;
}

/** Whether one sequence number stands before another, around the circle of 2^32. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
