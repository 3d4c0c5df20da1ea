// What the routes ask of those who import files. The process that hosts both hands it over.
import type { FileImports } from '@sandpiper/contracts'
import type { Column } from '@sandpiper/datafile'
import { fault, type Fault } from '@sandpiper/faults'

/** Imports, of which the routes know the columns. */
export type Imports = FileImports<Column>

/** For processes and tests without imports. */
export const NO_IMPORTS: Imports = {
  receive: () => Promise.reject(noImports()),
  fetch: () => Promise.reject(noImports()),
  analyze: () => Promise.reject(noImports()),
  remove: () => Promise.resolve(),
}

function noImports(): Fault {
  return fault('server.busy', {
    public: 'Files are not imported here.',
    headers: { 'Retry-After': '5' },
  })
}
