import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everyTransport } from '../every-transport.ts'
import { scriptedOperations } from '../scripted-operations.ts'
import { serveGateway, type ServedGateway } from '../serve-gateway.ts'

let served: ServedGateway

beforeAll(async () => {
  served = await serveGateway({ operations: scriptedOperations().client, production: true, graphiql: {} })
})

afterAll(async () => {
  await served[Symbol.asyncDispose]()
  expect(served.unexpected).toEqual([])
})

describe.each(everyTransport)('in production, over %s', (_, { ask }) => {
  test.each([getIntrospectionQuery(), '{ __schema { description } }', '{ __type(name: "Query") { name } }'])(
    'the schema is not told: %s',
    async (query) => {
      const { data, errors = [] } = await ask(served, { query })
      expect(data).toBeUndefined()
      expect(errors[0]?.message).toContain('introspection has been disabled')
    },
  )

  test('the name of a type is, which clients ask for with everything', async () => {
    expect(await ask(served, { query: '{ __typename }' })).toEqual({ data: { __typename: 'Query' } })
  })

  const ref = { team: { teamId: '1', operationIdd: '2' } }
  test.each<[string, object]>([
    ['field', { query: '{ followedOperation { id } }' }],
    ['argument', { query: '{ teamsAsyncOperation(reff: {}) { id } }' }],
    ['type', { query: 'query ($ref: TeamsAsyncOperationReff) { __typename }' }],
    ['fragment type', { query: '{ ... on Querry { __typename } }' }],
    ['directive', { query: '{ __typename @includ(if: true) }' }],
    ['input field', { query: '{ teamsAsyncOperation(ref: { teamm: {} }) { id } }' }],
    [
      'input field in a variable',
      {
        query: 'query ($ref: TeamsAsyncOperationRef!) { teamsAsyncOperation(ref: $ref) { id } }',
        variables: { ref },
      },
    ],
    ['subfields', { query: '{ followedOperations }' }],
  ])('a %s that is almost right is not put right', async (_name, request) => {
    const { errors = [] } = await ask(served, request)
    expect(errors.length).toBeGreaterThan(0)
    for (const { message } of errors) expect(message).not.toContain('Did you mean')
    expect(JSON.stringify(errors)).not.toMatch(
      /followedOperations"? or|operationId"|TeamsAsyncOperationRef"\?/,
    )
  })
})

test('there is no page, and no file of it', async () => {
  for (const path of ['/', '/graphql', '/graphql/graphiql/graphiql.js']) {
    const response = await fetch(`${served.origin}${path}`, { headers: { Accept: 'text/html' } })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).not.toMatch(/<html|GraphiQL/)
  }
})

test('who is lost is not told where to go', async () => {
  const response = await fetch(`${served.origin}/elsewhere`)
  expect(response.status).toBe(404)
  expect(await response.text()).toBe('There is nothing here.\n')
})

test('without production all of it is there', async () => {
  const open = await serveGateway({ operations: scriptedOperations().client })
  const ask = async (query: string): Promise<unknown> => (await open.post({ query })).json()
  expect(await ask(getIntrospectionQuery())).toHaveProperty('data.__schema')
  expect(await ask('{ followedOperation { id } }')).toMatchObject({
    errors: [{ message: expect.stringContaining('Did you mean "followedOperations"') as string }],
  })
  const page = await fetch(open.url, { headers: { Accept: 'text/html' } })
  expect(await page.text()).toContain('<html')
  await open[Symbol.asyncDispose]()
})
