// What an auditor should look at in just-in-time access: nobody said what for, somebody else edited the rule, other
// rules moved silently, the policy's deny never came to decide, a rule outlived its grant or its machine.

import type { Actor, ResourceId } from "../event.js";
import { nameOfId, sameId } from "../resource-id.js";
import { endOfTime, type Micros, microsPerMinute } from "../time.js";
import { parseAddress } from "../wire/address.js";
import type { AccessGrant } from "./access-grant.js";
import { accessRuleKind, readAccessRuleDescription } from "./access-rule.js";
import type { AccessState } from "./access-state.js";
import { equalRules } from "./rule.js";
import { type RuleLife, ruleLives, ruleOf } from "./rule-life.js";
import type { Cause, RuleVersion } from "./rule-version.js";
import { type ShadowedDeny, shadowedDenies } from "./shadowed-deny.js";

/** `from`: since when it is so; `to`: up to when, `endOfTime` where nothing shows an end. */
export type AccessFinding = { readonly from: Micros; readonly to: Micros } & (
  | { readonly type: "no-justification"; readonly grant: AccessGrant }
  /** `by` is not who had made the rule; `version` the one that this edit began, or ended. */
  | { readonly type: "edited-by-hand"; readonly version: RuleVersion; readonly by: Cause }
  /** In the same operation, or minute: these say what they said before, at another priority. */
  | { readonly type: "priorities-shifted"; readonly version: RuleVersion; readonly moved: readonly PriorityMove[] }
  | ({ readonly type: "deny-shadowed" } & ShadowedDeny)
  | { readonly type: "left-behind"; readonly version: RuleVersion; readonly grant: AccessGrant }
  | { readonly type: "machine-gone"; readonly version: RuleVersion }
);

export type PriorityMove = { readonly version: RuleVersion; readonly before: number; readonly after: number };

/** What evidence shows up to and with this instant; in order of time. */
export function accessFindings(state: AccessState, at: Micros): AccessFinding[] {
  const groups = [...state.rules.groups.values()];
  const lives = groups.flatMap(({ versions }) => ruleLives(versions));
  const access = lives.filter(([first]) => kindOf(first!) !== null);
  const moves = lives.flatMap(priorityMoves);
  const found = [
    ...state.grants.filter(({ justification }) => (justification ?? "").trim() === "").map(unjustified),
    ...access.flatMap(editsByHand),
    ...access.flatMap((life) => shiftsBeside(life, moves)),
    ...groups.flatMap(({ versions }) => shadowedDenies(versions)).map(shadowed),
    ...access.flatMap((life) => leftBehind(life, state, at)),
    ...access.flatMap((life) => machineGone(life, state, at)),
  ];
  return found.filter(({ from }) => from <= at).sort((a, b) => a.from - b.from);
}

function kindOf(version: RuleVersion) {
  const rule = ruleOf(version);
  return rule === null ? null : accessRuleKind(rule);
}

function unjustified(grant: AccessGrant): AccessFinding {
  return { type: "no-justification", grant, from: grant.from, to: grant.end?.time ?? endOfTime };
}

function shadowed(found: ShadowedDeny): AccessFinding {
  const { deny, by } = found;
  const [from, to] = [Math.max(deny.from, by.from), Math.min(deny.to, by.to)];
  return { type: "deny-shadowed", ...found, from: from as Micros, to: to as Micros };
}

/** Later versions begun by somebody else; of the policy's deny also its deletion, which opens the port to all. */
function editsByHand(life: RuleLife): AccessFinding[] {
  const maker = life[0]!.begunBy?.actor ?? null;
  const edits = life.slice(1).flatMap((version) => {
    const { begunBy: by, from, to } = version;
    return by !== null && isSomebodyElse(by.actor, maker) ? [{ version, by, from, to }] : [];
  });
  const last = life.at(-1)!;
  const by = kindOf(life[0]!) === "policy" ? last.endedBy : null;
  if (by !== null && isSomebodyElse(by.actor, maker)) edits.push({ version: last, by, from: last.to, to: endOfTime });
  return edits.map((edit) => ({ type: "edited-by-hand", ...edit }));
}

/** Where nobody recorded who made the rule, a person is whoever signs in with a name and not with a service's id. */
function isSomebodyElse(actor: Actor | null, maker: Actor | null): boolean {
  const who = actor?.who ?? null;
  if (who === null) return false;
  return maker?.who == null ? who.includes("@") : who.toLowerCase() !== maker.who.toLowerCase();
}

const sameMinuteMicros = microsPerMinute;

/** Defender for Cloud makes room for its rules without a word ([A13]). */
function shiftsBeside([first]: RuleLife, moves: readonly PriorityMove[]): AccessFinding[] {
  const made = first!.begunBy;
  const isBeside = ({ version }: PriorityMove) => sameId(version.group, first!.group) && version.rule !== first!.rule;
  const moved = made === null ? [] : moves.filter((move) => isBeside(move) && isSameDoing(move.version.begunBy!, made));
  const { from, to } = first!;
  return moved.length === 0 ? [] : [{ type: "priorities-shifted", version: first!, moved, from, to }];
}

function isSameDoing(a: Cause, b: Cause): boolean {
  const correlation = a.actor?.correlationId ?? null;
  const correlated = correlation !== null && correlation === b.actor?.correlationId;
  return correlated || Math.abs(a.time - b.time) <= sameMinuteMicros;
}

/** Edits of the life that changed nothing but the priority. */
function priorityMoves(life: RuleLife): PriorityMove[] {
  return life.slice(1).flatMap((version, index) => {
    const [old, now] = [ruleOf(life[index]!), ruleOf(version)];
    if (old === null || now === null || version.begunBy === null || old.priority === now.priority) return [];
    const onlyMoved = equalRules({ ...old, priority: now.priority }, now);
    return onlyMoved ? [{ version, before: old.priority, after: now.priority }] : [];
  });
}

/** Rules go within minutes of the grant's end; no source says how many. */
const removalDelayMicros = 10 * microsPerMinute;

function leftBehind(life: RuleLife, state: AccessState, at: Micros): AccessFinding[] {
  const last = life.at(-1)!;
  const grants = state.ties.matchesOf(last).map(({ grant }) => grant);
  const ends = grants.map((grant) => servedUntil(grant, last, state));
  const from = Math.max(...ends) as Micros;
  if (grants.length === 0 || Math.min(last.to, at) - from <= removalDelayMicros) return [];
  return [{ type: "left-behind", version: last, grant: grants[ends.indexOf(from)]!, from, to: last.to }];
}

/** A newer grant that has no rule of its own in the group uses the one that is there. */
function servedUntil({ end }: AccessGrant, version: RuleVersion, state: AccessState): Micros {
  if (end === null) return endOfTime;
  const newer =
    end.because === "renewed" ? state.grants.find(({ cause }) => cause.event === end.cause?.event) : undefined;
  const own =
    newer === undefined ? [] : state.ties.versionsOf(newer).filter(({ group }) => sameId(group, version.group));
  return newer === undefined || own.length > 0 ? end.time : servedUntil(newer, version, state);
}

/** Still in force at the instant, for a machine that is no longer there. */
function machineGone(life: RuleLife, state: AccessState, at: Micros): AccessFinding[] {
  const version = life.find(({ from, to }) => from <= at && at < to);
  if (version === undefined) return [];
  const gone = [...removalOfMachine(version, state), ...lossOfAddress(version, state)].filter((time) => time <= at);
  const from = gone.sort((a, b) => a - b)[0];
  return from === undefined ? [] : [{ type: "machine-gone", version, from, to: version.to }];
}

function removalOfMachine(version: RuleVersion, { removals, ties }: AccessState): Micros[] {
  const said = readAccessRuleDescription(ruleOf(version)?.description ?? null)?.machineName;
  const machines = ties.matchesOf(version).map(({ grant }) => grant.machine);
  const isMachine = (id: ResourceId) =>
    machines.some((machine) => sameId(machine, id)) ||
    (/\/virtualmachines\//i.test(id) && nameOfId(id).toLowerCase() === said?.toLowerCase());
  return removals.filter(({ resource }) => isMachine(resource)).map(({ time }) => time);
}

/** When the last interface with the rule's private address went, where there was one. */
function lossOfAddress(version: RuleVersion, { network }: AccessState): Micros[] {
  const addresses = (ruleOf(version)?.destination.addresses ?? []).map(parseAddress).filter((own) => own !== null);
  const isHeld = (time: Micros) => addresses.some((own) => network.topologyAt(time).interfacesOf(own).length > 0);
  const { boundaries } = network;
  const lastHeld = boundaries.findLastIndex(isHeld);
  const next = boundaries[lastHeld + 1];
  return lastHeld < 0 || next === undefined ? [] : [next];
}
