import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { rootFields, type RootField } from '../../src/execution/root-fields.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

const schema = createSchema()

function fieldsOf(
  text: string,
  variableValues: Record<string, unknown> = {},
  operationName?: string,
): readonly RootField[] {
  return rootFields({ schema, document: parse(text), variableValues, operationName })
}

test('arguments come from the document, from variables and from defaults, as a resolver gets them', () => {
  const document = `
    subscription One { teamsAsyncOperation(ref: { location: "a" }) { id } }
    subscription Two($refs: [TeamsAsyncOperationRef!]!) { two: teamsAsyncOperations(refs: $refs, everyCheck: true) { id } }
    subscription Three($id: ID! = 7, $everyCheck: Boolean! = false) {
      teamsAsyncOperation(ref: { team: { teamId: "t", operationId: $id } }, everyCheck: $everyCheck) { id }
    }`
  expect(fieldsOf(document, {}, 'One')).toEqual([
    { name: 'teamsAsyncOperation', args: { ref: { location: 'a' }, everyCheck: false } },
  ])
  const refs = [{ location: 'a' }, { chat: { chatId: 1, operationId: '2' } }]
  expect(fieldsOf(document, { refs }, 'Two')).toEqual([
    {
      name: 'teamsAsyncOperations',
      args: { refs: [{ location: 'a' }, { chat: { chatId: '1', operationId: '2' } }], everyCheck: true },
    },
  ])
  // A list may be written as its only item.
  expect(fieldsOf(document, { refs: { location: 'a' } }, 'Two')).toMatchObject([
    { args: { refs: [{ location: 'a' }] } },
  ])
  expect(fieldsOf(document, {}, 'Three')).toEqual([
    {
      name: 'teamsAsyncOperation',
      args: { ref: { team: { teamId: 't', operationId: '7' } }, everyCheck: false },
    },
  ])
})

test('no field is overlooked: not in fragments, and not where a directive may leave it out', () => {
  const document = `
    subscription ($no: Boolean = false) { ...A }
    fragment A on Subscription { ... on Subscription { ...B } }
    fragment B on Subscription {
      teamsAsyncOperation(ref: { location: "a" }) @include(if: $no) { id }
      b: teamsAsyncOperation(ref: { location: "b" }) @skip(if: $no) { id }
    }`
  expect(fieldsOf(document).map(({ args }) => args['ref'])).toEqual([{ location: 'a' }, { location: 'b' }])
})

test('the arguments of a query are found as well', () => {
  expect(fieldsOf('{ __typename followedOperations { id } }')).toEqual([
    { name: '__typename', args: {} },
    { name: 'followedOperations', args: {} },
  ])
})

test('what is not as the schema has it throws', () => {
  const document = 'subscription ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref) { id } }'
  for (const ref of [undefined, null, {}, { location: 'a', chat: { chatId: '1', operationId: '2' } }]) {
    expect(() => fieldsOf(document, { ref })).toThrow(/ref/)
  }
})
