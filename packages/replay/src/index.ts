export { allImporters, importerFor } from "./importers/all-importers.js";
export type { Draft, Evidence, ImportContext, Imported, Importer, Problem } from "./importers/importer.js";
