// The trees of expressions and templates. `line` is the line of the template, 1-based.

import type { TemplateParam } from './rendered.ts'

interface At {
  readonly line: number
}

type Constant = string | bigint | number | boolean | null

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '|' | '^' | '&' | '<<' | '>>'
export type CompareOperator =
  '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not'

export interface CallExpression extends At {
  readonly node: 'call'
  readonly callee: Expression
  readonly args: readonly Expression[]
  readonly keywords: readonly { readonly name: string; readonly value: Expression }[]
}

/** One `for target in source if condition ...` of a comprehension. */
export interface ComprehensionClause {
  readonly target: Target
  readonly source: Expression
  readonly conditions: readonly Expression[]
}

export type Expression =
  | (At & { readonly node: 'constant'; readonly value: Constant })
  | (At & { readonly node: 'name'; readonly name: string })
  | (At & { readonly node: 'list' | 'tuple' | 'set'; readonly items: readonly Expression[] })
  | (At & { readonly node: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] })
  /** Old-style `{{ ... }}` inside a `{% %}` tag. */
  | (At & { readonly node: 'braced'; readonly inner: Expression })
  | (At & {
      readonly node: 'unary'
      readonly operator: 'not' | '-' | '+' | '~'
      readonly operand: Expression
    })
  | (At & {
      readonly node: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    })
  | (At & {
      readonly node: 'logic'
      readonly operator: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    })
  | (At & {
      readonly node: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: CompareOperator; readonly right: Expression }[]
    })
  | (At & {
      readonly node: 'conditional'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression
    })
  | (At & { readonly node: 'attribute'; readonly object: Expression; readonly name: string })
  | (At & { readonly node: 'index'; readonly object: Expression; readonly index: Expression })
  | (At & {
      readonly node: 'slice'
      readonly object: Expression
      readonly start: Expression | null
      readonly stop: Expression | null
      readonly step: Expression | null
    })
  | (At & {
      readonly node: 'comprehension'
      readonly of: 'list' | 'set' | 'dict'
      readonly key: Expression | null
      readonly item: Expression
      readonly clauses: readonly ComprehensionClause[]
    })
  | CallExpression

/** What can be assigned to. */
export type Target =
  | { readonly target: 'name'; readonly name: string }
  | { readonly target: 'tuple'; readonly items: readonly Target[] }
  | { readonly target: 'index'; readonly object: Expression; readonly index: Expression }

export interface Branch {
  /** null for else. */
  readonly test: Expression | null
  readonly body: readonly TemplateNode[]
}

export type TemplateNode =
  | { readonly node: 'text'; readonly text: string }
  | (At & { readonly node: 'emit'; readonly expression: Expression; readonly source: string })
  | (At & { readonly node: 'raw'; readonly expression: Expression; readonly source: string })
  | (At & { readonly node: 'if'; readonly branches: readonly Branch[] })
  | (At & {
      readonly node: 'for'
      readonly target: Target
      readonly source: Expression
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    })
  | (At & {
      readonly node: 'while'
      readonly test: Expression
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    })
  | (At & {
      readonly node: 'set'
      readonly target: Target
      readonly operator: BinaryOperator | null
      readonly value: Expression
    })
  | (At & { readonly node: 'run'; readonly expression: Expression })
  | (At & { readonly node: 'break' | 'continue' })
  | (At & {
      readonly node: 'try'
      readonly body: readonly TemplateNode[]
      readonly handlers: readonly Handler[]
      readonly otherwise: readonly TemplateNode[]
      readonly last: readonly TemplateNode[]
    })

export interface Handler {
  /** Exception class names it takes; null takes all. */
  readonly types: readonly string[] | null
  readonly as: string | null
  readonly body: readonly TemplateNode[]
}

/** A parsed template. Immutable; parse once per pipe version and render many times. */
export interface Template {
  /** The node it stands in, for errors; null when nobody said. */
  readonly name: string | null
  readonly nodes: readonly TemplateNode[]
  /** Its parameters, in the order of their first use. */
  readonly params: readonly TemplateParam[]
}
