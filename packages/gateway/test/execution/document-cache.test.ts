import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { createDocumentCache } from '../../src/execution/document-cache.ts'

const document = parse('{ __typename }')

test('gives back what was set', () => {
  const cache = createDocumentCache(100)
  cache.set('a', document)
  expect(cache.get('a')).toBe(document)
  expect(cache.get('b')).toBeUndefined()
})

test('lets go of what was not used for the longest time', () => {
  const cache = createDocumentCache(6)
  cache.set('aa', document)
  cache.set('bb', document)
  cache.set('cc', document)
  expect(cache.get('aa')).toBe(document)
  cache.set('dd', document)
  expect(['aa', 'bb', 'cc', 'dd'].filter((text) => cache.get(text))).toEqual(['aa', 'cc', 'dd'])
})

test('is bounded by the length of the texts, not by their number', () => {
  const cache = createDocumentCache(1_000)
  for (let i = 0; i < 500; i++) cache.set(`${i}`.padStart(10), document)
  cache.set('x'.repeat(995), document)
  expect(cache.get('x'.repeat(995))).toBe(document)
  for (let i = 0; i < 500; i++) expect(cache.get(`${i}`.padStart(10))).toBeUndefined()
})

test('counts a text once, however often it is set', () => {
  const cache = createDocumentCache(4)
  cache.set('aa', document)
  for (let i = 0; i < 10; i++) cache.set('bb', document)
  expect(cache.get('aa')).toBe(document)
})

test('does not keep what is longer than all it may hold', () => {
  const cache = createDocumentCache(4)
  cache.set('aa', document)
  cache.set('bbbbb', document)
  expect(cache.get('bbbbb')).toBeUndefined()
})
