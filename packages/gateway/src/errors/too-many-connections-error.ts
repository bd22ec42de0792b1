import { UnavailableError } from './unavailable-error.ts'

/** There are as many connections as there may be, of all clients. */
export class TooManyConnectionsError extends UnavailableError {
  /** @param detail for the log of the gateway: which of them */
  constructor(detail: string) {
    super('There are too many connections. Try again later.', detail)
  }
}
