// Conversations as aligned text, and what Zeek would log of them in a line each.

import {
  ConnectionTracker,
  formatAddress,
  type Micros,
  packetMark,
  type TrafficBatch,
  type ZeekConnection,
  type ZeekEnd,
} from "../../src/index.js";
import { answer, batchOf, flagsOf, type PacketText, packet } from "./packets.js";

export const start = 1_700_000_000_000_000 as Micros;

/**
 * A line a packet: seconds, `>` or `<`, TCP flags, sequence number, acknowledgement, bytes of payload; `w` behind it
 * for a window of zero, `c` for a wrong checksum, `cut` for a payload that was not captured whole.
 */
export function talk(text: string, more: Partial<PacketText> = {}): PacketText[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const [seconds, direction, flags, sequence, acknowledgement, payload, ...notes] = line.trim().split(/\s+/);
    const forward = packet({
      time: at(Number(seconds)),
      frame: index + 1,
      destinationPort: 80,
      ...more,
      flags: flagsOf(flags!),
      sequence: Number(sequence) >>> 0,
      acknowledgement: Number(acknowledgement) >>> 0,
      payloadLength: Number(payload),
      ipLength: 40 + Number(payload),
      zeroWindow: notes.includes("w"),
      marks: (notes.includes("c") ? packetMark.badChecksum : 0) | (notes.includes("cut") ? packetMark.cutShort : 0),
    });
    return direction === ">" ? forward : answer(forward, {});
  });
}

export function at(seconds: number): Micros {
  return (start + Math.round(seconds * 1e6)) as Micros;
}

export function tracked(batches: readonly TrafficBatch[], ignoreChecksums = false): ZeekConnection[] {
  const connections: ZeekConnection[] = [];
  const onConnection = (connection: ZeekConnection) => void connections.push(connection);
  const tracker = new ConnectionTracker({ ignoreChecksums, onConnection });
  for (const batch of batches) tracker.push(batch);
  tracker.finish();
  return connections;
}

/** `SF ShADadFf 1.5 s 100+200 bytes 5+4 packets`, and ` 10 missed` where content is. */
export function outcomes(packets: readonly PacketText[]): string[] {
  return tracked([batchOf(packets)]).map(outcome);
}

export function outcome(connection: ZeekConnection): string {
  const { state, history, duration, originator, responder, missedBytes } = connection;
  const bytes = `${originator.payloadBytes}+${responder.payloadBytes} bytes`;
  const packets = `${originator.packets}+${responder.packets} packets`;
  const missed = missedBytes > 0 ? ` ${missedBytes} missed` : "";
  return `${state} ${history || "-"} ${duration / 1e6} s ${bytes} ${packets}${missed}`;
}

/** `203.0.113.7:50000 > 10.0.0.4:80`. */
export function endsOf({ originator, responder }: ZeekConnection): string {
  const text = ({ address, port }: ZeekEnd) => `${formatAddress(address)}:${port}`;
  return `${text(originator)} > ${text(responder)}`;
}
