import { createOperationsClient, fixedToken, type OperationsClientOptions } from '@teams-operations/core'
import { ConfigurationError } from './configuration-error.ts'
import type { LookupAll } from '../access/listen-address.ts'
import { findApplicationProof, judgeAuthentication, type ApplicationProof } from './judge-authentication.ts'
import { findDocuments, judgeLimits } from './judge-limits.ts'
import { judgeListening } from './judge-listening.ts'
import { readTextFile, type ReadFile } from './json-file.ts'
import { readSettings, type Environment, type FoundSettings } from './read-settings.ts'
import { settings, type Settings } from './settings.ts'
import { judgeStartAccess } from './start-access.ts'

export interface Configuration extends Settings {
  /** A token that was pasted, for a quick look; without it the credential is that of the Azure SDKs. */
  readonly graphToken: string | undefined
  /** What the application proves itself with, where Graph is read on behalf of users. */
  readonly applicationProof: ApplicationProof | undefined
  /** What is in the file of persisted documents. */
  readonly documentsById: Readonly<Record<string, string>> | undefined
}

/**
 * Reads the settings from the arguments of a command, the environment, and the file that either names. Looks up
 * the names to listen on.
 *
 * @throws ConfigurationError with all mistakes at once
 */
export async function readConfiguration(
  args: readonly string[],
  environment: Environment,
  readFile: ReadFile = readTextFile,
  lookup?: LookupAll,
): Promise<Configuration> {
  const mistakes: string[] = []
  const found = readSettings({ args, environment, readFile }, mistakes)
  // No flag, which everybody on the machine could read, and not in a file that is passed around.
  const graphToken = environment['GRAPH_TOKEN'] || undefined
  await judgeListening(found, lookup, mistakes)
  judgeGraph(found, graphToken, mistakes)
  judgeStopping(found, mistakes)
  judgeAuthentication(found, mistakes)
  judgeStartAccess(found, mistakes)
  judgeLimits(found, mistakes)
  const documentsById = findDocuments(found, readFile, mistakes)
  const applicationProof = findApplicationProof(found, environment, mistakes)
  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  const values = Object.entries(found).map(([name, { value }]) => [name, value])
  return {
    ...(Object.fromEntries(values) as Settings),
    drainDelayMs: drainDelayOf(found),
    graphToken,
    applicationProof,
    documentsById,
  }
}

function judgeGraph(found: FoundSettings, graphToken: string | undefined, mistakes: string[]): void {
  const { cloud, graphOrigin, pollIntervalMs, quotaShare, simulate } = found

  /** Lets the core, which knows its own rules, judge what was set. @returns whether it is good */
  function judge(source: string | undefined, attempt: () => unknown): boolean {
    try {
      if (source !== undefined) attempt()
      return true
    } catch (error) {
      mistakes.push(`${source}: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
  }

  judge(quotaShare.source, () => tryOptions({ quotaShare: quotaShare.value }))
  if (simulate.isBad) return
  if (simulate.value) {
    for (const { source } of [cloud, graphOrigin]) {
      if (source)
        mistakes.push(
          `${source}: expected it or ${simulate.source}, got both: what is simulated is its own Graph.`,
        )
    }
    judge(pollIntervalMs.source, () =>
      tryOptions({ ...simulatedGraph, pollIntervalMs: pollIntervalMs.value }),
    )
  } else {
    if (graphToken !== undefined) judge('GRAPH_TOKEN', () => fixedToken(graphToken))
    if (cloud.isBad || graphOrigin.isBad) return
    const graph = { cloud: cloud.value, graphOrigin: graphOrigin.value }
    const isGood = judge(graphOrigin.source, () => tryOptions(graph))
    if (isGood)
      judge(pollIntervalMs.source, () => tryOptions({ ...graph, pollIntervalMs: pollIntervalMs.value }))
  }
}

function judgeStopping({ drainMs, drainDelayMs }: FoundSettings, mistakes: string[]): void {
  if (drainMs.isBad || drainDelayMs.source === undefined || drainDelayMs.value < drainMs.value) return
  mistakes.push(
    `${drainDelayMs.source}: expected less than the ${drainMs.value} of ` +
      `${drainMs.source ?? `--${settings.drainMs.flag}`}, got ${drainDelayMs.value}.`,
  )
}

/** The default gives way, for whoever wants to stop sooner. */
function drainDelayOf({ drainMs, drainDelayMs }: FoundSettings): number {
  return drainDelayMs.source === undefined
    ? Math.min(drainDelayMs.value, drainMs.value / 5)
    : drainDelayMs.value
}

/** Any that is not Microsoft's: the simulated one may be polled as often. */
const simulatedGraph: OperationsClientOptions = { graphOrigin: 'http://127.0.0.1' }

/** A client does nothing until it is asked to; creating one checks the options. */
function tryOptions(options: OperationsClientOptions): void {
  createOperationsClient({ credential: fixedToken('unused'), ...options })
}
