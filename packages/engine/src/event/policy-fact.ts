// Facts of rules: groups seen whole, rules written and deleted.

import type { RuleContent, UnreadableRule } from "../policy/rule.js";
import type { OperationRecord, ResourceId, SnapshotInstant } from "./evidence.js";

/**
 * What rules a group holds, and so how they are read: an Azure network security group, an AWS security group (allow
 * only), an AWS network ACL (stateless), or security admin rules of an Azure virtual network manager.
 */
export type GroupKind = "network-security-group" | "security-group" | "network-acl" | "security-admin";

/** A security group seen whole at an instant. */
export type SecurityGroupSeen = {
  readonly type: "security-group-seen";
  readonly data: {
    readonly group: ResourceId;
    readonly name: string;
    readonly rules: readonly (RuleContent | UnreadableRule)[];
    readonly defaultRules: readonly (RuleContent | UnreadableRule)[];
    /** Subnets and interfaces that the group says it is associated with. */
    readonly subnets: readonly ResourceId[];
    readonly interfaces: readonly ResourceId[];
    readonly flushConnection: boolean | null;
    readonly instant: SnapshotInstant;
    /** Left out: a network security group. */
    readonly kind?: Exclude<GroupKind, "network-security-group">;
    /** The virtual networks it is in (AWS) or applies to (security admin rules). */
    readonly networks?: readonly ResourceId[];
    /** Network ACLs: under which ids the subnets are associated. */
    readonly associations?: readonly SubnetAssociation[];
    /** Only some of its rules are shown: that a rule is missing says nothing. Effective rules of an interface. */
    readonly partial?: true;
    /** It was made at this instant: there was no such group before. */
    readonly begins?: true;
  };
};

/** An association gets a new id, `aclassoc-…`, each time another network ACL is put before its subnet. */
export type SubnetAssociation = { readonly id: string; readonly subnet: ResourceId };

/** A record of writing one rule. `rule` is null where this record has no body; another of the operation may. */
export type SecurityRuleWritten = {
  readonly type: "security-rule-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    /** AWS: of a rule that changes its id, `sgr-…`; what it then says has a name of its own. */
    readonly ruleName: string;
    readonly rule: RuleContent | UnreadableRule | null;
    /** AWS names a rule that changes by its id and not its direction: what it says if that is outbound, `rule` if not. */
    readonly ifOutbound?: RuleContent | UnreadableRule;
    /** No record says whether it was written. */
    readonly perhaps?: true;
  };
};

export type SecurityRuleDeleted = {
  readonly type: "security-rule-deleted";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    /** AWS: also the id, `sgr-…`, where the record names no more. */
    readonly ruleName: string;
    /** What it said, where the record says: AWS revokes by content. */
    readonly rule?: RuleContent;
  };
};

/** A record of writing a whole group: its rules replace those there were. `rules` is null where it has no body. */
export type SecurityGroupWritten = {
  readonly type: "security-group-written";
  readonly data: OperationRecord & {
    readonly group: ResourceId;
    readonly rules: readonly (RuleContent | UnreadableRule)[] | null;
  };
};
