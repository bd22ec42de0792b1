import { expect, test } from 'vitest'
import { resolveLimits, type LimitOptions } from '../../src/access/limits.ts'
import { createErrorPresenter } from '../../src/errors/present-error.ts'
import { createReadDocument, type ReadDocument } from '../../src/execution/read-document.ts'
import { createTrustedDocuments } from '../../src/execution/trusted-documents.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

const schema = createSchema()

function readWith(limits: LimitOptions, unexpected: unknown[] = []): ReadDocument {
  return createReadDocument({
    schema,
    present: createErrorPresenter((error) => unexpected.push(error)),
    limits: resolveLimits(limits),
    introspection: true,
    trusted: createTrustedDocuments({ schema }),
  })
}

test.each([
  ['in circles', 'fragment F on Query { ...G x } fragment G on Query { ...F y } { ...F }', 'spread'],
  ['unused', 'fragment F on Query { x y } { __typename }', 'never used'],
])('what is in fragments that are %s is not looked at', (_, query, message) => {
  expect(readWith({})({ query })).toMatchObject({
    errors: [
      { message: expect.stringContaining(message), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ],
  })
})

test.each(['[', '{location:'])(
  'a document that a parser runs out of stack for is refused: %s…',
  (nesting) => {
    const unexpected: unknown[] = []
    const readDocument = readWith({ maxTokens: Infinity }, unexpected)
    const query = `{ teamsAsyncOperation(ref: ${nesting.repeat(20_000)}`
    expect(readDocument({ query })).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    })
    expect(unexpected).toEqual([])
  },
)
