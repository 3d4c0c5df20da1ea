import type { CompiledQuery } from './compiled-query.ts'

/**
 * Thrown by compileOver and compileSql when SQL of somebody who does not see everything stands over results of pipes whose columns
 * `CompileScope.columnsOf` does not know yet: ask the engine for those of `results`, and compile anew. No failure of the caller's.
 */
export class UndescribedResults extends Error {
  override readonly name = 'UndescribedResults'
  /** Each may be judged and described as it is; at least one. */
  readonly results: readonly CompiledQuery[]

  constructor(results: readonly CompiledQuery[]) {
    super('the columns of a result are not known')
    this.results = results
  }
}
