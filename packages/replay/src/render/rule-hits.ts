// What rule versions did, as a table and as plain data.

import { formatInstant, isUnreadable, type Micros } from "@conntrail/engine";
import type { RuleHitTable } from "@conntrail/store";
import type { RuleHits } from "../query/rule-hits.js";
import { anyContent, type GroupRules } from "../query/rules.js";
import { formatCount } from "./amount.js";
import { formatPriority } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const head = [
  "rule",
  "version",
  "direction",
  "priority",
  "access",
  "flows",
  "packets",
  "bytes",
  "attempts",
  "denied",
  "first hit",
  "last hit",
];

export function renderHits({ name, group, versions }: GroupRules, hits: RuleHits, style: Style): string {
  const rows = versions.map((version) => {
    const content = anyContent(version);
    const priority = content === null || isUnreadable(content) ? "?" : (formatPriority(content) ?? "-");
    const named = [version.rule, version.isDefault ? "default" : `v${version.version}`];
    return [...named, content?.direction ?? "?", priority, content?.access ?? "?", ...hitCells(hits.of(version))];
  });
  return `${style.bold(`${name} (${group})`)}\n${renderTable(head, rows, style)}`;
}

function hitCells(hits: RuleHitTable | null): string[] {
  if (hits === null) return ["0", "0", "0", "0", "0", "-", "-"];
  const { flows, packets, bytes, attempts, denied_packets, first, last } = hits;
  const seen = [first, last].map((time) => formatInstant(time as Micros));
  return [...[flows, packets, bytes, attempts, denied_packets].map(formatCount), ...seen];
}

const none = { flows: 0, packets: 0, bytes: 0, attempts: 0, denied_packets: 0 };

export function hitsData(hits: RuleHitTable | null) {
  const { flows, packets, bytes, attempts, denied_packets: deniedPackets } = hits ?? none;
  const [first, last] = [hits?.first, hits?.last].map((time) => (time == null ? null : formatInstant(time as Micros)));
  return { flows, packets, bytes, attempts, deniedPackets, first, last };
}
