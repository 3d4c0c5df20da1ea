import { randomBytes } from 'node:crypto'

import { createGate } from '@sandpiper/clickhouse'

import type { ApiDeps } from '../api-deps.ts'
import { upgradeQuarantines } from './upgrade-quarantines.ts'
import { createDeployer, type Deployer, type DeployerOptions } from './deployer.ts'

/** The deployer of a process that hosts the api. */
export function deployerOf(deps: ApiDeps, options: DeployerOptions = {}): Deployer {
  const { catalog, clickhouse, log, logger, now } = deps
  const randomHex = (): string => randomBytes(16).toString('hex')
  return createDeployer(
    { catalog, clickhouse, gate: createGate(clickhouse), log, logger, now, randomHex },
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
