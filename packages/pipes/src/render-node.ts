import type { PipeNode } from '@sandpiper/datafile'
import { fault } from '@sandpiper/faults'
import { parseTemplate, renderTemplate, type Rendered, type Template } from '@sandpiper/template'

import { noteRendered, type Compilation } from './compilation.ts'
import { secretsNamed } from './secrets.ts'

/** Parsed templates, for as long as the map they stand in lives: maps are cached per deployment, so each is parsed once. */
const parsed = new WeakMap<PipeNode, Template>()

/** The parsed template of a node. @throws fault `template.error`. */
export function nodeTemplate(node: PipeNode): Template {
  const known = parsed.get(node)
  if (known !== undefined) return known
  const template = parseTemplate(node.sql, node.name)
  parsed.set(node, template)
  return template
}

/** A node, which must be a template, rendered for these parameters. @throws fault `template.error`. */
export function renderNode(compilation: Compilation, node: PipeNode): Rendered {
  const secrets = secretsNamed(node.sql, compilation.scope.secrets)
  return renderText(compilation, nodeTemplate(node), secrets)
}

/**
 * Steps that all templates of one query may take together: each may take half of them, and a query of a hundred nodes that all do would
 * hold up everybody for a minute.
 */
const STEPS_MAX = 2_000_000

/**
 * Renders a template and keeps what it asked of the query around it. @param secrets that this text may use.
 * @throws fault `template.error`, also for more than 2_000_000 steps of all templates of the query.
 */
export function renderText(
  compilation: Compilation,
  template: Template,
  secrets: ReadonlyMap<string, string>,
): Rendered {
  const { params, testMode } = compilation.scope
  if (compilation.steps >= STEPS_MAX) {
    throw fault('template.error', {
      public: `Template Syntax Error: the templates of this query do too much work (more than ${STEPS_MAX} steps together)`,
      documentation: '/docs/specs/template-language.md',
      place: { node: template.name, line: 1 },
    })
  }
  const rendered = renderTemplate(template, params, { secrets, testMode: testMode ?? false })
  noteRendered(compilation, rendered)
  return rendered
}
