// How one rule differs between two instants, in words and as plain data.

import { type FieldChange, type Position, type RuleDifference, unreachable } from "@conntrail/engine";
import { anyContent } from "../query/rules.js";
import { causeData, describeCause, describeRule, versionData } from "./rule.js";

type Positions = ReadonlyMap<string, Position>;

export function describeDifference(difference: RuleDifference, positions: Positions): string {
  switch (difference.is) {
    case "added": {
      const { version } = difference;
      return `+ \`${version.rule}\` (${contentText(version)})${by("written", version.begunBy, positions)}`;
    }
    case "removed": {
      const { version } = difference;
      return `− \`${version.rule}\` (${contentText(version)})${by("ended", version.endedBy, positions)}`;
    }
    case "changed": {
      const fields = difference.fields.map(describeField).join("; ");
      return `~ \`${difference.after.rule}\`: ${fields}${by("changed", difference.after.begunBy, positions)}`;
    }
    case "unknown": {
      const { before, after } = difference;
      return `? \`${after.rule}\`: was ${contentText(before)}; is ${contentText(after)}${by("changed", after.begunBy, positions)}`;
    }
    default:
      return unreachable(difference);
  }
}

type Version = Extract<RuleDifference, { is: "added" | "removed" }>["version"];

function contentText(version: Version): string {
  const { content } = version;
  if (content.kind === "known") return describeRule(content.rule);
  const possible = anyContent(version);
  const perhaps = possible === null ? "" : `, perhaps ${describeRule(possible)}`;
  return `not known: ${content.because}${perhaps}`;
}

function by(verb: string, cause: Version["begunBy"], positions: Positions): string {
  return cause === null ? "" : `, ${verb} ${describeCause(cause, positions)}`;
}

function describeField({ field, gone, come }: FieldChange): string {
  if (gone.length === 1 && come.length === 1) return `${field} ${gone[0]} → ${come[0]}`;
  const list = (sign: string, entries: readonly string[]) =>
    entries.length === 0 ? "" : ` ${sign}${shortened(entries).join(`, ${sign}`)}`;
  return `${field}${list("+", come)}${list("−", gone)}`;
}

function shortened(entries: readonly string[]): string[] {
  return entries.length <= 6 ? [...entries] : [...entries.slice(0, 6), `${entries.length - 6} more`];
}

export function differenceData(difference: RuleDifference, positions: Positions) {
  if ("version" in difference) {
    const { is, version } = difference;
    const cause = causeData(is === "added" ? version.begunBy : version.endedBy, positions);
    return { change: is, rule: version.rule, cause, version: versionData(version, positions, null) };
  }
  const { is, before, after } = difference;
  return {
    change: is,
    rule: after.rule,
    cause: causeData(after.begunBy, positions),
    fields: is === "changed" ? difference.fields : null,
    before: versionData(before, positions, null),
    after: versionData(after, positions, null),
  };
}
