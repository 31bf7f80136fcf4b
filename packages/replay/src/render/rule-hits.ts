// What rule versions did, as a table and as plain data.

import { formatInstant, isUnreadable, type Micros } from "@conntrail/engine";
import type { RuleHits, VersionHits } from "../query/rule-hits.js";
import { anyContent, type GroupRules } from "../query/rules.js";
import { formatCount } from "./amount.js";
import { formatPriority } from "./rule.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";

const head = ["rule", "version", "direction", "priority", "access", "flows", "packets", "bytes", "attempts", "denied"];
const reportedHead = ["reported allowed", "reported denied"];

export function renderHits({ name, group, versions }: GroupRules, hits: RuleHits, style: Style): string {
  const rows = versions.map((version) => {
    const content = anyContent(version);
    const priority = content === null || isUnreadable(content) ? "?" : (formatPriority(content) ?? "-");
    const named = [version.rule, version.isDefault ? "default" : `v${version.version}`];
    return [
      ...named,
      content?.direction ?? "?",
      priority,
      content?.access ?? "?",
      ...hitCells(hits.of(version), hits.hasReports),
    ];
  });
  const columns = [...head, ...(hits.hasReports ? reportedHead : []), "first hit", "last hit"];
  return `${style.bold(`${name} (${group})`)}\n${renderTable(columns, rows, style)}`;
}

function hitCells(hits: VersionHits, hasReports: boolean): string[] {
  const { flows, packets, bytes, attempts, denied_packets } = hits.packets ?? none;
  const { allowed, denied } = hits.reported ?? noReports;
  const reported = hasReports ? [allowed, denied] : [];
  const counts = [flows, packets, bytes, attempts, denied_packets, ...reported].map(formatCount);
  const { first, last } = spanOf(hits);
  return [...counts, first ?? "-", last ?? "-"];
}

const none = { flows: 0, packets: 0, bytes: 0, attempts: 0, denied_packets: 0 };
const noReports = { allowed: 0, denied: 0 };

/** Of packets and reports. */
function spanOf({ packets, reported }: VersionHits) {
  const told = [packets, reported].filter((hits) => hits !== null);
  if (told.length === 0) return { first: null, last: null };
  return {
    first: formatInstant(Math.min(...told.map(({ first }) => first)) as Micros),
    last: formatInstant(Math.max(...told.map(({ last }) => last)) as Micros),
  };
}

export function hitsData(hits: VersionHits) {
  const { flows, packets, bytes, attempts, denied_packets: deniedPackets } = hits.packets ?? none;
  const { allowed, denied } = hits.reported ?? noReports;
  return { flows, packets, bytes, attempts, deniedPackets, reported: { allowed, denied }, ...spanOf(hits) };
}
