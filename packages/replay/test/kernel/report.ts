// A disagreement in words: the packet, both verdicts, what went before, the rules in force, and how to see it again.

import type { Disagreement } from "./comparison.js";
import type { Experiment } from "./experiment.js";
import { machines } from "./network.js";
import { endsOf, type SentFrame } from "./run.js";
import { applied, type Group, inOrder, type Rule } from "./security-group.js";

export function report(experiment: Experiment, { frame, sent, kernel, ours }: Disagreement): string {
  const { seed, kind, count } = experiment.plan;
  return [
    `frame ${frame} of seed ${seed} (${kind}): ${packetInWords(sent)}`,
    `  kernel: ${kernel.join("; ")}`,
    `  ours:   ${ours.join("; ") || "nothing"}`,
    "  sent before between the two:",
    ...before(experiment, frame, sent),
    "  rules in force:",
    ...rulesInForce(experiment, sent),
    `  repeat: CONNTRAIL_KERNEL_SEED=${seed} CONNTRAIL_KERNEL_RUNS=1 CONNTRAIL_KERNEL_COUNT=${count} npx vitest run packages/replay/test/kernel`,
  ].join("\n");
}

function packetInWords({ datagram: { source, destination, says }, bytes }: SentFrame): string {
  return `${source} > ${destination} ${says}${transportInWords(Buffer.from(bytes))}`;
}

/** Ports and sequence numbers, where they stand right behind the IP header. */
function transportInWords(packet: Buffer): string {
  const v4 = packet[0]! >> 4 === 4;
  const transport = packet.subarray(v4 ? (packet[0]! & 15) * 4 : 40);
  const protocol = packet[v4 ? 9 : 6];
  const isLaterFragment = v4 && (packet.readUInt16BE(6) & 0x1fff) !== 0;
  if (isLaterFragment || (protocol !== 6 && protocol !== 17) || transport.length < 8) return "";
  const ports = `, ${transport.readUInt16BE(0)} > ${transport.readUInt16BE(2)}`;
  if (protocol === 17 || transport.length < 20) return ports;
  return `${ports}, seq ${transport.readUInt32BE(4)} ack ${transport.readUInt32BE(8)}, ${transport.length} bytes`;
}

function before({ frames, edits }: Experiment, frame: number, sent: SentFrame): string[] {
  const told = frames
    .slice(0, frame)
    .map((other, index) => ({ time: other.time, other, index }))
    .filter(({ other }) => endsOf(other) === endsOf(sent))
    .map(({ time, other, index }) => {
      const verdicts = other.judgements.map(({ verdict }) => verdict).join(", ");
      return { time, line: `    ${index + 1} ${packetInWords(other)}: ${verdicts}` };
    });
  const edited = edits
    .filter(({ time }) => time < sent.time)
    .map(({ edit, time }) => ({ time, line: `    -- ${edit.type} ${edit.group}/${edit.rule.name}` }));
  return [...told, ...edited]
    .sort((a, b) => a.time - b.time)
    .map(({ line }) => line)
    .slice(-40);
}

function rulesInForce({ setting: { groups, gates }, edits }: Experiment, { time, judgements }: SentFrame): string[] {
  return judgements.flatMap(({ interface: name, direction }) => {
    const { subnet, interface: own } = gates[machines.findIndex((machine) => machine.interface === name)]!;
    const standing = groups.filter((group) => group.name === subnet?.name || group.name === own?.name);
    return standing.flatMap((group) => {
      const now = edits.reduce<Group>(
        (so, { edit, time: at }) => (at < time && edit.group === group.name ? applied(so, edit) : so),
        group,
      );
      const rules = inOrder(now, direction === "inbound" ? "Inbound" : "Outbound");
      return [`    ${group.name} at ${name}, ${direction}`, ...rules.map((rule) => `      ${ruleInWords(rule)}`)];
    });
  });
}

function ruleInWords(rule: Rule): string {
  const { priority, name, access, protocol, sources, sourcePorts, destinations, destinationPorts } = rule;
  return `${priority} ${name}: ${access} ${protocol} ${sources} ${sourcePorts} > ${destinations} ${destinationPorts}`;
}
