// Small seeded worlds of reports: a group whose rules are edited, its flow log, and a log of windows of an interface that
// nobody showed. Few ends and ports, so that connections meet, and instants of whole seconds, so that reports do.

import type { ControlEvent, ReportedFlow } from "../../src/index.js";
import { groupSeen, interfaceSeen, networkSeen, ruleDeleted, ruleWritten } from "./control-events.js";
import { at, second } from "./instants.js";
import type { Random } from "./random.js";
import { report, row } from "./reporting.js";

export type WorldRule = {
  readonly name: string;
  readonly priority: number;
  readonly access: "allow" | "deny";
  readonly port: number;
  readonly from: number;
  readonly to: number;
};

export type ReportWorld = {
  readonly rules: readonly WorldRule[];
  readonly events: readonly ControlEvent[];
  readonly reports: readonly ReportedFlow[];
};

const ports = [22, 80, 443];

export function makeReportWorld(random: Random): ReportWorld {
  const rules = Array.from({ length: 1 + random.below(5) }, (_, index) => makeRule(random, index));
  const count = 5 + random.below(60);
  const reports = Array.from({ length: count }, () => (random.chance(0.6) ? tuple(random) : window(random)));
  const again = numbered(reports).flatMap((own) => (random.chance(0.3) ? [own, toldAgain(own, random)] : [own]));
  return { rules, events: evidenceOf(rules), reports: again };
}

function makeRule(random: Random, index: number): WorldRule {
  const from = random.chance(0.5) ? Number.NEGATIVE_INFINITY : second(60 + random.below(3600));
  const to = random.chance(0.5) ? Number.POSITIVE_INFINITY : second(3700 + random.below(3600));
  const access = random.pick(["allow", "allow", "deny"] as const);
  return { name: `r${index}`, priority: 100 + index, access, port: random.pick(ports), from, to };
}

function evidenceOf(rules: readonly WorldRule[]): ControlEvent[] {
  const text = ({ name, priority, access, port }: WorldRule) =>
    `${priority} ${name} inbound ${access} tcp * * -> * ${port}`;
  const first = rules.filter(({ from }) => !Number.isFinite(from)).map(text);
  const written = rules.filter(({ from }) => Number.isFinite(from));
  const deleted = rules.filter(({ to }) => Number.isFinite(to));
  return [
    groupSeen("08:00", first),
    interfaceSeen("08:00", "nic-1", { group: "web", more: { macAddress: "000d3af80001" } }),
    networkSeen("08:00", "vnet-1"),
    ...written.map((rule) => ruleWritten(rule.from as never, text(rule), { effect: "created" })),
    ...deleted.map((rule) => ruleDeleted(rule.to as never, rule.name)),
  ];
}

/** Seconds of two hours; often the same ones. */
function instantOf(random: Random): number {
  return random.chance(0.5) ? 600 * random.below(12) : random.below(7200);
}

function clockOf(seconds: number): string {
  return new Date((second(seconds) - at("00:00")) / 1000).toISOString().slice(11, 19);
}

function endsOf(random: Random) {
  const from = `203.0.113.${7 + random.below(2)}:${50_000 + random.below(2)}`;
  return { from, to: `10.0.0.4:${random.pick(ports)}` };
}

function tuple(random: Random): ReportedFlow {
  const kind = random.pick(["opened", "opened", "continued", "ended", "denied"] as const);
  const rule = random.pick(["UserRule_r0", "UserRule_r1", "DefaultRule_DenyAllInBound"]);
  const counts = { packetsForward: random.below(9), bytesForward: random.below(999), packetsBackward: random.below(9) };
  const told = kind === "opened" || kind === "denied" ? {} : { ...counts, bytesBackward: random.below(999) };
  const detail = random.pick(details);
  return report({ detail, time: clockOf(instantOf(random)), ...endsOf(random), kind, rule, ...told });
}

function window(random: Random): ReportedFlow {
  const seconds = instantOf(random);
  const { from, to } = endsOf(random);
  const kind = random.chance(0.1) ? random.pick(["no-data", "skipped"] as const) : "window";
  return row({
    ...(random.chance(0.5) ? { from, to } : { from: to, to: from }),
    time: clockOf(seconds),
    lastTime: clockOf(Math.min(seconds + random.pick([59, 599]), 7200)),
    kind,
    verdict: kind === "window" ? random.pick(["allow", "allow", "allow", "deny"] as const) : null,
    flags: random.pick([0xffff, 2, 18, 16]),
    detail: random.pick(details),
    packetsForward: random.below(9),
    bytesForward: random.below(999),
  });
}

/** Equal ones are told apart as importers do, or are the same. */
function numbered(reports: readonly ReportedFlow[]): ReportedFlow[] {
  return reports.map((own, index) => ({
    ...own,
    ordinal: index % 5 === 0 ? 1 : 0,
    record: index,
    offset: index * 100,
  }));
}

/** Of the same, in another format, which leaves some of it out or says more; or by chance something else. */
function toldAgain(own: ReportedFlow, random: Random): ReportedFlow {
  const { verdict, direction, flags, kind } = own;
  if (kind !== "window") return { ...own, detail: random.pick(details), record: 99 };
  return {
    ...own,
    verdict: random.chance(0.3) ? null : verdict,
    direction: random.chance(0.5) ? "inbound" : direction,
    flags: random.chance(0.5) ? 0xffff : flags,
    detail: random.pick(details),
    record: 99,
  };
}

const details = [
  "",
  '{"version":"2"}',
  '{"account-id":"1","version":"3"}',
  '{"region":"eu","version":"4"}',
  '{"account-id":"2","region":"eu"}',
];
