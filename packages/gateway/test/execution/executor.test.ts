import { createVirtualClock } from '@teams-operations/core/testing'
import { GraphQLSchema } from 'graphql'
import { expect, test, vi } from 'vitest'
import { createErrorPresenter } from '../../src/errors/present-error.ts'
import { createExecutor } from '../../src/execution/executor.ts'
import { createSchema } from '../../src/schema/create-schema.ts'
import type { GatewayContext } from '../../src/resolvers/context.ts'
import { anonymous } from '../../src/resolvers/principal.ts'
import { scriptedOperations } from '../scripted-operations.ts'

const context: GatewayContext = {
  operations: scriptedOperations().client,
  clock: createVirtualClock(),
  principal: anonymous,
  signal: new AbortController().signal,
}

test('a document is parsed and validated once, however often it comes', () => {
  const schema = createSchema()
  // What validation begins with: looking up the type of the operation.
  const lookups = vi.spyOn(schema, 'getQueryType')
  const executor = createExecutor({ schema, present: createErrorPresenter(() => {}) })
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

test('a document that is not valid is not kept', () => {
  const executor = createExecutor({ schema: createSchema(), present: createErrorPresenter(() => {}) })
  for (const query of ['{ nothing }', '{']) {
    for (let i = 0; i < 2; i++) {
      expect(executor.prepare({ query }, context)).toMatchObject({ errors: [expect.any(Error)] })
    }
  }
})

test('whatever goes wrong is a result, also where graphql-js throws', async () => {
  const reports: unknown[] = []
  const present = createErrorPresenter((error) => reports.push(error))
  const broken = createExecutor({ schema: new GraphQLSchema({}), present })
  expect(broken.prepare({ query: '{ __typename }' }, context)).toMatchObject({
    errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  })
  expect(reports).toHaveLength(1)
})
