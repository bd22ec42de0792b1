import type { DocumentNode } from 'graphql'

/**
 * The documents that were parsed and found valid, by their text; those that were used least recently make
 * way. Bounded by the length of the texts, so that long documents do not count as much as short ones.
 */
export interface DocumentCache {
  get(text: string): DocumentNode | undefined
  set(text: string, document: DocumentNode): void
}

export function createDocumentCache(maxCharacters: number): DocumentCache {
  /** A `Map` keeps the order of insertion: the first is the one that was not used for the longest time. */
  const documents = new Map<string, DocumentNode>()
  let characters = 0

  function remove(text: string): void {
    if (documents.delete(text)) characters -= text.length
  }

  return {
    get(text) {
      const document = documents.get(text)
      if (document) {
        documents.delete(text)
        documents.set(text, document)
      }
      return document
    },
    set(text, document) {
      remove(text)
      documents.set(text, document)
      characters += text.length
      for (const oldest of documents.keys()) {
        if (characters <= maxCharacters) return
        remove(oldest)
      }
    },
  }
}
