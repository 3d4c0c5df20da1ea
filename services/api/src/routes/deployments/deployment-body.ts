import type { Deployment } from '@sandpiper/catalog'
import {
  wireTime,
  type BuildBody,
  type DeployBody,
  type DeploymentBody,
} from '@sandpiper/contracts'
import type { PlanFeedback, ProjectChanges } from '@sandpiper/deployment'

import type { DeployOutcome } from '../../deployments/deployer.ts'

const NONE = { created: [], changed: [], deleted: [] }
const NO_CHANGES: ProjectChanges = { dataSources: NONE, pipes: NONE, connections: NONE }

/** A deployment on the wire. Source: `@tinybirdco/sdk` src/api/deploy.ts, read 2026-11. */
export function deploymentBody(deployment: Deployment): DeploymentBody {
  const { number, status, live, createdAt, updatedAt, feedback, plan } = deployment
  return {
    id: String(number),
    status,
    live,
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
    ...nameLists((plan as { changes?: ProjectChanges } | null)?.changes ?? NO_CHANGES),
    feedback: [...feedback],
    errors: fileErrors(feedback),
  }
}

/** The answer of a deploy. Without a deployment (check, failure) one with id `0` carries the feedback. @param now ISO-8601. */
export function deployBody(outcome: DeployOutcome, now: string): DeployBody {
  const { result, deployment, changes, feedback } = outcome
  const errors = [...outcome.errors, ...fileErrors(feedback)]
  const shown: DeploymentBody =
    deployment === null
      ? unmade(result, changes, feedback, now)
      : { ...deploymentBody(deployment), feedback: [...feedback] }
  return { result, deployment: { ...shown, errors }, ...problems(errors) }
}

/** The answer of a build. @param liveNumber the deployment that is live now. */
export function buildBody(outcome: DeployOutcome, liveNumber: number): BuildBody {
  const { result, deployment, changes, feedback } = outcome
  const id = String(deployment?.number ?? liveNumber)
  const errors = [...outcome.errors, ...fileErrors(feedback)]
  return {
    result,
    build: { id, ...nameLists(changes), feedback: [...feedback] },
    ...problems(errors),
  }
}

function unmade(
  result: string,
  changes: ProjectChanges,
  feedback: readonly PlanFeedback[],
  now: string,
): DeploymentBody {
  return {
    id: '0',
    status: result === 'failed' ? 'failed' : 'data_ready',
    live: false,
    created_at: wireTime(now),
    updated_at: wireTime(now),
    ...nameLists(changes),
    feedback: [...feedback],
    errors: [],
  }
}

function problems(
  errors: readonly { filename: string; error: string }[],
): Pick<DeployBody, 'error' | 'errors'> {
  const [first] = errors
  return first === undefined
    ? {}
    : { error: `${first.filename}: ${first.error}`, errors: [...errors] }
}

function fileErrors(feedback: readonly PlanFeedback[]): { filename: string; error: string }[] {
  return feedback
    .filter((each) => each.level === 'ERROR')
    .map(({ resource, message }) => ({
      filename: resource?.split(' ').at(-1) ?? '',
      error: message,
    }))
}

function nameLists({ dataSources, pipes, connections }: ProjectChanges) {
  return {
    new_datasource_names: [...dataSources.created],
    changed_datasource_names: [...dataSources.changed],
    deleted_datasource_names: [...dataSources.deleted],
    new_pipe_names: [...pipes.created],
    changed_pipe_names: [...pipes.changed],
    deleted_pipe_names: [...pipes.deleted],
    new_data_connector_names: [...connections.created],
    changed_data_connector_names: [...connections.changed],
    deleted_data_connector_names: [...connections.deleted],
  }
}
