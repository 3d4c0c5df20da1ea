// Who of a group reads what. Members of one group may read different topics: kafkajs' own assigner would give each the topics of whoever
// leads, and nobody those of the others.
import kafkajs from 'kafkajs'
import type { Cluster, PartitionAssigner } from 'kafkajs'

const NAME = 'sandpiper-by-topic'

type KnownCluster = Cluster & {
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
}

/** Each topic's partitions, in turn to the members that subscribed to it. */
export const byTopic: PartitionAssigner = ({ cluster }) => {
  const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol
  return {
    name: NAME,
    version: 1,
    async assign({ members }) {
      const wanted = new Map<string, string[]>()
      for (const { memberId, memberMetadata } of members) {
        for (const topic of MemberMetadata.decode(memberMetadata)?.topics ?? [])
          wanted.set(topic, [...(wanted.get(topic) ?? []), memberId])
      }
      await (cluster as KnownCluster).addMultipleTargetTopics([...wanted.keys()])
      const assignments = new Map<string, Record<string, number[]>>(
        members.map(({ memberId }) => [memberId, {}]),
      )
      for (const [topic, memberIds] of wanted) {
        memberIds.sort()
        const partitions = cluster.findTopicPartitionMetadata(topic).map((each) => each.partitionId)
        for (const [index, partition] of partitions.sort((a, b) => a - b).entries()) {
          const assignment = assignments.get(memberIds[index % memberIds.length] ?? '')
          if (assignment !== undefined) (assignment[topic] ??= []).push(partition)
        }
      }
      return [...assignments].map(([memberId, assignment]) => ({
        memberId,
        memberAssignment: MemberAssignment.encode({
          version: 1,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }))
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
  }
}
