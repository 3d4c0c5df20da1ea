// Secrets that a project names and the workspace lacks. They may be set after the deployment, so this is a warning.
import {
  resourceLabel,
  type DeployedConnection,
  type DeployedPipe,
  type DeploymentMap,
  type PlanFeedback,
} from '@sandpiper/deployment'

/** A call of tb_secret() or tb_var() with its name as a literal. */
interface NamedSecret {
  readonly resource: string
  readonly name: string
  /** It has a value of its own where the secret is not set. */
  readonly hasDefault: boolean
}

const CALL = /\btb_(?:secret|var)\s*\(\s*(?:name\s*=\s*)?(?:"([^"\\]*)"|'([^'\\]*)')\s*(,)?/g

/** Every secret that pipes and connections name. */
export function namedSecrets(map: DeploymentMap): NamedSecret[] {
  const resources: (DeployedPipe | DeployedConnection)[] = [
    ...Object.values(map.pipes),
    ...Object.values(map.connections),
  ]
  return resources.flatMap(({ file }) => {
    const texts =
      file.kind === 'pipe' ? file.nodes.map(({ sql }) => sql) : Object.values(file.settings)
    return texts.flatMap((text) =>
      [...text.matchAll(CALL)].map(([, double, single, comma]) => ({
        ...{ resource: resourceLabel(file), name: double ?? single ?? '' },
        hasDefault: comma !== undefined,
      })),
    )
  })
}

/** A warning for each that is not among `known`, once per resource. */
export function unknownSecrets(
  map: DeploymentMap,
  known: ReadonlyMap<string, unknown>,
): PlanFeedback[] {
  const missing = namedSecrets(map).filter(
    ({ name, hasDefault }) => !hasDefault && !known.has(name),
  )
  const once = new Map(missing.map((each) => [`${each.resource} ${each.name}`, each]))
  return [...once.values()].map(({ resource, name }) => ({
    resource,
    level: 'WARNING',
    message: `The workspace has no secret '${name}': what needs it fails until it is set, by sandpiper secret set ${name}.`,
  }))
}
