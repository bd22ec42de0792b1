import type { Clock, OperationRef, OperationsClient, RefInput } from '@teams-operations/core'
import { defer, tap, throwError, type Observable } from 'rxjs'
import { isCoreError } from '../errors/core-error-code.ts'
import { delegateTo } from './delegate-to.ts'

/** How long Graph is not asked again for what it has refused. */
const REMEMBERED_MS = 300_000

/** Remembers which operations Graph has refused to whom, for five minutes. */
export interface Refusals {
  /**
   * The client of a principal, with which what Graph has refused them fails at once, and with the same error.
   * Nothing else of it changes.
   */
  guard(operations: OperationsClient, principalId: string): OperationsClient
  /** How many are remembered. */
  readonly size: number
}

/**
 * Users take turns to check an operation that several of them follow. Who may not see it, and asks again and
 * again, would have a turn each time, while those who may see it wait.
 *
 * What is remembered is bounded by the quota: each refusal has cost a read.
 */
export function createRefusals(clock: Clock): Refusals {
  /** By principal and location, the oldest first. */
  const refusals = new Map<string, { readonly error: Error; readonly until: number }>()

  function find(key: string): Error | undefined {
    const refusal = refusals.get(key)
    return refusal && refusal.until > clock.monotonic() ? refusal.error : undefined
  }

  function remember(key: string, error: unknown): void {
    const now = clock.monotonic()
    for (const [oldest, { until }] of refusals) {
      if (until > now) break
      refusals.delete(oldest)
    }
    // Those that find it remembered get the same error, and do not prolong it.
    if (refusals.has(key) || !isCoreError(error) || error.code !== 'ACCESS_DENIED') return
    refusals.set(key, { error, until: now + REMEMBERED_MS })
  }

  return {
    guard(operations, principalId) {
      const keyOf = ({ location }: OperationRef): string => JSON.stringify([principalId, location])

      function guarded<T>(input: RefInput, follow: (ref: OperationRef) => Observable<T>): Observable<T> {
        return defer(() => {
          const ref = operations.ref(input)
          const key = keyOf(ref)
          const refusal = find(key)
          if (refusal) return throwError(() => refusal)
          return follow(ref).pipe(tap({ error: (error: unknown) => remember(key, error) }))
        })
      }

      return delegateTo(operations, {
        watch: (input, options) => guarded(input, (ref) => operations.watch(ref, options)),
        events: (input) => guarded(input, (ref) => operations.events(ref)),
        async get(input, options) {
          const ref = operations.ref(input)
          const key = keyOf(ref)
          const refusal = find(key)
          if (refusal) throw refusal
          try {
            return await operations.get(ref, options)
          } catch (error) {
            remember(key, error)
            throw error
          }
        },
      })
    },
    get size() {
      return refusals.size
    },
  }
}
