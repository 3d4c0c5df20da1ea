// What functions of the language may use of the rendering they run in.
import type { Branch } from './ast.ts'
import type { Budget } from './budget.ts'
import type { Value } from './values.ts'

/** Options of one rendering. */
export interface RenderOptions {
  /** Values that tb_secret() may bind. Default: none. Pass only what the caller's token may use. */
  readonly secrets?: ReadonlyMap<string, string>
  /** Placeholders for missing parameters; error() does nothing. For checking pipes without values. Default false. */
  readonly testMode?: boolean
  /** Steps the rendering may take. Default 1_000_000. */
  readonly stepsMax?: number
  /** Steps shared with other renderings, in place of `stepsMax`. For renderBranches. */
  readonly budget?: Budget
  /** UTF-16 units of SQL it may make. Default 1_048_576. */
  readonly outputMax?: number
  /** Branches of `{% if %}` that are taken whatever their test says. Default: none. For renderBranches. */
  readonly forced?: ReadonlySet<Branch>
}

/** The side of a rendering that functions see: what they may ask of the query, and its bounds. */
export interface Rendering {
  readonly budget: Budget
  readonly testMode: boolean
  readonly secrets: ReadonlyMap<string, string>
  readonly settings: Map<string, string | number>
  readonly boundParams: Map<string, string>
  cacheTtlSeconds: number | null
  /** The line of the template that is at work, 1-based: for errors. */
  line: number
  /** Parameters the template has and the caller did not send, for the error text. */
  readonly missing: () => readonly string[]
}

/** What builtins and methods may use: the bounds, and functions given as values (`sorted(x, key=len)`). */
export interface Runtime {
  readonly budget: Budget
  /** Calls a function of the language that is a value. @throws TypeError for what is none. */
  readonly apply: (fn: Value, args: readonly Value[]) => Value
}
