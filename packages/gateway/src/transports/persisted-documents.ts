import type { GraphQLParams, Plugin } from 'graphql-yoga'

/** The parameter of GraphQL over HTTP that names a document. */
export const DOCUMENT_ID = 'documentId'

/** Lets a request name a document by an id instead of having it, which Yoga does not know of. */
export const persistedDocuments: Plugin = {
  onParams({ request, params, setParams }) {
    const fromUrl = request.method === 'GET' ? new URL(request.url).searchParams.get(DOCUMENT_ID) : null
    const documentId = documentIdOf(params) ?? fromUrl
    if (documentId == null && !params.extensions?.['persistedQuery']) return
    // Yoga insists on a string.
    const named: GraphQLParams & { documentId: unknown } = {
      ...params,
      query: params.query ?? '',
      documentId,
    }
    setParams(named)
  },
}

/** The id in the parameters of a request, unchecked. */
export function documentIdOf(params: GraphQLParams): unknown {
  return DOCUMENT_ID in params ? params[DOCUMENT_ID] : undefined
}
