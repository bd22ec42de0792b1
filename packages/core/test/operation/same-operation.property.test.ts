import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseOperation } from '../../src/operation/parse-operation.ts'
import { sameOperation } from '../../src/operation/same-operation.ts'
import type { TeamsAsyncOperation } from '../../src/operation/teams-async-operation.ts'
import { operationOf, refOf } from '../states.ts'

type Json = Readonly<Record<string, unknown>>

const base = operationOf(refOf())
const extra: fc.Arbitrary<Json> = fc.dictionary(
  fc.oneof(fc.string({ maxLength: 2 }), fc.constantFrom('Value', 'values', '__proto__', 'constructor')),
  fc.jsonValue(),
)
const annotations: fc.Arbitrary<Json> = fc.dictionary(
  fc.constantFrom('@odata.context', '@odata.etag', 'status@odata.type'),
  fc.jsonValue(),
)
const operation: fc.Arbitrary<TeamsAsyncOperation> = fc
  .tuple(extra, fc.constantFrom('notStarted', 'inProgress', 'failed'), fc.integer({ min: 1, max: 2 }))
  .map(([more, status, attemptsCount]) => ({ ...more, ...base, status, attemptsCount }))

/** Another object with the same in it, its properties the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, content]) => [key, turned(content)]),
  )
}

describe('two answers for an operation', () => {
  it('are the same exactly when they are equal', () => {
    fc.assert(
      fc.property(operation, operation, (a, b) => {
        expect(sameOperation(a, b)).toBe(isDeepStrictEqual(a, b))
        expect(sameOperation(b, a)).toBe(sameOperation(a, b))
      }),
    )
  })

  it('are the same whatever the order of the properties and the annotations', () => {
    fc.assert(
      fc.property(operation, annotations, annotations, (a, some, others) => {
        const b = turned(a) as TeamsAsyncOperation
        expect(sameOperation({ ...a, ...some }, { ...b, ...others })).toBe(true)
      }),
    )
  })

  it('are not the same when anything else differs', () => {
    fc.assert(
      fc.property(operation, extra, fc.jsonValue(), (a, parent, difference) => {
        const one = { ...a, Value: { ...parent, deep: [difference] } }
        expect(sameOperation(one, { ...a, Value: { ...parent, deep: [difference, null] } })).toBe(false)
        expect(sameOperation(one, { ...a, Value: { ...parent, deep: { 0: difference } } })).toBe(false)
        expect(sameOperation(one, { ...a, Value: parent })).toBe(isDeepStrictEqual(parent, one.Value))
      }),
    )
  })
})

describe('an operation', () => {
  it('differs when only its error does', () => {
    const failed = { ...base, status: 'failed', error: { code: 'A', message: null } }
    expect(sameOperation(failed, { ...failed, error: { code: 'B', message: null } })).toBe(false)
    expect(sameOperation(failed, { ...failed, error: null })).toBe(false)
  })

  it('is compared by its own properties, not by inherited ones', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{}}')
    expect(sameOperation({ ...base, Value: hostile }, { ...base, Value: { other: {} } })).toBe(false)
    expect(sameOperation({ ...base, Value: hostile }, { ...base, Value: structuredClone(hostile) })).toBe(
      true,
    )
  })

  it('may nest deeper than calls can', () => {
    const deep = (): TeamsAsyncOperation => {
      const body = JSON.stringify(base).replace(
        '"Value":',
        `"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"Value":`,
      )
      const { operation: parsed } = parseOperation(JSON.parse(body))
      return parsed ?? base
    }
    expect(deep()).toHaveProperty('deep')
    expect(sameOperation(deep(), deep())).toBe(true)
    expect(sameOperation(deep(), { ...deep(), deep: [] })).toBe(false)
  })
})
