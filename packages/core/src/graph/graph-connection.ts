import type { Clock } from '../clock.ts'
import type { GraphVersion, OperationOwner, OperationRef } from '../operation/operation-ref.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import type { Answer } from './answer.ts'
import type { TokenCredential } from './credential.ts'
import { createGraphSender } from './graph-sender.ts'
import { listOperations, type ListOptions } from './list-operations.ts'
import { readOperations } from './read-operations.ts'
import { readTarget } from './read-target.ts'
import { startOperation, type StartedOperation } from './start-operation.ts'
import type { StartRequest } from './start-request.ts'
import type { TargetReading } from './target-reading.ts'
import { createTokenSource } from './token-source.ts'
import type { Transport } from './transport.ts'

/** Microsoft Graph, as far as operations are concerned. Decides nothing about when. */
export interface GraphConnection {
  /**
   * Reads up to 20 operations of one version in one request. The answers come in the order of `refs`, and
   * whatever goes wrong is one of them.
   *
   * @throws RangeError for more than 20, or for operations of both versions at once
   */
  read(refs: readonly OperationRef[], signal: AbortSignal): Promise<readonly Answer[]>
  /**
   * Sends a start exactly once.
   *
   * @throws MissingLocationError, NoOperationError, ThrottledError, ConnectionError, AuthenticationError,
   * AccessDeniedError, GraphRequestError
   */
  start(request: StartRequest, signal: AbortSignal): Promise<StartedOperation>
  /**
   * The operations of a team or a chat; pages are read as they are needed.
   *
   * @throws ProtocolError, InvalidLocationError, ThrottledError, ConnectionError, AuthenticationError,
   * AccessDeniedError, GraphRequestError
   */
  list(owner: OperationOwner, options: ListOptions): AsyncIterable<TeamsAsyncOperation>
  /**
   * Whether what an operation created or changed can be read.
   *
   * @param version what a relative location is below @default 'v1.0'
   * @throws InvalidLocationError, AuthenticationError, AccessDeniedError, GraphRequestError
   */
  readTarget(
    targetResourceLocation: string,
    signal: AbortSignal,
    version?: GraphVersion,
  ): Promise<TargetReading>
}

export interface GraphConnectionOptions {
  /** What `resolveGraphOrigin` gave. */
  readonly origin: string
  readonly transport: Transport
  /** Needed unless the transport authenticates by itself. */
  readonly credential?: TokenCredential | undefined
  readonly clock: Clock
  /** How long to wait for a token, and then for an answer. @default 30_000 */
  readonly requestTimeoutMs?: number | undefined
}

/** @throws TypeError without a way to authenticate, and with two */
export function createGraphConnection({
  origin,
  transport,
  credential,
  clock,
  requestTimeoutMs: timeoutMs = 30_000,
}: GraphConnectionOptions): GraphConnection {
  if (transport.authenticates ? credential : !credential) {
    throw new TypeError(
      credential
        ? 'Expected no `credential` with a transport that authenticates by itself: it would never be asked'
        : 'Expected a `credential`, such as one of @azure/identity, or a transport that authenticates by itself',
    )
  }
  const tokens = credential && createTokenSource({ credential, origin, clock, timeoutMs })
  const sender = createGraphSender({ origin, transport, tokens, clock, timeoutMs })
  return {
    read: (refs, signal) => readOperations(sender, refs, signal),
    start: (request, signal) => startOperation(sender, request, signal),
    list: (owner, options) => listOperations(sender, owner, options),
    readTarget: (targetResourceLocation, signal, version = 'v1.0') =>
      readTarget(sender, targetResourceLocation, version, signal),
  }
}
