import { locationOf, operationIdOf, teamId } from '../scripted-operations.ts'
import type { Dice } from './dice.ts'

/** JSON, roughly: what a mutation makes of it may be more than that. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** The body of a request for GraphQL, of the kind that clients send, and of kinds that they should not. */
export function graphqlPayload(dice: Dice): { [name: string]: Json } {
  const n = dice.below(20)
  const location = locationOf(n)
  return dice.pick<() => { [name: string]: Json }>([
    () => ({ query: watch, variables: { location } }),
    () => ({ query: watch, variables: { location }, operationName: 'Watch', extensions: {} }),
    () => ({ query: watchAll, variables: { refs: refs(dice, 1 + dice.below(5)) } }),
    () => ({ query: watchAll, variables: { refs: refs(dice, dice.pick([0, 249, 250, 251, 400])) } }),
    () => ({ query: 'subscription { followedOperations { location status } }' }),
    () => ({ query: `{ teamsAsyncOperation(ref: { location: "${location}" }) { ...F } } ${fragment}` }),
    () => ({
      query: `{ teamsAsyncOperations(of: { teamId: "${teamId}" }, first: ${n}) { edges { cursor } } }`,
    }),
    () => ({ query: '{ followedOperations { id } __schema { types { name fields { name } } } }' }),
    () => ({ query: `mutation { archiveTeam(teamId: "${teamId}") { location } }` }),
    () => ({ query: `{ __typename # ${dice.below(1_000_000)}\n}` }),
    () => ({ query: hostileDocument(dice), variables: hostileVariables(dice) }),
    () => ({ query: mutateText(dice, dice.pick([watch, watchAll, fragment])), variables: { location } }),
    () => ({ query: dice.pick([watch, watchAll]), variables: hostileVariables(dice) }),
    () => ({
      query: '',
      documentId: dice.pick(['known', 'unknown', '__proto__', `sha256:${'0'.repeat(64)}`]),
    }),
    () => ({
      query: '',
      extensions: { persistedQuery: dice.pick<Json>([null, 1, {}, { sha256Hash: 'known' }]) },
    }),
    () => ({ query: watch, operationName: dice.pick(['', 'Other', '__proto__', 'x'.repeat(1_000)]) }),
  ])()
}

const watch = `subscription Watch ($location: String!) {
  teamsAsyncOperation(ref: { location: $location }) { location status polling { revision } }
}`
const watchAll = `subscription ($refs: [TeamsAsyncOperationRef!]!) {
  teamsAsyncOperations(refs: $refs, everyCheck: true) { location status polling { revision problem { code } } }
}`
const fragment = 'fragment F on TeamsAsyncOperation { id status createdDateTime error { code message } }'

function refs(dice: Dice, count: number): Json[] {
  return Array.from({ length: count }, () => {
    const n = dice.below(20)
    return dice.pick<Json>([
      { location: locationOf(n) },
      { location: `https://graph.microsoft.com/v1.0${locationOf(n)}` },
      { team: { teamId, operationId: operationIdOf(n) } },
      { location: dice.pick(['nonsense', 'https://evil.example/', '//evil.example', '../..', '\u0000']) },
    ])
  })
}

/** Documents that cost a parser, a validator or an executor more than their length promises. */
function hostileDocument(dice: Dice): string {
  const many = 1 + dice.below(dice.pick([10, 100, 3_000]))
  return dice.pick<() => string>([
    () => '{'.repeat(many),
    () => `{${'a{'.repeat(many)}b${'}'.repeat(many)}}`,
    () => `{${'__typename '.repeat(many)}}`,
    () => `{${Array.from({ length: many }, (_, i) => `a${i}:__typename `).join('')}}`,
    () => `{__typename ${'@skip(if:false) '.repeat(many)}}`,
    () => `{...A} fragment A on Query {...B} fragment B on Query {...A}`,
    () =>
      `{...F0} ${Array.from({ length: Math.min(many, 100) }, (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`).join(' ')} fragment F${Math.min(many, 100)} on Query{__typename}`,
    () => `{ __schema { types ${'{ ofType '.repeat(many)} { name } ${'}'.repeat(many)} } }`,
    () => `query(${Array.from({ length: many }, (_, i) => `$v${i}:Int`).join(' ')}){__typename}`,
    () => `{ teamsAsyncOperation(ref: ${'{location:'.repeat(many)}"x"${'}'.repeat(many)}) { id } }`,
    () => `{ teamsAsyncOperation(ref: ${'['.repeat(many)}${']'.repeat(many)}) { id } }`,
    () => `{ a(b: "${'\\u0000'.repeat(many)}") }`,
    () => `{ a(b: """${'"'.repeat(many)}) }`,
    () => '#'.repeat(many),
    () => ' '.repeat(many),
    () => '\u{feff}{ __typename }',
    () => `subscription { ${'a: followedOperations { id } '.repeat(2)} }`,
    () => 'subscription { __typename }',
    () => 'query Q { __typename } '.repeat(many),
    () => dice.bytes(many).toString('latin1'),
  ])()
}

function hostileVariables(dice: Dice): Json {
  return dice.pick<() => Json>([
    () => ({ location: junk(dice) }),
    () => ({ refs: junk(dice) }),
    () => ({ refs: [junk(dice), { location: junk(dice) }] }),
    () => JSON.parse(`{ "__proto__": { "location": "x" }, "constructor": { "prototype": 1 } }`) as Json,
    () => ({ location: nested(dice.pick([5, 11, 1_000])) }),
    () => null,
  ])()
}

/** Any value, most of them out of place. */
export function junk(dice: Dice): Json {
  return dice.pick<() => Json>([
    () => null,
    () => true,
    () => dice.below(2 ** 31) - 2 ** 30,
    () => dice.pick([Infinity, -0, 1.5, Number.MAX_SAFE_INTEGER, 1e-300]),
    () => '',
    () => dice.bytes(dice.below(20)).toString('latin1'),
    () =>
      dice.pick(['\u0000', '\ud800', '💥', '__proto__', 'constructor', 'toString', '{"a":1}', "' OR 1=1"]),
    () => 'x'.repeat(dice.below(5_000)),
    () => [],
    () => ({}),
    () => Array.from({ length: dice.below(5) }, () => junk(dice)),
    () => ({ [junkName(dice)]: junk(dice) }),
    () => nested(dice.below(200)),
  ])()
}

function junkName(dice: Dice): string {
  return JSON.stringify(junk(dice)).slice(0, 50)
}

function nested(levels: number): Json {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels) || 'null') as Json
}

/** The value with something in it replaced, added, left out or doubled. */
export function mutate(dice: Dice, value: Json): Json {
  if (typeof value !== 'object' || value === null || dice.chance(0.1)) return junk(dice)
  if (Array.isArray(value)) {
    const at = dice.below(value.length + 1)
    return [...value.slice(0, at), mutate(dice, value[at] ?? null), ...value.slice(at + dice.below(2))]
  }
  const names = Object.keys(value)
  const name = names[dice.below(names.length)] ?? 'none'
  const { [name]: inner = null, ...others } = value
  return dice.pick<() => Json>([
    () => others,
    () => ({ ...value, [name]: junk(dice) }),
    () => ({ ...value, [name]: mutate(dice, inner) }),
    () => ({ ...value, [junkName(dice)]: junk(dice) }),
    () => ({ ...others, [`${name} `]: inner }),
    () => [value, value],
  ])()
}

/** The text with some of it changed, cut off, doubled or put elsewhere. */
export function mutateText(dice: Dice, text: string): string {
  const at = dice.below(text.length + 1)
  const end = at + dice.below(1 + Math.min(20, text.length - at))
  return dice.pick<() => string>([
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + text.slice(end),
    () => text.slice(0, end) + text.slice(at),
    () => text.slice(0, at) + dice.bytes(1 + dice.below(4)).toString('latin1') + text.slice(at),
    () =>
      text.slice(0, at) +
      dice.pick(['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '0']) +
      text.slice(end),
    () => text.repeat(1 + dice.below(3)),
  ])()
}
