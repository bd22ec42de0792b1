import { expect, test } from 'vitest'
import { invalidGraphQL } from '../check/graphql-fences.ts'
import { root } from '../check/run-command.ts'

async function check(code: string, tags: readonly string[] = []): Promise<string[]> {
  const documents = new Map([['README.md', { fences: [{ language: 'graphql', tags, code, line: 7 }] }]])
  return invalidGraphQL(root, 'packages/gateway/schema.graphql', documents)
}

test('accepts what the gateway would execute, and a schema that is only shown', async () => {
  expect(await check('{ followedOperations { status } }')).toEqual([])
  expect(await check('type Query { anything: Int }')).toEqual([])
})

test('names the document and the line of what the gateway would refuse', async () => {
  expect(await check('{ followedOperations { state } }')).toEqual([
    expect.stringMatching(/^README\.md:7: Cannot query field "state"/),
  ])
  expect(await check('{ followedOperations')).toEqual([expect.stringMatching(/^README\.md:7: Syntax Error/)])
  expect(await check('{ nothing }', ['ignore'])).toEqual([])
})
