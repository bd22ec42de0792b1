import {
  createOperationsClient,
  fixedToken,
  isTerminal,
  type OperationsClient,
  type OperationState,
  type TeamsAsyncOperation,
} from '@teams-operations/core'
import { BehaviorSubject, Observable, type Subscriber } from 'rxjs'

export const teamId = '11111111-2222-4333-8444-555555555555'

/** The location of the nth operation of the team. */
export function locationOf(n: number): string {
  return `/teams('${teamId}')/operations('${operationIdOf(n)}')`
}

export function operationIdOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

export interface ScriptedOperations {
  readonly client: OperationsClient
  /** Lets a check find this of the operation; those who watch get it, and completion after the end. */
  find(location: string, found?: Partial<TeamsAsyncOperation>): void
  /** Ends the streams of the operation with an error. */
  fail(location: string, error: unknown): void
  /** How many watch the operation. */
  watchers(location: string): number
  /** What `get` and `list` do next, instead of answering from what was found. */
  refuse: Error | undefined
}

/**
 * A client that follows nothing: what it gives is what a test says. For what depends on the transports
 * only; what depends on the core is tested with the core.
 */
export function scriptedOperations(): ScriptedOperations {
  const real = createOperationsClient({ credential: fixedToken('unused') })
  const states = new Map<string, OperationState>()
  const subscribers = new Map<string, Set<Subscriber<OperationState>>>()
  const followed = new BehaviorSubject<readonly OperationState[]>([])

  const scripted: ScriptedOperations = {
    refuse: undefined,
    watchers: (location) => subscribers.get(location)?.size ?? 0,
    find(location, found = {}) {
      const before = states.get(location)
      const ref = real.ref(location)
      const operation: TeamsAsyncOperation = {
        id: ref.operationId,
        operationType: 'archiveTeam',
        createdDateTime: '2026-01-01T00:00:00.1234567Z',
        status: 'inProgress',
        lastActionDateTime: '2026-01-01T00:00:00.1234567Z',
        attemptsCount: 1,
        targetResourceId: null,
        targetResourceLocation: null,
        error: null,
        ...before?.operation,
        ...found,
      }
      const checks = (before?.checks ?? 0) + 1
      const state: OperationState = {
        ref,
        operation,
        revision: checks,
        checks,
        checkedAt: Date.UTC(2026, 0, 1, 0, 0, checks),
        nextCheckAt: isTerminal(operation.status) ? undefined : Date.UTC(2026, 0, 1, 0, 1, checks),
        problem: undefined,
      }
      states.set(location, state)
      followed.next([...states.values()])
      for (const subscriber of subscribers.get(location) ?? []) {
        subscriber.next(state)
        if (isTerminal(operation.status)) subscriber.complete()
      }
    },
    fail(location, error) {
      for (const subscriber of subscribers.get(location) ?? []) subscriber.error(error)
    },
    client: {
      ref: (input) => real.ref(input),
      watch: (input) =>
        new Observable((subscriber) => {
          const { location } = real.ref(input)
          const those = subscribers.get(location) ?? new Set()
          subscribers.set(location, those.add(subscriber))
          const state = states.get(location)
          if (state) subscriber.next(state)
          if (state && isTerminal(state.operation.status)) subscriber.complete()
          return () => those.delete(subscriber)
        }),
      async get(input) {
        const state = states.get(real.ref(input).location)
        if (scripted.refuse) throw scripted.refuse
        if (!state) throw new Error('Nothing was found yet')
        return state
      },
      async *list() {
        if (scripted.refuse) throw scripted.refuse
        for (const { operation } of states.values()) yield operation
      },
      followed: () => followed,
      events: () => real.events(locationOf(1)),
      submit: (request) => real.submit(request),
      readTarget: (location) => real.readTarget(location),
      stats: () => real.stats(),
      async [Symbol.asyncDispose]() {
        await real[Symbol.asyncDispose]()
      },
    },
  }
  return scripted
}
