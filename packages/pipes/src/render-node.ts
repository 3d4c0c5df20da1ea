import type { PipeNode } from '@sandpiper/datafile'
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

/** Renders a template and keeps what it asked of the query around it. @param secrets that this text may use. */
export function renderText(
  compilation: Compilation,
  template: Template,
  secrets: ReadonlyMap<string, string>,
): Rendered {
  const { params, testMode } = compilation.scope
  const rendered = renderTemplate(template, params, { secrets, testMode: testMode ?? false })
  noteRendered(compilation, rendered)
  return rendered
}
