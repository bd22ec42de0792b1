import type * as V1 from '@microsoft/microsoft-graph-types'
import type * as Beta from '@microsoft/microsoft-graph-types-beta'
import { expectTypeOf } from 'vitest'
import type {
  KnownOperationType,
  KnownStatus,
  OperationError,
  TeamsAsyncOperation,
} from '../../src/operation/teams-async-operation.ts'

// Does not compile when a name, a nullability or a member differs from Microsoft's own types, either way.

/** The properties that are declared, without the index signature that leaves the type open. */
type Declared<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] }
type NullableNames<T> = { [Name in keyof T]-?: null extends T[Name] ? Name : never }[keyof T]

type OurOperation = Declared<TeamsAsyncOperation>

expectTypeOf<keyof OurOperation>().toEqualTypeOf<keyof V1.TeamsAsyncOperation>()
expectTypeOf<keyof OurOperation>().toEqualTypeOf<keyof Beta.TeamsAsyncOperation>()
expectTypeOf<keyof OperationError>().toEqualTypeOf<keyof V1.OperationError>()
expectTypeOf<keyof OperationError>().toEqualTypeOf<keyof Beta.OperationError>()

expectTypeOf<NullableNames<OurOperation>>().toEqualTypeOf<NullableNames<V1.TeamsAsyncOperation>>()
expectTypeOf<NullableNames<OurOperation>>().toEqualTypeOf<NullableNames<Beta.TeamsAsyncOperation>>()
expectTypeOf<NullableNames<OperationError>>().toEqualTypeOf<NullableNames<V1.OperationError>>()
expectTypeOf<NullableNames<OperationError>>().toEqualTypeOf<NullableNames<Beta.OperationError>>()

expectTypeOf<KnownStatus>().toEqualTypeOf<V1.TeamsAsyncOperationStatus>()
expectTypeOf<KnownStatus>().toEqualTypeOf<Beta.TeamsAsyncOperationStatus>()
// Chats are beta's alone, so v1.0 does not know what creates one.
expectTypeOf<Exclude<KnownOperationType, 'createChat'>>().toEqualTypeOf<V1.TeamsAsyncOperationType>()
expectTypeOf<KnownOperationType>().toEqualTypeOf<Beta.TeamsAsyncOperationType>()

/** Microsoft's types make every property optional, because of `$select` and of writing. */
type Complete<T extends { error?: unknown }> = Required<Omit<T, 'error'>> & {
  error: Required<NonNullable<T['error']>> | null
}

// What is an operation to Microsoft, and complete, is one to us.
expectTypeOf<Complete<V1.TeamsAsyncOperation>>().toExtend<TeamsAsyncOperation>()
expectTypeOf<Complete<Beta.TeamsAsyncOperation>>().toExtend<TeamsAsyncOperation>()

// What is one to us, and has no member from the future, is one to Microsoft.
type OfToday = TeamsAsyncOperation & { status: KnownStatus; operationType: KnownOperationType }
expectTypeOf<OfToday>().toExtend<Beta.TeamsAsyncOperation>()
expectTypeOf<OfToday & { operationType: V1.TeamsAsyncOperationType }>().toExtend<V1.TeamsAsyncOperation>()

// Nothing is optional in what was read.
expectTypeOf<OurOperation>().toEqualTypeOf<Required<OurOperation>>()

// Type and enumerations are open: a property or a member from the future is one of ours.
expectTypeOf<TeamsAsyncOperation['Value']>().toBeUnknown()
expectTypeOf<'paused'>().toExtend<TeamsAsyncOperation['status']>()
expectTypeOf<'mergeTeams'>().toExtend<TeamsAsyncOperation['operationType']>()
