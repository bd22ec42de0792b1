import type { OperationState } from '@teams-operations/core'
import { Observable, startWith, switchMap } from 'rxjs'
import type { Access } from './operation-access.ts'

type States = readonly OperationState[]

/** Those of the operations that may be seen: by the time that it is decided, if that changes meanwhile. */
export async function visibleOperations(states: States, access: Access): Promise<States> {
  if (!access.isLimited) return states
  let mayHaveChanged = false
  const changes = access.changes.subscribe(() => (mayHaveChanged = true))
  try {
    for (;;) {
      mayHaveChanged = false
      const decided = await visible(states, ({ ref }) => access.allows(ref))
      if (!mayHaveChanged) return decided
    }
  } finally {
    changes.unsubscribe()
  }
}

/** Those of the operations that may be seen, whenever one changes, or what may be seen. */
export function watchVisible(followed: Observable<States>, access: Access): Observable<States> {
  if (!access.isLimited) return followed
  return access.changes.pipe(
    startWith(undefined),
    switchMap(() => visibleOf(followed, access)),
  )
}

/** Asks once for each operation, for as long as it is followed. */
function visibleOf(followed: Observable<States>, access: Access): Observable<States> {
  const decisions = new Map<string, Promise<boolean>>()

  function decide({ ref }: OperationState): Promise<boolean> {
    const decision = decisions.get(ref.location) ?? access.allows(ref)
    decisions.set(ref.location, decision)
    return decision
  }

  return conflate(followed, (states) => {
    const locations = new Set(states.map(({ ref }) => ref.location))
    for (const location of decisions.keys()) if (!locations.has(location)) decisions.delete(location)
    return visible(states, decide)
  })
}

async function visible(states: States, decide: (state: OperationState) => Promise<boolean>): Promise<States> {
  const decisions = await Promise.all(states.map(decide))
  return states.filter((_, index) => decisions[index])
}

/** Projects one after the other; of those that come meanwhile, the newest. */
function conflate<From, To>(source: Observable<From>, project: (value: From) => Promise<To>): Observable<To> {
  return new Observable((subscriber) => {
    let waiting: { readonly value: From } | undefined
    let isBusy = false
    let isComplete = false

    async function work(): Promise<void> {
      isBusy = true
      for (let next = waiting; next; next = waiting) {
        waiting = undefined
        subscriber.next(await project(next.value))
      }
      isBusy = false
      if (isComplete) subscriber.complete()
    }

    return source.subscribe({
      next: (value) => {
        waiting = { value }
        if (!isBusy) work().catch((error: unknown) => subscriber.error(error))
      },
      error: (error) => subscriber.error(error),
      complete: () => {
        isComplete = true
        if (!isBusy) subscriber.complete()
      },
    })
  })
}
