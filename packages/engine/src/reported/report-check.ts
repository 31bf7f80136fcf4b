// Reported against derived: whether the rules, as we know them, say what the sensor says, and where not, the likeliest
// cause.

import type { FlowId } from "../flow/flow-id.js";
import type { NetworkHistory } from "../network/topology.js";
import type { PolicyHistory } from "../policy/policy-history.js";
import { microsPerMinute } from "../time.js";
import { decidingGate } from "../verdict.js";
import { protocolNumber } from "../wire/protocol.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import type { CheckClue, CheckOutcome } from "./check-outcome.js";
import { type Derivation, derive } from "./derivation.js";
import type { Earlier } from "./live-report.js";
import { isPlatformRule, namesRule } from "./logged-rule.js";
import { namedRule } from "./named-rule.js";
import { otherEdition } from "./other-edition.js";
import { OtherInstants } from "./other-instants.js";
import { type Stand, standOf } from "./report-stand.js";
import { noFlags } from "./reported-flow.js";
import type { Sighting } from "./sighting.js";

export type Check = {
  readonly derivation: Derivation | null;
  /** Where the sensor stands; null: not known. */
  readonly stand: Stand | null;
  readonly outcome: CheckOutcome;
  readonly clue: CheckClue | null;
};

/** A flow record of packets that was live at the interface at the instant, opened before it; null: none is known. */
export type PacketRecordBefore = (sighting: Sighting, derivation: Derivation) => FlowId | null;

type Found = Pick<Check, "outcome" | "clue">;

export class ReportCheck {
  readonly #others: OtherInstants;

  constructor(
    private readonly policy: PolicyHistory,
    private readonly network: NetworkHistory,
    private readonly packetRecordBefore: PacketRecordBefore,
  ) {
    this.#others = new OtherInstants(policy, network);
  }

  check(sighting: Sighting): Check {
    if (sighting.verdict === null) return { ...notCompared("no-verdict"), stand: this.#standOf(sighting) };
    const derivation = this.#derive(sighting);
    if (derivation === null) return notCompared("no-interface");
    return { derivation, stand: derivation.stand, ...this.#compare(sighting, derivation) };
  }

  #compare(sighting: Sighting, derivation: Derivation): Found {
    const same = sameVerdict(sighting, derivation);
    if (same === null) return this.#explain(sighting, derivation);
    if (same === "denied-elsewhere") return this.#elsewhere(sighting, derivation);
    return { outcome: same, clue: same === "other-rule" ? namedRule(this.policy, sighting) : null };
  }

  #standOf(sighting: Sighting): Stand | null {
    return standOf(sighting, this.network.topologyAt(sighting.time));
  }

  #derive(sighting: Sighting): Derivation | null {
    return derive({ policy: this.policy, network: this.network, sighting, time: sighting.time });
  }

  #elsewhere(sighting: Sighting, derivation: Derivation): Found {
    const edit = this.#others.editNear(sighting, (other) => other?.admission?.decision === "allow");
    if (edit !== null) return { outcome: "edit-in-the-same-minute", clue: edit };
    return { outcome: "denied-elsewhere", clue: denyingGate(derivation) };
  }

  #explain(sighting: Sighting, derivation: Derivation): Found {
    const { verdict, rejectReason } = sighting;
    if (verdict === "deny" && rejectReason !== null) return { outcome: "public-access-blocked", clue: null };
    if (derivation.decision === "unknown") return { outcome: "unknown-policy", clue: doubtOf(derivation) };
    const edit = this.#others.editNear(sighting, (other) => other?.decision === verdict);
    if (edit !== null) return { outcome: "edit-in-the-same-minute", clue: edit };
    const state = verdict === "allow" ? this.#openedBefore(sighting, derivation) : afterClose(sighting);
    if (state !== null) return state;
    const list = otherEdition({ policy: this.policy, network: this.network, sighting }, derivation);
    if (list !== null) return { outcome: "address-list", clue: list };
    if (isPlatformRule(sighting.rule)) return { outcome: "platform-rule", clue: null };
    return { outcome: "unexplained", clue: namedRule(this.policy, sighting) };
  }

  #openedBefore(sighting: Sighting, derivation: Derivation): Found | null {
    const { earlier, openingTold } = sighting;
    if (earlier !== null && coversStill(earlier, sighting)) {
      return { outcome: "opened-before", clue: { is: "own-record", ...earlier } };
    }
    const flow = this.packetRecordBefore(sighting, derivation);
    if (flow !== null) return { outcome: "opened-before", clue: { is: "packets", flow } };
    const clue = openingTold ? null : this.#others.allowedEarlier(sighting);
    return clue === null ? null : { outcome: "opened-before", clue };
  }
}

function notCompared(outcome: CheckOutcome): Check {
  return { derivation: null, stand: null, outcome, clue: null };
}

/** The longest that a record may live on without a packet: Azure's longest flow timeout [A8], AWS's default for TCP [W6]. */
const longestIdle = { azure: 30 * microsPerMinute, aws: 5 * 24 * 60 * microsPerMinute };

/** Azure tells of an opening again where a record goes on (DOMAIN 2.3); a SYN of AWS's opens another one. */
function coversStill({ lastSeen }: Earlier, { sensor, openingTold, time }: Sighting): boolean {
  if (sensor.kind === "aws-vpc") return !openingTold && time <= lastSeen + longestIdle.aws;
  return time <= lastSeen + longestIdle.azure;
}

/** Null: it is another. */
function sameVerdict(sighting: Sighting, derivation: Derivation): "agrees" | "other-rule" | "denied-elsewhere" | null {
  const { verdict } = sighting;
  const overall = derivation.admission?.decision ?? derivation.decision;
  if (derivation.decision !== verdict) return overall === verdict ? "other-rule" : null;
  if (verdict === "allow" && overall === "deny" && derivation.basis === "own-gate") return "denied-elsewhere";
  return namesOtherRule(sighting, derivation) ? "other-rule" : "agrees";
}

function namesOtherRule({ rule }: Sighting, { decidedBy, byPlatform }: Derivation): boolean {
  const named = rule?.rule ?? null;
  if (isPlatformRule(rule)) return !byPlatform;
  if (named === null) return false;
  return decidedBy === null || !namesRule(named, decidedBy);
}

function denyingGate({ admission }: Derivation): CheckClue | null {
  const denying = admission === null ? null : decidingGate(admission);
  if (denying === null) return null;
  const { gate, group } = denying;
  return { is: "gate", gate, group, rule: "decidedBy" in denying ? (denying.decidedBy?.rule ?? null) : null };
}

function doubtOf({ doubt }: Derivation): CheckClue | null {
  return doubt === null ? null : { is: "doubt", ...doubt };
}

/** The longest aggregation interval of AWS, and a minute for what comes late [W3]. */
const closeMicros = 11 * microsPerMinute;

/** AWS rejects packets that come after the close, too: no proof that a rule denied [W3]. */
function afterClose({ sensor, earlier, flags, time, tuple }: Sighting): Found | null {
  if (sensor.kind !== "aws-vpc") return null;
  if (earlier !== null && time <= earlier.lastSeen + closeMicros) {
    return { outcome: "after-close", clue: { is: "own-record", ...earlier } };
  }
  const opensNothing = tuple.protocol === protocolNumber.tcp && flags !== noFlags && (flags & tcpFlag.syn) === 0;
  return opensNothing ? { outcome: "after-close", clue: { is: "no-syn" } } : null;
}
