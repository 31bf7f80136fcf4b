export { canonicalJson } from "./canonical-json.js";
export { type CommunityIdInput, communityId } from "./community-id.js";
export {
  decodeEvent,
  type EncodedEvent,
  encodedBytes,
  encodeEvent,
  maxAppendBytes,
  type StoredEvent,
} from "./event-codec.js";
export {
  contentId,
  correlationIdOf,
  type EventDraft,
  eventId,
  importRecordId,
  isSnapshot,
  type SnapshotFact,
} from "./event-id.js";
export {
  type AppendResult,
  type Clock,
  categoryOf,
  currentRevision,
  type EventLog,
  type ExpectedRevision,
  type LogRange,
  type StreamRange,
  type Subscription,
  systemClock,
} from "./event-log.js";
export { type ChainEnd, chainEvents, chainHash, contentHash } from "./hash-chain.js";
export { LogError, type LogErrorKind } from "./log-error.js";
export { type IntegrityProblem, type LogVerification, type StreamHead, verifyLog } from "./log-integrity.js";
export {
  isRetracted,
  isSourceRetracted,
  type Retractions,
  readRetractions,
  type StandingEvent,
  standingControl,
} from "./retractions.js";
export { acquireImportLock, type ImportLock, type ImportLockOptions } from "./sqlite/import-lock.js";
export { openSqliteLog, type SqliteLogOptions } from "./sqlite/sqlite-log.js";
export type { StreamProblem } from "./stream-chain.js";
export { streamOf } from "./stream-name.js";
export { asRecorded, type CatchUpOptions, catchUp, isCaughtUp } from "./views/catch-up.js";
export {
  type CheckSpan,
  type ClueCount,
  checkTallies,
  clueCounts,
  type DisagreementFilter,
  type DisagreementRow,
  disagreementCount,
  disagreements,
} from "./views/check-query.js";
export { type Control, controlOf, interventionSources } from "./views/control.js";
export { trafficInFileOrder } from "./views/file-traffic.js";
export { eachFlow, type FlowFilter, findFrame, lastTrafficTime, queryFlows } from "./views/flow-query.js";
export type { FlowTable } from "./views/flow-schema.js";
export {
  controlCategories,
  type FoldOptions,
  foldLog,
  readBatch,
  readControl,
  readControlEvents,
} from "./views/fold-log.js";
export {
  type CapturedHour,
  type CaptureSpan,
  capturedHours,
  capturedInterfaces,
  captureSpans,
  isCaptured,
  reportedInterfaces,
  reportSpans,
  type SeenSpan,
  sensorHours,
  skippedWindows,
  unplacedCaptures,
  unplacedSensors,
  type WitnessedHour,
  type WitnessedOpening,
  type WitnessKind,
  witnessedHours,
  witnessedOpenings,
} from "./views/gap-query.js";
export { type ProjectionSink, type ProjectOptions, projectLog } from "./views/project-log.js";
export {
  mayHoldSensors,
  type ReportRange,
  readReports,
  reportBatches,
  reportBatchesWithin,
  reportsOf,
  storedReports,
} from "./views/report-index.js";
export type { ReportedFlowTable } from "./views/reported-flow-schema.js";
export {
  eachReportedFlow,
  isReportedOpen,
  type ReportedHitRow,
  reportedBetween,
  reportedDenialsBetween,
  reportedFlowCount,
  reportedHits,
} from "./views/reported-query.js";
export type {
  CheckTallyTable,
  ReportedDeniedTable,
  SensorHourTable,
  SkippedWindowTable,
} from "./views/reported-schema.js";
export type { RuleHitTable } from "./views/rule-hit-schema.js";
export { ruleHits, type TrafficFilter, tableFullRows, trafficRows } from "./views/segment-query.js";
export type { DeniedTable, TableFullTable, TrafficTable } from "./views/segment-schema.js";
export { type SnapshotSpacing, usualSpacing } from "./views/snapshot-spacing.js";
export { type FoldParts, stateBefore } from "./views/snapshots.js";
export {
  type CaptureOverlap,
  contentReadOf,
  type FrameRange,
  indexTraffic,
  overlappingCaptures,
  sourceSpans,
  sources,
  sourcesOpening,
  storedFrames,
} from "./views/time-index.js";
export { viewsDigest } from "./views/view-digest.js";
export { flowRow, type GateRow, gateRow } from "./views/view-rows.js";
export type { SourceTable, ViewTables } from "./views/view-schema.js";
export { openTemporaryViews, openViews, openViewsForReading, queryAll, type Views } from "./views/views.js";
