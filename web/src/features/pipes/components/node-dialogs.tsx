import type { SqlColumn } from '@/lib/api-client.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'

import { changeNode, promoteNode, renameNode } from '../edit-pipe.ts'
import type { PipeText } from '../pipe-text.ts'
import { CopyDialog } from './copy-dialog.tsx'
import { DescribeNodeDialog } from './describe-node-dialog.tsx'
import { ExplainDialog } from './explain-dialog.tsx'
import { MaterializeDialog, type NewTarget } from './materialize-dialog.tsx'

export interface OpenDialog {
  kind: 'describe' | 'copy' | 'materialize' | 'explain'
  node: string
}

export interface NodeDialogsProps {
  dialog: OpenDialog | null
  /** Of the pipe. */
  name: string
  pipe: PipeText
  params: ParamValues
  targets: readonly string[]
  columnsOf: (node: string) => readonly SqlColumn[] | null
  onChange: (pipe: PipeText) => void
  onNewTarget: (target: NewTarget) => void
  onClose: () => void
}

/** The dialog that a node's menu opened. */
export function NodeDialogs(props: NodeDialogsProps) {
  const { dialog, pipe, params, targets, columnsOf, onChange, onNewTarget, onClose } = props
  const node = pipe.nodes.find(({ name }) => name === dialog?.node)
  if (dialog === null || node === undefined) return null
  const done = (next: PipeText): void => {
    onChange(next)
    onClose()
  }
  switch (dialog.kind) {
    case 'describe':
      return (
        <DescribeNodeDialog
          node={node}
          taken={pipe.nodes.flatMap(({ name }) => (name === node.name ? [] : [name]))}
          onClose={onClose}
          onDone={(name, description) =>
            done(changeNode(renameNode(pipe, node.name, name), name, { description }))
          }
        />
      )
    case 'copy':
      return (
        <CopyDialog
          node={node}
          targets={targets}
          onClose={onClose}
          onDone={(settings) => done(promoteNode(pipe, node.name, 'copy', settings))}
        />
      )
    case 'materialize':
      return (
        <MaterializeDialog
          pipe={props.name}
          nodes={pipe.nodes}
          node={node}
          targets={targets}
          columns={columnsOf(node.name)}
          onClose={onClose}
          onDone={({ target, made, sql }) => {
            if (made !== null) onNewTarget(made)
            const next = changeNode(pipe, node.name, { sql })
            done(promoteNode(next, node.name, 'materialized', { DATASOURCE: target }))
          }}
        />
      )
    case 'explain':
      return (
        <ExplainDialog run={{ nodes: pipe.nodes, node: node.name, params }} onClose={onClose} />
      )
  }
}
