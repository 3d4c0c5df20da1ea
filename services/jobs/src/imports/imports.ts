// What the process that hosts imports uses of them.
export { createImports, type Imports } from './create-imports.ts'
export { createFetchFile } from './fetch-file.ts'
export { createImportCounters, type ImportCounters } from './import-deps.ts'
export { createImportFolder } from './import-folder.ts'
export type { BufferGauge } from './chunks.ts'
