import { expect, test } from 'vitest'
import { resolveLimits } from '../../src/access/limits.ts'
import { createErrorPresenter } from '../../src/errors/present-error.ts'
import { createReadDocument } from '../../src/execution/read-document.ts'
import { createTrustedDocuments } from '../../src/execution/trusted-documents.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

test.each(['[', '{location:'])(
  'a document that a parser runs out of stack for is refused: %s…',
  (nesting) => {
    const unexpected: unknown[] = []
    const schema = createSchema()
    const readDocument = createReadDocument({
      schema,
      present: createErrorPresenter((error) => unexpected.push(error)),
      limits: resolveLimits({ maxTokens: Infinity }),
      introspection: true,
      trusted: createTrustedDocuments({ schema }),
    })
    const query = `{ teamsAsyncOperation(ref: ${nesting.repeat(20_000)}`
    expect(readDocument({ query })).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    })
    expect(unexpected).toEqual([])
  },
)
