import {
  archiveTeam,
  unarchiveTeam,
  type OperationsClient,
  type OperationState,
} from '@teams-operations/core'
import type { Simulator, Team } from '@teams-operations/simulator'
import { concatMap, defer, from, mergeMap, repeat, retry, switchMap, type Observable } from 'rxjs'

/** Every so many operations fail. */
const FAILS_EVERY = 5

/**
 * Somebody who has work to do, whatever the dashboard does: archives teams and makes them usable again, two at
 * a time, and follows each operation to its end.
 */
export function provisionTeams(
  operations: OperationsClient,
  simulator: Simulator,
  teams: readonly Team[],
): Observable<OperationState> {
  let started = 0

  return from(teams).pipe(
    mergeMap(
      ({ id }) =>
        from([archiveTeam, unarchiveTeam]).pipe(
          concatMap((build) =>
            defer(() => {
              started += 1
              if (started % FAILS_EVERY === 0) {
                simulator.tenant.script(
                  { outcome: 'failed', error: { code: 'Locked', message: 'The SharePoint site is locked.' } },
                  { ownerId: id },
                )
              }
              return operations.submit(build(id))
            }).pipe(switchMap((ref) => operations.watch(ref))),
          ),
        ),
      2,
    ),
    // What goes wrong with one of them keeps nobody from the next.
    retry({ delay: 5_000 }),
    repeat(),
  )
}
