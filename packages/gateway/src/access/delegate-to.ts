import type { OperationsClient } from '@teams-operations/core'

/** A client that does what another one does, but for some of it. */
export function delegateTo(operations: OperationsClient, own: Partial<OperationsClient>): OperationsClient {
  return {
    ref: (input) => operations.ref(input),
    submit: (request, options) => operations.submit(request, options),
    watch: (input, options) => operations.watch(input, options),
    events: (input) => operations.events(input),
    get: (input, options) => operations.get(input, options),
    list: (owner, options) => operations.list(owner, options),
    readTarget: (location, options) => operations.readTarget(location, options),
    followed: () => operations.followed(),
    stats: () => operations.stats(),
    [Symbol.asyncDispose]: () => operations[Symbol.asyncDispose](),
    ...own,
  }
}
