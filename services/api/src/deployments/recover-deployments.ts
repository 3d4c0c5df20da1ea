import { randomBytes } from 'node:crypto'

import { createGate } from '@sandpiper/clickhouse'

import type { ApiDeps } from '../api-deps.ts'
import { upgradeQuarantines } from './upgrade-quarantines.ts'
import { createDeployer, type Deployer, type DeployerOptions } from './deployer.ts'

const deployers = new WeakMap<object, Deployer>()

/** The deployer of a process that hosts the api: the same one for the same deps, because its queue keeps deployments apart. */
export function deployerOf(deps: ApiDeps, options?: DeployerOptions): Deployer {
  const known = options === undefined ? deployers.get(deps.catalog) : undefined
  const deployer = known ?? makeDeployer(deps, options ?? {})
  if (options === undefined) deployers.set(deps.catalog, deployer)
  return deployer
}

function makeDeployer(deps: ApiDeps, options: DeployerOptions): Deployer {
  const { catalog, clickhouse, log, logger, ops, now } = deps
  const randomHex = (): string => randomBytes(16).toString('hex')
  return createDeployer(
    { catalog, clickhouse, gate: createGate(clickhouse), log, logger, ops, now, randomHex },
    options,
  )
}

/**
 * Takes back deployments that a crash cut off, and goes on with removing the tables of replaced ones.
 * Call once at start with the engine up, before the writer starts and before requests are served: it needs no turn.
 * @throws faults of engine and catalog; call again then.
 */
export async function recoverDeployments(deps: ApiDeps): Promise<void> {
  await upgradeQuarantines(deps.clickhouse)
  await deployerOf(deps).recover()
}
