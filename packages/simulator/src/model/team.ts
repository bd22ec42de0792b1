import type { SimulatedOperation } from './simulated-operation.ts'

/** What an operation can archive and unarchive. */
interface Archivable {
  /** As of the last operation that was looked at; read {@link isArchived} instead. */
  wasArchived: boolean
  /** Those that may still change it. */
  archiving: readonly SimulatedOperation[]
  /** The operation that it comes into being with; `undefined` for what is there from the beginning. */
  readonly createdBy: SimulatedOperation | undefined
}

export interface Channel extends Archivable {
  readonly id: string
  readonly teamId: string
  readonly displayName: string
  readonly description: string | null
  readonly membershipType: string
  readonly createdDateTime: string
}

export interface Team extends Archivable {
  readonly id: string
  readonly displayName: string
  readonly description: string | null
  readonly visibility: string
  readonly createdDateTime: string
}

export interface Chat {
  readonly id: string
  readonly chatType: string
  readonly topic: string | null
  readonly createdDateTime: string
  readonly createdBy: SimulatedOperation | undefined
  readonly members: readonly string[]
}

/** Whether a resource can be read: at once, or when the operation that creates it has succeeded. */
export function isThere(resource: { readonly createdBy: SimulatedOperation | undefined }): boolean {
  return resource.createdBy === undefined || resource.createdBy.isTargetUsable
}

const archivingTypes = new Set(['archiveTeam', 'archiveChannel'])

/** Whether a team or channel is archived by now: takes in the operations that have succeeded meanwhile. */
export function isArchived(resource: Archivable): boolean {
  const succeeded = resource.archiving
    .filter(({ succeededAt }) => succeededAt !== undefined)
    .toSorted((one, other) => one.settlesAt - other.settlesAt)
  const last = succeeded.at(-1)
  if (last) resource.wasArchived = archivingTypes.has(last.operationType)
  resource.archiving = resource.archiving.filter(({ isSettled }) => !isSettled)
  return resource.wasArchived
}
