// Which parameters were sent when a test came out so: what is used there only need not be sent.
import type { Expression } from './ast.ts'

/** Names for which defined() must have been true when the test was `outcome`; when that is not certain, none. */
export function provenDefined(test: Expression, outcome: boolean): readonly string[] {
  if (test.node === 'braced') return provenDefined(test.inner, outcome)
  if (test.node === 'unary')
    return test.operator === 'not' ? provenDefined(test.operand, !outcome) : []
  if (test.node === 'call') {
    const [subject] = test.args
    const isDefined = test.callee.node === 'name' && test.callee.name === 'defined'
    return isDefined && outcome && subject !== undefined ? subjectOf(subject) : []
  }
  if (test.node !== 'logic') return []
  const left = provenDefined(test.left, outcome)
  const right = provenDefined(test.right, outcome)
  // A true `and`, and a false `or`, need both sides to be so.
  const areBoth = (test.operator === 'and') === outcome
  return areBoth ? [...left, ...right] : left.filter((name) => right.includes(name))
}

/** `x` of defined(x), defined({{x}}) and defined(String(x)). */
function subjectOf(expression: Expression): readonly string[] {
  if (expression.node === 'name') return [expression.name]
  if (expression.node === 'braced') return subjectOf(expression.inner)
  const [first] = expression.node === 'call' ? expression.args : []
  return first?.node === 'name' ? [first.name] : []
}
