// The answer to *why*, in words and as plain data.

import {
  type Address,
  assumptionsOf,
  formatAddress,
  formatInstant,
  type Position,
  type Standing,
} from "@conntrail/engine";
import { formatFlow } from "../query/endpoint.js";
import type { ReportedAnswer } from "../query/reported.js";
import type { ReportedAdmission } from "../query/reported-admission.js";
import type { FlowAnswer, NewConnection, WhyAnswer } from "../query/why.js";
import { admissionData, describeAssumption, describeGate, doubtsOf } from "./admission.js";
import { endedParagraph, endLines, reportedEndLines, untrackedOf, untrackedWords } from "./flow-end.js";
import {
  grantLines,
  type LetIn,
  movedText,
  outlivedData,
  outlivedLines,
  outlivedStory,
  tiedGrantData,
} from "./outlived.js";
import { describeSensor, reportedConversationData, reportedLines } from "./reported.js";
import type { Style } from "./style.js";
import { tableFullData, tableFullNote } from "./table-full.js";
import { unlessUnseen, unseenData, unseenLines, weaker } from "./unseen-opening.js";

/** What the answer comes to. `none`: no interface is known, nobody judged. */
export function whyVerdict(answer: WhyAnswer): "allow" | "deny" | "unknown" | "none" {
  const first = answer.live[0];
  if (first !== undefined && untrackedOf(first) === null && first.record.admission.decision !== "none") {
    return first.record.admission.decision === "unknown" ? "unknown" : "allow";
  }
  if (first === undefined && openAsReported(answer) !== null) return "allow";
  return first === undefined || untrackedOf(first) !== null ? unlessUnseen(newVerdict(answer), answer.unseen) : "none";
}

/** The record by which a sensor says that packets passed at that instant, where no packets show it. */
function openAsReported({ live, reported }: WhyAnswer): ReportedAnswer | null {
  if (live.length > 0) return null;
  return reported.records.find(({ row, open }) => open && row.verdict === "allow") ?? null;
}

function newVerdict({ new: asked, placement }: WhyAnswer): "allow" | "deny" | "unknown" | "none" {
  if (placement.is === "several") return "unknown";
  if (asked.length === 0) return "none";
  const decisions = asked.map(({ admission }) => admission.decision);
  if (decisions.includes("deny")) return "deny";
  return decisions.includes("unknown") ? "unknown" : "allow";
}

export function renderWhy(answer: WhyAnswer, style: Style): string {
  const parts = [headline(answer, style), inShort(answer), ...paragraphs(answer, style), footer(answer, style)];
  return parts.filter((part) => part !== null).join("\n\n");
}

/** The story for somebody who has never seen the tool; null where there is none to tell. */
function inShort(answer: WhyAnswer): string | null {
  const flow = tracked(answer);
  const letIn = flow?.record.admission.decision === "allow" ? flow : openAsReported(answer)?.admission;
  return letIn === undefined ? null : outlivedStory(letIn, newVerdict(answer));
}

function headline(answer: WhyAnswer, style: Style): string {
  const verdict = whyVerdict(answer);
  const at = formatInstant(answer.question.at);
  const live = tracked(answer);
  if (verdict === "none") return style.doubtful(`NOT JUDGED at ${at}: no interface known then has either address`);
  if (verdict === "unknown") return style.doubtful(`UNKNOWN at ${at}: the evidence does not settle it`);
  if (live !== undefined) {
    return `${style.good("ALLOWED")} at ${at} by live flow record ${style.bold(live.record.id)}: its packets are not judged again`;
  }
  const told = openAsReported(answer);
  if (told !== null) {
    return `${style.good("ALLOWED")} at ${at} as reported: flow record ${style.bold(told.row.id)} of ${describeSensor(told.row.sensor)} was open`;
  }
  if (answer.live[0] !== undefined) {
    const word = verdict === "allow" ? style.good("ALLOWED") : style.bad("DENIED");
    return `${word} at ${at} by the rules of that instant: ${untrackedWords[untrackedOf(answer.live[0])!]}`;
  }
  const word = verdict === "allow" ? style.good("ALLOWED") : style.bad("DENIED");
  const why = answer.question.newOnly
    ? "as a new connection"
    : "no flow record covers it, so it is judged as a new connection";
  return `${word} at ${at}: ${why}`;
}

/** The record that lets packets pass without asking the rules; null where there is none. */
function tracked({ live: [first] }: WhyAnswer): FlowAnswer | undefined {
  return first === undefined || untrackedOf(first) !== null ? undefined : first;
}

function paragraphs(answer: WhyAnswer, style: Style): string[] {
  const flows = answer.live.map((flow) => flowParagraphs(flow, answer, style));
  const ended = answer.ended === null ? [] : [endedParagraph(answer.ended)];
  const full = answer.tableFull.map((row) => style.doubtful(`${tableFullNote(row)}.`));
  const lines = reportedLines(answer.reported, answer.positions);
  const told = openAsReported(answer);
  const reported = lines.length === 0 ? [] : [section(style, "As reported", lines)];
  if (told !== null) {
    reported.push(...becameOfRule(told.admission, answer, style));
    if (told.row.interface !== null)
      reported.push(section(style, "What ends it", reportedEndLines(told, answer.semantics)));
  }
  const unseenGaps = unseenLines(answer.unseen);
  const unseen = unseenGaps.length === 0 ? [] : [section(style, "What may have gone unseen", unseenGaps)];
  return [...flows.flat(), ...ended, ...reported, ...unseen, newParagraph(answer, style), ...full];
}

function flowParagraphs(flow: FlowAnswer, answer: WhyAnswer, style: Style): string[] {
  const { record } = flow;
  const where = record.interfaceName === null ? "no known interface" : `${record.direction} at ${record.interfaceName}`;
  return [
    section(style, "The connection", [`${formatFlow(record)}, ${where}`, openingLine(flow), movedLine(flow)]),
    section(style, "Why it was let in", admittedLines(flow, answer)),
    ...becameOfRule(flow, answer, style),
    section(style, "What ends it", endLines(flow, answer.semantics)),
  ];
}

function becameOfRule(letIn: LetIn, { positions, question: { at } }: WhyAnswer, style: Style): string[] {
  if (letIn.outlived.length === 0) return [];
  return [section(style, "What became of the rule", outlivedLines(letIn, { positions, at }))];
}

function section(style: Style, title: string, lines: readonly string[]): string {
  return [style.bold(title), ...lines.map((line) => `  ${line}`)].join("\n");
}

function openingLine({ record, opening }: FlowAnswer): string {
  const address = opening.position === null ? "" : `, log position ${opening.position}.${opening.index}`;
  const judged = record.admission.decision === "none" ? "" : ", and was judged as if it were";
  const late = record.midStream ? `; that packet was not the first of its connection${judged}` : "";
  return `opened ${formatInstant(record.openedAt)} by frame ${opening.frame} of ${opening.file}${address}${late}`;
}

function movedLine({ moved, lastSeen }: FlowAnswer): string {
  return `until then ${movedText(moved)}; last packet ${formatInstant(lastSeen)}`;
}

function admittedLines(flow: FlowAnswer, answer: WhyAnswer): string[] {
  const { admission } = flow.record;
  if (admission.decision === "none") return ["nobody judged it: import the interface (`az network nic show`)"];
  return [...admission.gates.map(describeGate), ...flow.grants.flatMap((grant) => grantLines(grant, answer.positions))];
}

function newParagraph(answer: WhyAnswer, style: Style): string {
  const { placement } = answer;
  if (placement.is === "nowhere") {
    return section(style, "A new connection", ["can't be judged: import the interface (`az network nic show`)"]);
  }
  if (placement.is === "several") {
    const names = placement.interfaces.map(({ name }) => name).join(", ");
    return section(style, "A new connection", [`can't be judged: ${names} have the same address`]);
  }
  return section(style, "A new connection at that instant", [
    ...answer.new.flatMap((asked) => newLines(asked, style)),
    ...answer.unplaced.map(unplacedLine),
  ]);
}

function unplacedLine(address: Address): string {
  return `${formatAddress(address)} is inside the network and at no known interface: what is judged there is not known`;
}

function newLines({ judge, admission, standing }: NewConnection, style: Style): string[] {
  const words = {
    allow: style.good("would be ALLOWED"),
    deny: style.bad("would be DENIED"),
    unknown: style.doubtful("UNKNOWN"),
    none: "",
  };
  const head = `${words[admission.decision]} ${judge.direction} at ${judge.at.name} (${standing})`;
  return [head, ...admission.gates.map((gate) => `  ${describeGate(gate)}`)];
}

const standingText: { readonly [standing in Standing]: string } = {
  proven: "proven",
  inferred:
    "inferred: part of what it rests on was seen only later, or is taken for granted, and nothing contradicts it",
  unknown: "unknown: evidence is missing",
};

const reportedText = "inferred: it rests on what a sensor reported, and no packet shows it";

/** Of the record that lets packets pass; else of what the rules say. What a sensor says is nobody's packet. */
function standingOfAnswer(answer: WhyAnswer): Standing {
  if (openAsReported(answer) !== null) return "inferred";
  const standing = tracked(answer)?.standing ?? answer.new.at(-1)?.standing ?? "unknown";
  return newVerdict(answer) === "deny" ? weaker(standing, answer.unseen.doubt) : standing;
}

function footer(answer: WhyAnswer, style: Style): string {
  const standing = standingOfAnswer(answer);
  const told = openAsReported(answer);
  const causes = [
    ...answer.live.flatMap((flow) => causesOf(flow)),
    ...(told === null ? [] : causesOfVersions(told.admission)),
    ...answer.snapshots,
  ];
  const known = [...causes.map((event) => answer.positions.get(event)), told?.opening?.position];
  const positions = [...new Set(known.filter((at) => at !== undefined))];
  const rests = positions.length === 0 ? "" : `; rests on log positions ${positions.sort((a, b) => a - b).join(", ")}`;
  const entered = positionsByHand(answer, causes);
  const byHand = entered.length === 0 ? "" : `; entered by hand: log positions ${entered.join(", ")}`;
  const scope = answer.unplaced.length === 0 ? "" : ", as far as the interfaces are known";
  const assumed = assumedBy(answer).map((text) => ` It takes for granted that ${text}.`);
  return style.dim(
    `This answer is ${told === null ? standingText[standing] : reportedText}${scope} (semantics: ${answer.semantics.name})${rests}${byHand}.${assumed.join("")}`,
  );
}

function assumedBy({ live, new: asked }: WhyAnswer): string[] {
  const admissions = [...live.map(({ record }) => record.admission), ...asked.map(({ admission }) => admission)];
  return [...new Set(admissions.flatMap(assumptionsOf).map(describeAssumption))];
}

/** Of the events that the answer rests on, those that no evidence shows; those that wrote the deciding rules included. */
function positionsByHand(answer: WhyAnswer, causes: readonly string[]): Position[] {
  const deciding = answer.new.flatMap(({ admission }) =>
    admission.gates.flatMap((gate) => ("decidedBy" in gate ? (gate.decidedBy?.begunBy?.event ?? []) : [])),
  );
  const entered = [...new Set([...causes, ...deciding, ...answer.placesByHand])].filter((event) =>
    answer.byHand.has(event),
  );
  return entered.flatMap((event) => answer.positions.get(event) ?? []).sort((a, b) => a - b);
}

function causesOf(flow: FlowAnswer): string[] {
  const versions = flow.record.admission.gates.flatMap((gate) => ("decidedBy" in gate ? (gate.decidedBy ?? []) : []));
  return causesOfVersions({ versions, grants: flow.grants });
}

function causesOfVersions({ versions, grants }: Pick<ReportedAdmission, "versions" | "grants">): string[] {
  const edits = versions.flatMap(({ begunBy, endedBy }) => [begunBy?.event, endedBy?.event]);
  return [...edits, ...grants.map(({ grant }) => grant.cause.event)].filter((event) => event !== undefined);
}

export function whyData(answer: WhyAnswer) {
  const { positions, question } = answer;
  return {
    verdict: whyVerdict(answer),
    at: formatInstant(question.at),
    new: question.newOnly,
    semantics: answer.semantics.name,
    standing: standingOfAnswer(answer),
    flows: answer.live.map((flow) => flowData(flow, positions)),
    reported: reportedConversationData(answer.reported, positions),
    unseen: unseenData(answer.unseen),
    lastEnded: answer.ended === null ? null : flowData(answer.ended, positions),
    newConnection: answer.new.map(({ judge, admission, standing }) => ({
      interface: judge.at.name,
      direction: judge.direction,
      standing,
      ...admissionData(admission, positions),
    })),
    unplaced: answer.unplaced.map(formatAddress),
    restsOn: answer.snapshots.map((event) => positions.get(event) ?? null),
    enteredByHand: positionsByHand(answer, [...answer.live.flatMap(causesOf), ...answer.snapshots]),
    because: [...new Set(answer.new.flatMap(({ admission }) => doubtsOf(admission)))],
    assumed: assumedBy(answer),
    tableFull: answer.tableFull.map(tableFullData),
  };
}

function flowData(flow: FlowAnswer, positions: ReadonlyMap<string, Position>) {
  const { record, opening, moved, movedSince } = flow;
  return {
    flow: record.id,
    connection: formatFlow(record),
    interface: record.interfaceName,
    direction: record.direction,
    openedAt: formatInstant(record.openedAt),
    opening,
    midStream: record.midStream,
    state: record.state,
    connState: record.connState,
    history: record.history,
    standing: flow.standing,
    admission: admissionData(record.admission, positions),
    grants: tiedGrantData(flow, positions),
    moved,
    lastSeen: formatInstant(flow.lastSeen),
    outlived: outlivedData(flow, positions),
    movedSince,
    endsAt: formatInstant(record.endsAt),
    endsBy: record.endsBy,
  };
}
