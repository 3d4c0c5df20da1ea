import type { PipeFile } from '@sandpiper/datafile'

/** Index of the node a pipe publishes; -1 when it has no endpoint. */
export function endpointNode(pipe: PipeFile): number {
  return pipe.nodes.findIndex(({ type }) => type === 'endpoint')
}

/** Index of the node other pipes read by the pipe's name: the endpoint, else the last node. */
export function outputNode(pipe: PipeFile): number {
  const endpoint = endpointNode(pipe)
  return endpoint === -1 ? pipe.nodes.length - 1 : endpoint
}
