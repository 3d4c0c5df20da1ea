// A .proto file, read into messages by protobufjs' parser. Its generated decoders are not used: code would be made from names that whoever
// registers a schema chooses. Names stay as they are written in the file.
import protobuf from 'protobufjs'

import { Undecodable } from './json-out.ts'

/** The messages of a file, in the order of the file, as message indexes count them. */
export interface ProtobufSchema {
  readonly file: protobuf.NamespaceBase
}

const PROTO_CHARS_MAX = 1_000_000

/** Reads a .proto file. @param referenced files that it imports, by the name under which it does. @throws Undecodable. */
export function readProtobufSchema(
  text: string,
  referenced: ReadonlyMap<string, string>,
): ProtobufSchema {
  const root = new protobuf.Root()
  const seen = new Set<string>()
  try {
    const main = parseInto(root, text, referenced, seen)
    root.resolveAll()
    return { file: main }
  } catch (err) {
    if (err instanceof Undecodable) throw err
    // What the parser says quotes the schema, which its author may read anyway.
    const why = err instanceof Error ? err.message.slice(0, 200) : 'it cannot be read'
    throw new Undecodable(`it is no Protobuf schema: ${why}`)
  }
}

function parseInto(
  root: protobuf.Root,
  text: string,
  referenced: ReadonlyMap<string, string>,
  seen: Set<string>,
): protobuf.NamespaceBase {
  if (text.length > PROTO_CHARS_MAX) throw new Undecodable('the schema is too long')
  const { package: name, imports, weakImports } = protobuf.parse(text, root, { keepCase: true })
  for (const each of [...(imports ?? []), ...(weakImports ?? [])]) {
    if (seen.has(each)) continue
    seen.add(each)
    const file = referenced.get(each)
    const common = protobuf.common.get(each)
    if (file !== undefined) parseInto(root, file, referenced, seen)
    else if (common?.nested !== undefined) root.addJSON(common.nested)
    else
      throw new Undecodable(`it imports '${each.slice(0, 200)}', which the registry does not give`)
  }
  const found = name === undefined ? root : root.lookup(name)
  if (found === null || !(found instanceof protobuf.Namespace))
    throw new Undecodable('its package holds no messages')
  return found
}

/** The message that indexes name: the n-th of the file, then the n-th inside it. @throws Undecodable. */
export function messageAt({ file }: ProtobufSchema, indexes: readonly number[]): protobuf.Type {
  let inside: protobuf.NamespaceBase = file
  for (const index of indexes) {
    const types = inside.nestedArray.filter((each) => each instanceof protobuf.Type)
    const next = types[index]
    if (next === undefined)
      throw new Undecodable('it is of a message that the schema does not have')
    inside = next
  }
  if (!(inside instanceof protobuf.Type)) throw new Undecodable('it names no message')
  return inside
}
