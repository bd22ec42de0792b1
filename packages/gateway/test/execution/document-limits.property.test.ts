import fc from 'fast-check'
import { getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/access/limits.ts'
import { documentLimits, type DocumentLimits } from '../../src/execution/document-limits.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

const schema = createSchema()
const generous: DocumentLimits = {
  maxFields: Infinity,
  maxDepth: Infinity,
  maxAliases: Infinity,
  maxRootFields: Infinity,
  maxDirectives: Infinity,
}

function refusals(text: string, limits: Partial<DocumentLimits>): readonly string[] {
  const rule = documentLimits({ ...generous, ...limits })
  return validate(schema, parse(text), [rule]).map(({ message }) => message)
}

const cases: [keyof DocumentLimits, string, number, string][] = [
  ['maxFields', 'of all levels, however often they are repeated', 6, '{ a a { b } a { b b } }'],
  [
    'maxFields',
    'as often as their fragment is spread, and that as well',
    12,
    '{ a { ...F } b { ...F ... { e } } } fragment F on X { c ...G } fragment G on X { d }',
  ],
  ['maxDepth', 'of fields', 3, '{ a { b { c } } }'],
  [
    'maxDepth',
    'through fragments, which are no level themselves',
    3,
    '{ a { ...F } } fragment F on X { ... on Y { b { c } } }',
  ],
  ['maxDepth', 'of the deepest field', 2, '{ a b { c } d }'],
  ['maxRootFields', 'as written', 3, '{ a b c { d e f } }'],
  [
    'maxRootFields',
    'through fragments',
    4,
    '{ ...F ... { b } } fragment F on Query { a ...G } fragment G on Query { c d }',
  ],
  ['maxAliases', 'on every level', 3, '{ x: a { y: b { z: c d } } }'],
  [
    'maxAliases',
    'as often as their fragment is spread',
    6,
    '{ a { ...F } b { ...F } } fragment F on X { x: c ...G ...G } fragment G on X { y: d }',
  ],
  [
    'maxDirectives',
    'wherever they are',
    6,
    'query @a { b @c(d: 1) @e ... @f { g } ...F @h } fragment F on X @i { j }',
  ],
]

describe.each(cases)('%s', (name, about, count, text) => {
  test(`counts ${about}`, () => {
    expect(refusals(text, { [name]: count })).toEqual([])
    const [refusal, ...others] = refusals(text, { [name]: count - 1 })
    expect(refusal).toContain(`Expected at most ${count - 1} `)
    expect(refusal).toContain(`in an operation, got ${count}.`)
    expect(others).toEqual([])
  })
})

test.each([
  ['by other names', '{ a: followedOperations { id } b: followedOperations { id } }', 2],
  [
    'in fragments',
    '{ ...F ... { followedOperations { id } } } fragment F on Query { ...G ...G } fragment G on Query { x: followedOperations { id } }',
    3,
  ],
])('all that is followed may be asked for once, also %s', (_, text, count) => {
  expect(refusals(text, {})).toEqual([
    `Expected at most 1 \`followedOperations\` in an operation, got ${count}. Ask for less at once.`,
  ])
  expect(refusals('query A { followedOperations { id } } query B { followedOperations { id } }', {})).toEqual(
    [],
  )
})

test('each operation of a document has its own limits', () => {
  expect(refusals('query A { a } query B { a b } query C { a b c }', { maxRootFields: 2 })).toHaveLength(1)
})

test('a field for each of a hundred nested spreads is counted, not written out', () => {
  const fragments = Array.from(
    { length: 100 },
    (_, i) => `fragment F${i} on X { a { ...F${i + 1} } b { ...F${i + 1} } }`,
  )
  const [refusal] = refusals(`{ ...F0 } ${fragments.join(' ')} fragment F100 on X { e }`, { maxFields: 300 })
  expect(refusal).toMatch(/fields and fragments in an operation, got \d\.\d+e\+30/)
})

test('an alias for each of a hundred nested spreads is counted, not written out', () => {
  // 2 ** 100 of them, were they written out.
  const fragments = Array.from(
    { length: 100 },
    (_, i) => `fragment F${i} on X { a: b { ...F${i + 1} } c: d { ...F${i + 1} } }`,
  )
  const [refusal] = refusals(`{ ...F0 } ${fragments.join(' ')} fragment F100 on X { e }`, { maxAliases: 50 })
  expect(refusal).toMatch(/aliases in an operation, got 2\.5\d+e\+30/)
})

test('fragments that go in circles, or do not exist, are left to other rules', () => {
  expect(refusals('{ ...A } fragment A on Query { a ...B } fragment B on Query { ...A ...C }', {})).toEqual(
    [],
  )
})

test('the introspection of GraphiQL is within the defaults', () => {
  const text = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  })
  expect(refusals(text, defaultLimits)).toEqual([])
  expect(() => parse(text, { maxTokens: defaultLimits.maxTokens / 4 })).not.toThrow()
  expect(refusals(text, { maxDepth: 14 })).toEqual([expect.stringContaining('got 15')])
  expect(refusals(text, { maxFields: 200 })).toEqual([expect.stringContaining('got 240')])
})

test('whatever the fragments, what is counted is what would be there, were they written out', () => {
  /** A selection as text, with what it amounts to. */
  interface Built {
    readonly text: string
    readonly depth: number
    readonly aliases: number
  }
  const { selection } = fc.letrec<{ selection: Built }>((tie) => {
    const inner = fc.array(tie('selection'), { minLength: 1, maxLength: 3 })
    const sum = (parts: readonly Built[]): number => parts.reduce((all, { aliases }) => all + aliases, 0)
    const deepest = (parts: readonly Built[]): number => Math.max(...parts.map(({ depth }) => depth))
    return {
      selection: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.boolean().map((aliased) => ({
          text: aliased ? 'x: leaf' : 'leaf',
          depth: 1,
          aliases: aliased ? 1 : 0,
        })),
        fc.tuple(fc.boolean(), inner).map(([aliased, parts]) => ({
          text: `${aliased ? 'y: ' : ''}node { ${parts.map(({ text }) => text).join(' ')} }`,
          depth: deepest(parts) + 1,
          aliases: sum(parts) + (aliased ? 1 : 0),
        })),
        inner.map((parts) => ({
          text: `... on X { ${parts.map(({ text }) => text).join(' ')} }`,
          depth: deepest(parts),
          aliases: sum(parts),
        })),
      ),
    }
  })
  fc.assert(
    fc.property(selection, fc.integer({ min: 1, max: 4 }), ({ text, depth, aliases }, spreads) => {
      const document = `{ ${'...F '.repeat(spreads)} } fragment F on Query { ${text} }`
      expect(refusals(document, { maxDepth: depth, maxAliases: aliases * spreads })).toEqual([])
      expect(refusals(document, { maxDepth: depth - 1 })).toHaveLength(1)
      if (aliases > 0) expect(refusals(document, { maxAliases: aliases * spreads - 1 })).toHaveLength(1)
    }),
  )
})
