// Every branch of a template at least once: for graphs of what a pipe reads, where one rendering would show only one side.
import { Fault } from '@sandpiper/faults'

import type { Branch, Template, TemplateNode } from './ast.ts'
import { Budget } from './budget.ts'
import { renderTemplate } from './render.ts'

/** Renderings that are made; a template with more branches shows the first of them. */
const BRANCHES_MAX = 500

/** Steps that all renderings of one template may take together. */
const STEPS_MAX = 5_000_000

/** Steps that renderings of several templates share. */
export type SharedSteps = Budget

/** For several calls of renderBranches(). */
export function shareSteps(stepsMax: number): SharedSteps {
  return new Budget(stepsMax)
}

/**
 * Renders a template in test mode once as it comes and once for each `{% if %}` branch, that branch taken. Renderings that
 * fail are left out; none may be left. @param budget default 5_000_000 steps; once it is used up the rest fails.
 */
export function renderBranches(
  template: Template,
  budget: SharedSteps = new Budget(STEPS_MAX),
): string[] {
  const paths: (readonly Branch[])[] = [[]]
  collect(template.nodes, [], paths)
  const texts = new Set<string>()
  for (const path of paths.slice(0, BRANCHES_MAX)) {
    const text = tryRender(template, new Set(path), budget)
    if (text !== null) texts.add(text)
  }
  return [...texts]
}

function collect(
  nodes: readonly TemplateNode[],
  path: readonly Branch[],
  paths: (readonly Branch[])[],
): void {
  for (const node of nodes) {
    if (node.node === 'if') {
      for (const branch of node.branches) {
        paths.push([...path, branch])
        collect(branch.body, [...path, branch], paths)
      }
    } else if (node.node === 'for' || node.node === 'while') {
      collect(node.body, path, paths)
      collect(node.otherwise, path, paths)
    } else if (node.node === 'try') {
      for (const body of [
        node.body,
        ...node.handlers.map((each) => each.body),
        node.otherwise,
        node.last,
      ])
        collect(body, path, paths)
    }
  }
}

function tryRender(template: Template, forced: ReadonlySet<Branch>, budget: Budget): string | null {
  try {
    return renderTemplate(template, {}, { testMode: true, forced, budget }).sql
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}
