import type { OperationState } from '../operation/operation-state.ts'
import { OperationsError } from '../operation/operations-error.ts'
import type { Tally } from './tally.ts'

export interface DeadlineExceeded {
  readonly deadlineMs: number
  readonly answered: Tally
  readonly lastState: OperationState | undefined
}

/** The operation had not finished when the time that was given to it was over. */
export class DeadlineExceededError extends OperationsError {
  readonly code = 'DEADLINE_EXCEEDED'
  readonly deadlineMs: number
  /** What the checks until then gave, and how often: tells a slow operation from one that could not be read. */
  readonly answered: Tally

  constructor({ deadlineMs, answered, lastState }: DeadlineExceeded) {
    super(
      `Expected the operation${lastState ? ` at ${lastState.ref.location}` : ''} to finish within ${deadlineMs} ms, ` +
        `got ${lastState ? lastState.operation.status : 'no state'} (answered: ${shown(answered)}). ` +
        'It goes on in Graph: watch it again, or allow it more time.',
      { lastState, requestId: lastState?.problem?.requestId },
    )
    this.deadlineMs = deadlineMs
    this.answered = answered
  }
}

function shown(answered: Tally): string {
  const counts = Object.entries(answered).map(([name, count]) => `${count} × ${name}`)
  return counts.length === 0 ? 'nothing' : counts.join(', ')
}
