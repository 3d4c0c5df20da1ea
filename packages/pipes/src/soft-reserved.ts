import type { PipeFile } from '@sandpiper/datafile'
import { isTemplate, templateParams } from '@sandpiper/template'

import { nodeTemplate } from './render-node.ts'

/**
 * Names that the query interface reads itself: a pipe may have a parameter of such a name, but never sees its value alone.
 * `job_timestamp` is not among them: copies set it. Source: tinybird-behaviour 3.1, read 2026-11.
 */
export const SOFT_RESERVED: ReadonlySet<string> = new Set([
  '__tb__semver',
  'debug_source_tables',
  'debug',
  'explain',
  'finalize_aggregations',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_denormals',
  'output_format_parquet_string_as_string',
  'pipeline',
  'playground',
  'query_id',
  'release_replacements',
  'tag',
  'template_parameters',
  'token',
])

/** What to tell who deploys a pipe with parameters of such names, one text each. @throws fault `template.error`. */
export function reservedNameWarnings(pipe: PipeFile): string[] {
  const warnings = new Map<string, string>()
  for (const node of pipe.nodes) {
    if (!isTemplate(node.sql)) continue
    for (const { name } of templateParams(nodeTemplate(node))) {
      if (!SOFT_RESERVED.has(name) || warnings.has(name)) continue
      warnings.set(
        name,
        `Parameter '${name}' of node '${node.name}' has the name of an option of the API, which takes it too: rename the parameter.`,
      )
    }
  }
  return [...warnings.values()]
}
