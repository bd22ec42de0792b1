import { createHash } from 'node:crypto'
import { print } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createTrustedDocuments, type DocumentsById } from '../../src/execution/trusted-documents.ts'
import type { OperationRequest } from '../../src/execution/operation-request.ts'
import { createSchema } from '../../src/schema/create-schema.ts'

const schema = createSchema()
const text = '{ __typename }'
const hash = createHash('sha256').update(text).digest('hex')

function finds(
  request: Partial<OperationRequest>,
  documents: DocumentsById | undefined = { [hash]: text },
  onlyPersisted = false,
): string | undefined {
  const found = createTrustedDocuments({ schema, documents, onlyPersisted }).find({ query: '', ...request })
  return found && print(found).replaceAll(/\s+/g, ' ')
}

function coded(code: string): Error {
  return expect.objectContaining({ extensions: { code } }) as Error
}

describe('a document is found by its id', () => {
  const requests: Record<string, Partial<OperationRequest>> = {
    'as the draft of GraphQL over HTTP has it': { documentId: `sha256:${hash}` },
    'without a prefix': { documentId: hash },
    'as Apollo has it': { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } },
    'with the document beside it': { query: text, documentId: hash },
  }
  const stores: Record<string, DocumentsById> = {
    'a record': { [hash]: text },
    'a record of prefixed ids': { [`sha256:${hash}`]: text },
    'a map': new Map([[hash, text]]),
  }

  for (const [how, request] of Object.entries(requests)) {
    test.each(Object.entries(stores))(`${how}, in %s`, (_, documents) => {
      expect(finds(request, documents)).toBe(text)
    })
  }

  test('that is no hash', () => {
    expect(finds({ documentId: 'watch-team' }, { 'watch-team': text })).toBe(text)
    expect(finds({ documentId: 'x-acme:watch.2' }, { 'x-acme:watch.2': text })).toBe(text)
  })

  test('and is the same every time', () => {
    const trusted = createTrustedDocuments({ schema, documents: { a: text, b: text } })
    const found = trusted.find({ query: '', documentId: 'a' })
    expect(trusted.find({ query: '', documentId: 'b' })).toBe(found)
    expect(trusted.find({ query: text })).toBe(found)
  })
})

describe('a request is refused', () => {
  test('for an id that is not known, or that every object has', () => {
    for (const documentId of ['unknown', '__proto__', 'constructor', 'toString', 'sha256:']) {
      expect(() => finds({ documentId })).toThrow(coded('PERSISTED_QUERY_NOT_FOUND'))
    }
  })

  test('for an id that is none', () => {
    for (const documentId of [1, {}, [hash], true, '']) {
      expect(() => finds({ documentId })).toThrow(coded('BAD_USER_INPUT'))
      expect(() => finds({ extensions: { persistedQuery: { sha256Hash: documentId } } })).toThrow(
        coded('BAD_USER_INPUT'),
      )
    }
  })

  test('for a document that is not the one of its id', () => {
    expect(() => finds({ documentId: hash, query: '{ followedOperations { id } }' })).toThrow(
      coded('BAD_USER_INPUT'),
    )
  })

  test('for an id where there are none', () => {
    const trusted = createTrustedDocuments({ schema })
    expect(() => trusted.find({ query: '', documentId: hash })).toThrow(
      coded('PERSISTED_QUERY_NOT_SUPPORTED'),
    )
  })
})

describe('another document', () => {
  const other = '{ followedOperations { id } }'

  test('is executed unless only persisted ones are', () => {
    expect(finds({ query: other })).toBeUndefined()
    expect(() => finds({ query: other }, { [hash]: text }, true)).toThrow(coded('PERSISTED_QUERY_ONLY'))
    expect(() => finds({ query: '' }, { [hash]: text }, true)).toThrow(coded('PERSISTED_QUERY_ONLY'))
  })

  test('with an id that clients hope to register is not registered', () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } }
    expect(finds({ query: other, extensions })).toBeUndefined()
    expect(() => finds({ extensions })).toThrow(coded('PERSISTED_QUERY_NOT_FOUND'))
    expect(() => finds({ query: other, extensions }, { [hash]: text }, true)).toThrow(
      coded('PERSISTED_QUERY_NOT_FOUND'),
    )
  })

  test('is a trusted one when it is the same, to the letter', () => {
    expect(finds({ query: text }, { [hash]: text }, true)).toBe(text)
    expect(() => finds({ query: `${text} ` }, { [hash]: text }, true)).toThrow(coded('PERSISTED_QUERY_ONLY'))
  })
})

describe('documents are refused at the start', () => {
  test.each<[string, DocumentsById, string]>([
    ['that can not be parsed', { a: '{' }, 'Expected the document a to be valid, got: Syntax Error'],
    ['that do not fit the schema', { a: '{ nothing }' }, 'Cannot query field "nothing"'],
    [
      'that are not what their hash says',
      { [`sha256:${'0'.repeat(64)}`]: text },
      'to have the hash that its id says',
    ],
  ])('%s', (_, documents, message) => {
    expect(() => createTrustedDocuments({ schema, documents })).toThrow(TypeError)
    expect(() => createTrustedDocuments({ schema, documents })).toThrow(message)
  })

  test('when only they are executed and there are none', () => {
    expect(() => createTrustedDocuments({ schema, onlyPersisted: true })).toThrow(TypeError)
  })
})
