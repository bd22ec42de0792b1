import type { Plugin } from 'graphql-yoga'

/**
 * Keeps every request for as long as its signal is held. A signal that is asked of a request follows the one
 * that the request was made with, but in Node only until the request is collected: whoever had left after
 * that would be taken to be there for ever.
 */
export function keepRequests(): Plugin {
  const requests = new WeakMap<AbortSignal, Request>()
  return {
    onRequest({ request }) {
      requests.set(request.signal, request)
    },
  }
}
