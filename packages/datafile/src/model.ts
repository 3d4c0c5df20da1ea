// The datafile model: what a .datasource, .pipe or .connection file says, with nothing lost that printing must give back.

/** Where something stands in a datafile. Both 1-based. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One problem in a datafile; `hint` says what to write instead. */
export interface DatafileProblem extends Place {
  readonly filename: string
  readonly message: string
  readonly hint?: string
}

/** A column of a data source. `type` is complete ClickHouse type text, `Nullable(...)` included. */
export interface Column {
  readonly name: string
  readonly type: string
  /** `$.a.b`, `$.list[:]`, `$.list[:].k`, `$`; null when the column has no JSONPath. */
  readonly jsonPath: string | null
  /** DEFAULT expression text, or null. */
  readonly default: string | null
  /** The inside of CODEC(...), or null. */
  readonly codec: string | null
}

/** ENGINE and ENGINE_* lines. Absent directives are null; expressions are kept as written, outer quotes removed. */
export interface Engine {
  /** `MergeTree`, `ReplacingMergeTree`, `SummingMergeTree`, `AggregatingMergeTree`, `CollapsingMergeTree`, `VersionedCollapsingMergeTree`, `Null`, `Join`. */
  readonly type: string
  readonly sortingKey: string | null
  readonly partitionKey: string | null
  readonly primaryKey: string | null
  readonly samplingKey: string | null
  readonly ttl: string | null
  readonly ver: string | null
  readonly isDeleted: string | null
  readonly sign: string | null
  readonly version: string | null
  readonly summingColumns: string | null
  /** ENGINE_SETTINGS, value text as written. */
  readonly settings: Readonly<Record<string, string>>
  /** ENGINE_* directives beyond these (e.g. of Join), upper-case name to value. */
  readonly other: Readonly<Record<string, string>>
}

/** One line of INDEXES. */
export interface Index {
  readonly name: string
  readonly expression: string
  /** e.g. `minmax`, `bloom_filter(0.01)`. */
  readonly type: string
  readonly granularity: number | null
}

/** One TOKEN line. */
export interface TokenLine {
  readonly name: string
  readonly scope: 'READ' | 'APPEND'
}

/** A `.datasource` file. */
export interface DataSourceFile {
  readonly kind: 'datasource'
  readonly name: string
  readonly description: string | null
  readonly columns: readonly Column[]
  /** null when the file has no ENGINE line: the server chooses MergeTree. */
  readonly engine: Engine | null
  readonly indexes: readonly Index[]
  readonly tokens: readonly TokenLine[]
  readonly tags: string | null
  readonly forwardQuery: string | null
  readonly backfill: 'skip' | null
  readonly sharedWith: readonly string[]
  /** Every other known directive (KAFKA_*, IMPORT_*, VERSION ...), upper-case name to value. */
  readonly settings: Readonly<Record<string, string>>
}

/** What a node is for; `standard` feeds other nodes. */
export type NodeType = 'standard' | 'endpoint' | 'materialized' | 'copy' | 'sink'

/** One NODE of a pipe. */
export interface PipeNode {
  readonly name: string
  readonly description: string | null
  /** SQL text, dedented, no trailing newline; a template when it starts with `%`. */
  readonly sql: string
  readonly type: NodeType
  /** Directives of the node: DATASOURCE, TARGET_DATASOURCE, COPY_SCHEDULE, COPY_MODE, DEPLOYMENT_METHOD, CACHE, EXPORT_*, ENGINE_* ... */
  readonly settings: Readonly<Record<string, string>>
}

/** A `.pipe` file. */
export interface PipeFile {
  readonly kind: 'pipe'
  readonly name: string
  readonly description: string | null
  readonly tokens: readonly TokenLine[]
  readonly tags: string | null
  readonly nodes: readonly PipeNode[]
  /** Pipe-level directives that are not above (VERSION, FILTER, SCOPE, INCLUDE ...). */
  readonly settings: Readonly<Record<string, string>>
}

/** A `.connection` file. */
export interface ConnectionFile {
  readonly kind: 'connection'
  readonly name: string
  /** `kafka`, `s3`, `gcs`, `dynamodb`, lower case. */
  readonly type: string
  readonly settings: Readonly<Record<string, string>>
}

/** Any datafile. */
export type Datafile = DataSourceFile | PipeFile | ConnectionFile

/** A parsed file, or the problems that stopped it. `warnings` never stop a deployment. */
export interface ParsedDatafile {
  readonly filename: string
  readonly file: Datafile | null
  readonly errors: readonly DatafileProblem[]
  readonly warnings: readonly DatafileProblem[]
}
