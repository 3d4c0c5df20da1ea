// The table of commands: each is a small file in commands/. Help and docs/guides/cli.md are printed from it.
import type { CommandSpec } from './command-spec.ts'
import { backupCreate, backupLs, backupRm } from './commands/backup.ts'
import { branchClear, branchCreate, branchLs, branchRm } from './commands/branch.ts'
import { build } from './commands/build.ts'
import {
  connectionLs,
  connectionPreview,
  datasourceStart,
  datasourceStop,
} from './commands/connection.ts'
import { copyCancel, copyLs, copyPause, copyResume, copyRun } from './commands/copy.ts'
import { datasourceAppend, datasourceReplace } from './commands/datasource-import.ts'
import { datasourceLs } from './commands/datasource-ls.ts'
import { datasourceAnalyze, datasourceCreate } from './commands/datasource-make.ts'
import { datasourceDelete, datasourceTruncate } from './commands/datasource-rows.ts'
import { deploy } from './commands/deploy.ts'
import {
  deploymentCreate,
  deploymentDiscard,
  deploymentLs,
  deploymentPromote,
} from './commands/deployment.ts'
import { endpointData, endpointLs, endpointStats, endpointUrl } from './commands/endpoint.ts'
import { fmt } from './commands/fmt.ts'
import { init } from './commands/init.ts'
import { jobCancel, jobDetails, jobLs } from './commands/job.ts'
import { tokenLimits, workspaceLimitsSet, workspaceLimitsShow } from './commands/limits.ts'
import { login, logout, whoami } from './commands/login.ts'
import { logs } from './commands/logs.ts'
import { materializationLs, materializationPopulate } from './commands/materialization.ts'
import { migrate } from './commands/migrate.ts'
import { pipeLs } from './commands/pipe.ts'
import { pull } from './commands/pull.ts'
import {
  quarantineLs,
  quarantinePreview,
  quarantineReplay,
  quarantineShow,
} from './commands/quarantine.ts'
import { restore } from './commands/restore.ts'
import { secretLs, secretRm, secretSet } from './commands/secret.ts'
import { sql } from './commands/sql.ts'
import { testCreate, testRun, testUpdate } from './commands/test.ts'
import {
  tokenCopy,
  tokenCreateJwt,
  tokenCreateStatic,
  tokenLs,
  tokenRefresh,
  tokenRm,
  tokenScopes,
} from './commands/token.ts'
import { workspaceCurrent, workspaceLs } from './commands/workspace.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  ...[login, logout, whoami, init, fmt, build, deploy],
  ...[deploymentLs, deploymentCreate, deploymentPromote, deploymentDiscard, pull],
  ...[testRun, testUpdate, testCreate],
  ...[datasourceLs, datasourceCreate, datasourceAnalyze, datasourceAppend, datasourceReplace],
  ...[datasourceDelete, datasourceTruncate, datasourceStart, datasourceStop],
  ...[pipeLs, endpointLs, endpointData, endpointUrl, endpointStats, sql],
  ...[materializationLs, materializationPopulate],
  ...[copyLs, copyRun, copyPause, copyResume, copyCancel],
  ...[jobLs, jobDetails, jobCancel, logs],
  ...[quarantineLs, quarantineShow, quarantinePreview, quarantineReplay],
  ...[tokenLs, tokenScopes, tokenCreateStatic, tokenCreateJwt, tokenRefresh, tokenRm, tokenCopy],
  tokenLimits,
  ...[secretLs, secretSet, secretRm, connectionLs, connectionPreview],
  ...[branchLs, branchCreate, branchRm, branchClear, workspaceLs, workspaceCurrent],
  ...[workspaceLimitsShow, workspaceLimitsSet],
  ...[backupCreate, backupLs, backupRm, restore],
  migrate,
]

/** What groups of commands are about, by their words. */
export const GROUPS: Readonly<Record<string, string>> = {
  deployment: 'deployments of the workspace',
  test: 'tests of the project: tests/*.yaml over fixtures/',
  datasource: 'data sources and their rows',
  pipe: 'pipes',
  endpoint: 'pipes that are published',
  materialization: 'materialized pipes',
  copy: 'copy pipes',
  job: 'work that goes on after its request',
  quarantine: 'rows that were refused: see why, heal them, bring them in',
  token: 'tokens of the workspace',
  'token create': 'make a token',
  secret: 'secrets of the workspace',
  connection: 'connections to other systems',
  branch: 'branches of the workspace',
  backup: 'copies of the whole server',
  workspace: 'workspaces of the server',
  'workspace limits': 'what one query of a workspace may take',
}
