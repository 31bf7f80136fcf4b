// How the rules of one group differ between two instants: by name, field by field. What is not known is not compared.

import { isUnreadable, type RuleContent, type RuleSide, ruleKey } from "./rule.js";
import type { RuleSet } from "./rule-set.js";
import type { RuleVersion } from "./rule-version.js";

export type RuleField =
  | "priority"
  | "direction"
  | "access"
  | "protocol"
  | "source"
  | "source ports"
  | "destination"
  | "destination ports"
  | "description";

/** Of lists, what is gone and what has come; of single values, the one and the other. */
export type FieldChange = {
  readonly field: RuleField;
  readonly gone: readonly string[];
  readonly come: readonly string[];
};

export type RuleDifference =
  | { readonly is: "added" | "removed"; readonly version: RuleVersion }
  | {
      readonly is: "changed";
      readonly before: RuleVersion;
      readonly after: RuleVersion;
      readonly fields: readonly FieldChange[];
    }
  /** It is another version, and what one of them says is not known. */
  | { readonly is: "unknown"; readonly before: RuleVersion; readonly after: RuleVersion };

/** By name. */
export function ruleDifferences(before: RuleSet, after: RuleSet): RuleDifference[] {
  const was = byName(before);
  const is = byName(after);
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  return names.flatMap((name) => differenceOf(was.get(name), is.get(name)));
}

function byName({ versions }: RuleSet): Map<string, RuleVersion> {
  return new Map(versions.map((version) => [ruleKey(version.rule), version]));
}

function differenceOf(before: RuleVersion | undefined, after: RuleVersion | undefined): RuleDifference[] {
  if (before === after) return [];
  if (before === undefined) return [{ is: "added", version: after! }];
  if (after === undefined) return [{ is: "removed", version: before }];
  const [was, is] = [readable(before), readable(after)];
  if (was === null || is === null) return [{ is: "unknown", before, after }];
  const fields = fieldsOf(was).flatMap(([field, values], index) => changeOf(field, values, fieldsOf(is)[index]![1]));
  return fields.length === 0 ? [] : [{ is: "changed", before, after, fields }];
}

function readable({ content }: RuleVersion): RuleContent | null {
  return content.kind === "known" && !isUnreadable(content.rule) ? content.rule : null;
}

function changeOf(field: RuleField, was: readonly string[], is: readonly string[]): FieldChange[] {
  const without = (list: readonly string[], others: readonly string[]) => {
    const known = new Set(others.map((entry) => entry.toLowerCase()));
    return list.filter((entry) => !known.has(entry.toLowerCase()));
  };
  const [gone, come] = [without(was, is), without(is, was)];
  return gone.length + come.length === 0 ? [] : [{ field, gone, come }];
}

function fieldsOf(rule: RuleContent): (readonly [RuleField, readonly string[]])[] {
  const { icmp, description } = rule;
  const kind = icmp === undefined ? "" : ` type ${icmp.type ?? "any"} code ${icmp.code ?? "any"}`;
  return [
    ["priority", [String(rule.priority)]],
    ["direction", [rule.direction]],
    ["access", [rule.access]],
    ["protocol", [`${rule.protocol}${kind}`]],
    ["source", addressesOf(rule.source)],
    ["source ports", rule.source.ports],
    ["destination", addressesOf(rule.destination)],
    ["destination ports", rule.destination.ports],
    ["description", description === null ? [] : [description]],
  ];
}

function addressesOf({ addresses, applicationSecurityGroups }: RuleSide): readonly string[] {
  return [...addresses, ...applicationSecurityGroups];
}
