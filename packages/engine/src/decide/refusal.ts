// Why a command is refused. Each reason carries what a person needs to put it right; words are made elsewhere.

import type { GroupKind, ResourceId } from "../event.js";
import type { RuleDirection } from "../policy/rule.js";
import type { Micros } from "../time.js";
import type { ResourceKind } from "./inventory.js";
import type { RuleText } from "./rule-text.js";

export type Refusal =
  | { readonly refused: "unknown-resource"; readonly kind: ResourceKind; readonly name: string; readonly known: Names }
  | { readonly refused: "ambiguous-name"; readonly kind: ResourceKind; readonly name: string; readonly ids: Names }
  | { readonly refused: "exists"; readonly kind: ResourceKind; readonly id: ResourceId }
  | { readonly refused: "bad-name"; readonly name: string }
  | { readonly refused: "bad-field"; readonly field: string; readonly text: string }
  | {
      readonly refused: "fields-missing";
      readonly rule: string;
      readonly fields: readonly (keyof RuleText)[];
      readonly because: string | null;
    }
  | { readonly refused: "unknown-rule"; readonly rule: string; readonly group: string }
  | { readonly refused: "default-rule"; readonly rule: string }
  | {
      readonly refused: "priority-taken";
      readonly priority: number;
      readonly direction: RuleDirection;
      readonly by: string;
    }
  | { readonly refused: "out-of-range"; readonly field: string; readonly value: number; readonly range: Range }
  | { readonly refused: "too-many"; readonly what: Limited; readonly count: number; readonly limit: number }
  | { readonly refused: "several-tags"; readonly tags: Names }
  | { readonly refused: "mixed-side"; readonly entries: Names }
  | { readonly refused: "deny-in-security-group"; readonly group: string }
  | { readonly refused: "wrong-kind"; readonly group: string; readonly kind: GroupKind }
  | {
      readonly refused: "address-outside-subnet";
      readonly address: string;
      readonly subnet: string;
      readonly prefixes: Names;
    }
  | { readonly refused: "address-reserved"; readonly address: string; readonly subnet: string }
  | { readonly refused: "address-taken"; readonly address: string; readonly by: string }
  | { readonly refused: "unknown-address"; readonly address: string; readonly interface: string; readonly known: Names }
  | { readonly refused: "prefix-outside-network"; readonly prefix: string; readonly subnet: string }
  | { readonly refused: "prefix-overlaps"; readonly prefix: string; readonly other: string }
  | { readonly refused: "edited-at-this-instant"; readonly event: string; readonly time: Micros };

type Names = readonly string[];

/** Both ends included. */
type Range = { readonly lowest: number; readonly highest: number };

/** What the platform has only so many of. */
export type Limited =
  | "rules in a group"
  | "addresses on a side"
  | "application security groups in a rule"
  | "application security groups in the rules of a group"
  | "application security groups of an address"
  | "groups at an interface or subnet"
  | "characters in a description";

export function isRefusal<T>(answer: T | Refusal): answer is Refusal {
  return typeof answer === "object" && answer !== null && "refused" in answer;
}
