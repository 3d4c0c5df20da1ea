import { findPipe, type DeployedPipe, type DeploymentMap } from '@sandpiper/deployment'
import { isTemplate, templateParams, type TemplateParam } from '@sandpiper/template'

import { dependenciesOf } from './dependencies.ts'
import { nodeTemplate } from './render-node.ts'

/**
 * The parameters a caller may send to a pipe: those of its nodes and of the pipes it reads, each name once. An explicit
 * type wins over String, the last one over others; a parameter is optional when any use of it is; of each piece of metadata the first counts. In the order of
 * first use: sort by `order` to show them. @throws fault `template.error`.
 */
export function pipeParams(map: DeploymentMap, pipe: DeployedPipe): TemplateParam[] {
  const found = new Map<string, TemplateParam>()
  for (const each of withReadPipes(map, pipe)) {
    for (const node of each.file.nodes) {
      if (!isTemplate(node.sql)) continue
      for (const param of templateParams(nodeTemplate(node))) {
        found.set(param.name, merge(found.get(param.name), param))
      }
    }
  }
  return [...found.values()]
}

function merge(known: TemplateParam | undefined, param: TemplateParam): TemplateParam {
  if (known === undefined) return param
  return {
    name: param.name,
    type: param.type === 'String' ? known.type : param.type,
    required: isRequired(known, param),
    default: known.default ?? param.default,
    description: known.description ?? param.description,
    enum: known.enum ?? param.enum,
    example: known.example ?? param.example,
    format: known.format ?? param.format,
    order: known.order ?? param.order,
    usedIn: known.usedIn === null ? null : param.usedIn,
    onlyIfDefined: isForDefined(known, param),
  }
}

/** A use that only asks whether the parameter was sent, or comes after that question, says nothing about whether it must be. */
function isRequired(known: TemplateParam, param: TemplateParam): boolean {
  if (saysNothing(known)) return param.required
  return saysNothing(param) ? known.required : known.required && param.required
}

function isForDefined(known: TemplateParam, param: TemplateParam): boolean {
  if (known.usedIn !== null) return param.onlyIfDefined
  return known.onlyIfDefined && (param.onlyIfDefined || param.usedIn !== null)
}

function saysNothing({ usedIn, onlyIfDefined }: TemplateParam): boolean {
  return usedIn !== null || onlyIfDefined
}

function withReadPipes(map: DeploymentMap, pipe: DeployedPipe): Set<DeployedPipe> {
  const seen = new Set<DeployedPipe>([pipe])
  for (const each of seen) {
    for (const name of dependenciesOf(each.file)) {
      const read = findPipe(map, name)
      if (read !== undefined) seen.add(read)
    }
  }
  return seen
}
