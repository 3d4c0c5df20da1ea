import type { NodeActions } from './components/node-header.tsx'
import type { OpenDialog } from './components/node-dialogs.tsx'
import { moveNode, promoteNode, removeNode } from './edit-pipe.ts'
import type { PipeText } from './pipe-text.ts'

/** What a node's menu does: changes at once, or a dialog that asks for more. */
export function nodeActions(
  pipe: PipeText,
  node: string,
  { change, open }: { change: (pipe: PipeText) => void; open: (dialog: OpenDialog) => void },
): NodeActions {
  return {
    move: (move) => change(moveNode(pipe, node, move)),
    remove: () => change(removeNode(pipe, node)),
    endpoint: () => change(promoteNode(pipe, node, 'endpoint')),
    plain: () => change(promoteNode(pipe, node, 'standard')),
    describe: () => open({ kind: 'describe', node }),
    copy: () => open({ kind: 'copy', node }),
    materialize: () => open({ kind: 'materialize', node }),
    explain: () => open({ kind: 'explain', node }),
  }
}
