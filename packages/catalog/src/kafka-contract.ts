// What the catalog knows of data sources that are filled from topics. What there is to read stands in the live maps.

/** Whether a data source reads its topic. */
export type KafkaState = 'running' | 'paused'

/** Which deployment of a workspace is live. */
export interface LiveDeployment {
  readonly workspaceId: string
  /** null for a main workspace. */
  readonly mainId: string | null
  /** 0 when none is. */
  readonly number: number
}

/** The part of the catalog that knows Kafka data sources. */
export interface KafkaStore {
  /** One row per workspace and branch: cheap enough to ask each second. */
  liveDeployments(): Promise<LiveDeployment[]>
  /** What was set, by data source id. One without a state runs in a main workspace and is paused in a branch. @param workspaceId default all. */
  kafkaStates(workspaceId?: string): Promise<ReadonlyMap<string, KafkaState>>
  /** Pauses or resumes; stays over restarts and deployments. Idempotent. */
  setKafkaState(change: {
    readonly workspaceId: string
    readonly dataSourceId: string
    readonly state: KafkaState
  }): Promise<void>
}
