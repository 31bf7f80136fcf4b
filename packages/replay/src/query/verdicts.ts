// One line for each IP packet and each interface that judged it, in the order of the fold.

import {
  decidingGate,
  formatAddress,
  formatInstant,
  formatTcpFlags,
  type JudgedPacket,
  type Micros,
  type PlatformReason,
  type Position,
  protocolNumber,
  type Reason,
  viewPacket,
} from "@conntrail/engine";
import { foldLog, readControl, sources, stateBefore } from "@conntrail/store";
import type { Case } from "../case.js";

export type VerdictLine = {
  readonly frame: number;
  readonly file: string;
  readonly time: string;
  readonly interface: string | null;
  readonly direction: string | null;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly protocol: number;
  readonly flags: string;
  readonly verdict: string;
  readonly reason: VerdictReason;
};

export type VerdictReason = {
  readonly type: string;
  readonly rule: string | null;
  readonly group: string | null;
  readonly version: number | null;
  readonly flow: string | null;
  /** Only where the verdict is unknown. */
  readonly because?: readonly string[];
  /** What the platform itself does, where that settled it. */
  readonly platform?: PlatformReason;
};

export type VerdictsQuestion = {
  /** Included; null: from the beginning. */
  readonly since: Micros | null;
  /** Excluded; null: to the end. */
  readonly until: Micros | null;
  readonly knownAt: Position | null;
};

/** Hands out lines batch by batch, and waits for `write` before it reads on. */
export async function verdicts(
  kase: Case,
  question: VerdictsQuestion,
  write: (lines: readonly VerdictLine[]) => Promise<void>,
): Promise<void> {
  const names = new Map(sources(kase.views).map(({ sha256, name }) => [sha256, name]));
  let lines: VerdictLine[] = [];
  const flush = async () => {
    const ready = lines;
    lines = [];
    await write(ready);
  };
  await foldLog(kase.log, kase.views, {
    control: await readControl(kase.log, question.knownAt),
    knownAt: question.knownAt,
    semantics: kase.semantics,
    until: question.until === null ? null : ((question.until - 1) as Micros),
    only: null,
    from: question.since === null ? [] : stateBefore(kase.views, question.since),
    onFlow: () => undefined,
    onVerdict: (judged) => {
      const time = judged.traffic.batch.time[judged.index]!;
      if (question.since === null || time >= question.since) lines.push(verdictLine(judged, names));
    },
    onBatch: flush,
  });
  await flush();
}

function verdictLine(judged: JudgedPacket, names: ReadonlyMap<string, string>): VerdictLine {
  const { traffic, index } = judged;
  const { batch } = traffic;
  const packet = viewPacket(batch, index);
  return {
    frame: batch.frame[index]!,
    file: names.get(traffic.sha256) ?? traffic.sha256,
    time: formatInstant(batch.time[index]! as Micros),
    interface: judged.interface?.name ?? null,
    direction: judged.direction,
    source: formatAddress(packet.source),
    sourcePort: packet.sourcePort,
    destination: formatAddress(packet.destination),
    destinationPort: packet.destinationPort,
    protocol: packet.protocol,
    flags: packet.protocol === protocolNumber.tcp ? formatTcpFlags(batch.flags[index]!) : "",
    verdict: judged.verdict,
    reason: verdictReason(judged.reason),
  };
}

function verdictReason(reason: Reason): VerdictReason {
  const { type } = reason;
  const flow = "flow" in reason ? reason.flow : null;
  if (reason.type === "several-interfaces") {
    const because = [`more than one interface has the address: ${reason.interfaces.join(", ")}`];
    return { type, rule: null, group: null, version: null, flow, because };
  }
  if (!("admission" in reason)) return { type, rule: null, group: null, version: null, flow };
  const gate = decidingGate(reason.admission);
  const version = gate !== null && "decidedBy" in gate ? gate.decidedBy : null;
  const group = version?.groupName ?? gate?.group ?? null;
  const doubts = reason.admission.gates.flatMap((outcome) => ("because" in outcome ? outcome.because : []));
  const because = doubts.map((doubt) =>
    doubt.rule === null ? doubt.because : `\`${doubt.rule.rule}\`: ${doubt.because}`,
  );
  return {
    type,
    rule: version?.rule ?? null,
    group,
    version: version?.version ?? null,
    flow,
    ...(gate !== null && "platform" in gate && { platform: gate.platform }),
    ...(reason.type === "unknown" && { because }),
  };
}
