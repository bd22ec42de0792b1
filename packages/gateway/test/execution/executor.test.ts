import { GraphQLSchema } from 'graphql'
import { expect, test, vi } from 'vitest'
import { createErrorPresenter } from '../../src/errors/present-error.ts'
import { defaultLimits } from '../../src/access/limits.ts'
import { GatewayCounts } from '../../src/observability/gateway-counts.ts'
import { createExecutor, type Executor } from '../../src/execution/executor.ts'
import { createReadDocument } from '../../src/execution/read-document.ts'
import type { ResultStream } from '../../src/execution/present-results.ts'
import type { Recipient } from '../../src/execution/recipient.ts'
import { createTrustedDocuments } from '../../src/execution/trusted-documents.ts'
import { createSchema } from '../../src/schema/create-schema.ts'
import { gatewayContext } from '../gateway-context.ts'
import { locationOf, scriptedOperations } from '../scripted-operations.ts'

const context = gatewayContext()

function executorFor(schema: GraphQLSchema, present = createErrorPresenter(() => {})): Executor {
  const trusted = createTrustedDocuments({ schema })
  const readDocument = createReadDocument({
    schema,
    present,
    trusted,
    limits: defaultLimits,
    introspection: true,
  })
  return createExecutor({ schema, present, readDocument, counts: new GatewayCounts() })
}

test('a document is parsed and validated once, however often it comes', () => {
  const schema = createSchema()
  // What validation begins with: looking up the type of the operation.
  const lookups = vi.spyOn(schema, 'getQueryType')
  const executor = executorFor(schema)
  const query = '{ followedOperations { id } }'
  const first = executor.prepare({ query }, context)
  const lookupsOfOne = lookups.mock.calls.length
  expect(lookupsOfOne).toBeGreaterThan(0)
  for (let i = 0; i < 1_000; i++) {
    const next = executor.prepare({ query, variables: { i } }, context)
    expect('args' in next && 'args' in first && next.args.document === first.args.document).toBe(true)
  }
  expect(lookups.mock.calls.length).toBe(lookupsOfOne)
})

test('10,000 subscribers to the same have it parsed, validated and executed once', async () => {
  const schema = createSchema()
  // Which validation asks for every time.
  const lookups = vi.spyOn(schema, 'getDirectives')
  const executor = executorFor(schema)
  const operations = scriptedOperations()
  const location = locationOf(1)
  operations.find(location)
  let results = 0
  const recipient: Recipient = { receive: () => (results += 1), whenSent: (act) => act(), discard() {} }
  const documents = new Set<unknown>()
  const streams: ResultStream[] = []
  let lookupsOfOne = 0
  for (let i = 0; i < 10_000; i++) {
    const query = `subscription { teamsAsyncOperation(ref: { location: "${location}" }) { status } }`
    const operation = executor.prepare({ query }, gatewayContext({ operations: operations.client }))
    if ('errors' in operation) throw new Error('Expected an operation', { cause: operation.errors })
    documents.add(operation.args.document)
    streams.push(await executor.subscribe(operation.args, recipient))
    lookupsOfOne ||= lookups.mock.calls.length
  }
  expect(documents.size).toBe(1)
  expect(lookupsOfOne).toBeGreaterThan(0)
  expect(lookups.mock.calls).toHaveLength(lookupsOfOne)
  expect(operations.watchers(location)).toBe(1)
  expect(results).toBe(10_000)
  for (const stream of streams) await stream.return()
  expect(operations.watchers(location)).toBe(0)
})

test('a document that is not valid is not kept', () => {
  const executor = executorFor(createSchema())
  for (const query of ['{ nothing }', '{']) {
    for (let i = 0; i < 2; i++) {
      expect(executor.prepare({ query }, context)).toMatchObject({ errors: [expect.any(Error)] })
    }
  }
})

test('whatever goes wrong is a result, also where graphql-js throws', async () => {
  const reports: unknown[] = []
  const present = createErrorPresenter((error) => reports.push(error))
  const broken = executorFor(new GraphQLSchema({}), present)
  expect(broken.prepare({ query: '{ __typename }' }, context)).toMatchObject({
    errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  })
  expect(reports).toHaveLength(1)
})
