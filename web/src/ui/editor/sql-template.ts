// ClickHouse SQL with template tags. The tags are marked over the SQL: `{{ ... }}`, `{% ... %}`, `{# ... #}`.
import { autocompletion, completeFromList } from '@codemirror/autocomplete'
import { sql, SQLDialect } from '@codemirror/lang-sql'
import type { Extension } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { Decoration, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view'

import type { Completions } from './code-editor-props.ts'

const clickHouse = SQLDialect.define({
  keywords:
    'select from where prewhere group by order limit offset with as and or not in is null like ilike between case when then else end join left right inner outer full any all asof semi anti cross global on using union distinct having final sample array settings format over partition window rows range preceding following current row interval asc desc nulls first last fill step to totals rollup cube exists cast true false intersect except qualify',
  types:
    'UInt8 UInt16 UInt32 UInt64 UInt128 UInt256 Int8 Int16 Int32 Int64 Int128 Int256 Float32 Float64 Decimal String FixedString Date Date32 DateTime DateTime64 Enum8 Enum16 UUID IPv4 IPv6 Array Map Tuple Nested Nullable LowCardinality AggregateFunction SimpleAggregateFunction JSON Bool',
  backslashEscapes: true,
  doubleQuotedStrings: false,
  identifierQuotes: '`"',
  hashComments: true,
  caseInsensitiveIdentifiers: false,
})

const tag = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g,
  decoration: Decoration.mark({ class: 'cm-template' }),
})

const tags = ViewPlugin.fromClass(
  class {
    decorations
    constructor(view: EditorView) {
      this.decorations = tag.createDeco(view)
    }
    update(update: ViewUpdate): void {
      this.decorations = tag.updateDeco(update, this.decorations)
    }
  },
  { decorations: ({ decorations }) => decorations },
)

/** SQL of a node: highlighting, and completion of the given tables, columns and words besides the language's own. */
export function sqlTemplate({ tables, words = [] }: Completions): Extension {
  const language = sql({
    dialect: clickHouse,
    upperCaseKeywords: true,
    schema: Object.fromEntries(
      Object.entries(tables).map(([name, columns]) => [name, [...columns]]),
    ),
  })
  const own = completeFromList(
    words.map(({ label, detail }) => ({ label, detail, type: 'function' })),
  )
  return [language, language.language.data.of({ autocomplete: own }), autocompletion(), tags]
}
