export type {
  Command,
  CommandCall,
  CommandContext,
  Flags,
  LoadCommand,
} from './command-context.ts';
export { readConfig, wantsNoColor } from './config.ts';
export type { ConfigSource, Environment, SettingSource } from './config.ts';
export { durationSchema } from './duration-schema.ts';
export { readDecider, readDecisionReason, refuseCsv, refuseUndecidable } from './decision.ts';
export {
  areNamedByIds,
  parseEntryIds,
  parseEntryStates,
  refuseOtherStates,
} from './entry-options.ts';
export { CommandError } from './errors.ts';
export { quoteUnknown } from './nearest-names.ts';
export type { CellValue } from './output/cell-value.ts';
export { printCsv } from './output/print-csv.ts';
export type { CsvColumn } from './output/print-csv.ts';
export {
  decisionCells,
  decisionColumns,
  printDecision,
  printEntryFacts,
} from './output/print-entry.ts';
export { printJsonItems, printJsonRows } from './output/print-json-rows.ts';
export { printJson } from './output/print-json.ts';
export { printSuggestions } from './output/print-suggestions.ts';
export { printTable } from './output/print-table.ts';
export { printable, printableLines } from './output/printable.ts';
export { startProgress } from './output/progress.ts';
export type { Progress, ProgressUnit } from './output/progress.ts';
export { say } from './output/say.ts';
export { refuseBadTarget, writeAside } from './output/write-aside.ts';
export type { TargetFile } from './output/write-aside.ts';
export { documentFile, writeDocument } from './output/write-document.ts';
export type { DocumentTarget } from './output/write-document.ts';
export { writePieces } from './output/write-pieces.ts';
export type { Format } from './program.ts';
export { readInstant, readPastInstant } from './read-instant.ts';
export { runCommand } from './run-command.ts';
export type { App, ExpectedFailure } from './run-command.ts';
export { StopRequest, stopExitCode, stopSignal } from './stop-request.ts';
export type { StopSignal } from './stop-request.ts';
