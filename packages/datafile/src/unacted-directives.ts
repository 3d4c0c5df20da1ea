// Directives that are understood and kept but that nothing acts on yet. Each gives a warning in the feedback of a
// deployment. When a directive gets its meaning, delete its entry here: nothing else has to change.
import type { DatafileKind } from './directive-table.ts'

const NOT_YET = 'is kept but not acted on yet'

/** Directive to what the user is told, per kind of file. */
export const UNACTED_DIRECTIVES: Readonly<Record<DatafileKind, ReadonlyMap<string, string>>> = {
  datasource: new Map([
    ['KAFKA_TARGET_PARTITIONS', 'is ignored: partitions are assigned by the consumer group'],
    ['IMPORT_CONNECTION_NAME', `${NOT_YET}: nothing is imported`],
    ['IMPORT_SERVICE', `${NOT_YET}: nothing is imported`],
    ['IMPORT_EXTERNAL_DATASOURCE', NOT_YET],
    ['IMPORT_QUERY', NOT_YET],
    ['SHARED_WITH', `${NOT_YET}: the data source is not shared`],
    ['VERSION', 'is ignored: deployments replace versions'],
  ]),
  pipe: new Map([
    ['EXPORT_CONNECTION_NAME', `${NOT_YET}: the sink does not run`],
    ['FILTER', NOT_YET],
    ['SCOPE', NOT_YET],
    ['ENGINE', 'is ignored in a pipe: declare the target in a .datasource file'],
    ['VERSION', 'is ignored: deployments replace versions'],
  ]),
  // Those of TYPE kafka are acted on, and never looked for here.
  connection: new Map([['TYPE', `${NOT_YET}: no connection is opened`]]),
}
