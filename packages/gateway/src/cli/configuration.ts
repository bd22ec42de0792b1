import { parseArgs } from 'node:util'
import { createOperationsClient, fixedToken, type OperationsClientOptions } from '@teams-operations/core'
import { ConfigurationError } from './configuration-error.ts'
import { settings, type Setting, type Settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Configuration extends Settings {
  /** A token that was pasted, for a quick look; without it the credential is that of the Azure SDKs. */
  readonly graphToken: string | undefined
}

/** A setting as it was found. */
interface Found<Value> {
  readonly value: Value
  /** How whoever set it knows it, such as `--port` or `PORT`; `undefined` for a default. */
  readonly source: string | undefined
}

/**
 * Reads the settings of `serve` from its arguments and the environment.
 *
 * @throws ConfigurationError with all mistakes at once
 */
export function readConfiguration(args: readonly string[], environment: Environment): Configuration {
  const mistakes: string[] = []
  const flags = readFlags(args, mistakes)

  function read<Value>({ flag, variable, parse, expected, default: value }: Setting<Value>): Found<Value> {
    const source = flags.has(flag) ? `--${flag}` : variable
    const text = flags.get(flag) ?? environment[variable]
    // A variable that is set to nothing is how many tools leave it out.
    if (text === undefined || (text === '' && source === variable)) return { value, source: undefined }
    const parsed = parse(text)
    if (parsed === undefined) mistakes.push(`${source}: expected ${expected}, got "${text}".`)
    return { value: parsed ?? value, source }
  }

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

  const port = read(settings.port)
  const host = read(settings.host)
  const cloud = read(settings.cloud)
  const graphOrigin = read(settings.graphOrigin)
  const pollIntervalMs = read(settings.pollIntervalMs)
  const quotaShare = read(settings.quotaShare)
  const simulate = read(settings.simulate)
  const graphToken = environment['GRAPH_TOKEN'] || undefined

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
    const graph = { cloud: cloud.value, graphOrigin: graphOrigin.value }
    const isGood = judge(graphOrigin.source, () => tryOptions(graph))
    if (isGood)
      judge(pollIntervalMs.source, () => tryOptions({ ...graph, pollIntervalMs: pollIntervalMs.value }))
    if (graphToken !== undefined) judge('GRAPH_TOKEN', () => fixedToken(graphToken))
  }
  judge(quotaShare.source, () => tryOptions({ quotaShare: quotaShare.value }))

  if (mistakes.length > 0) throw new ConfigurationError(mistakes)
  return {
    port: port.value,
    host: host.value,
    cloud: cloud.value,
    graphOrigin: graphOrigin.value,
    pollIntervalMs: pollIntervalMs.value,
    quotaShare: quotaShare.value,
    simulate: simulate.value,
    graphToken,
  }
}

/** Any that is not Microsoft's: the simulated one may be polled as often. */
const simulatedGraph: OperationsClientOptions = { graphOrigin: 'http://127.0.0.1' }

/** A client does nothing until it is asked to; creating one checks the options. */
function tryOptions(options: OperationsClientOptions): void {
  createOperationsClient({ credential: fixedToken('unused'), ...options })
}

/** The flags with their values as text, a switch that is on as `true`. */
function readFlags(args: readonly string[], mistakes: string[]): ReadonlyMap<string, string> {
  const known = new Map(Object.values(settings).map((setting) => [setting.flag, setting]))
  const flags = new Map<string, string>()
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowNegative: true,
    options: Object.fromEntries(
      Object.values(settings).map(({ flag, placeholder }) => [
        flag,
        { type: placeholder ? 'string' : 'boolean' },
      ]),
    ),
  })
  for (const token of tokens) {
    if (token.kind === 'positional') mistakes.push(`Expected a flag, got "${token.value}".`)
    if (token.kind !== 'option') continue
    const setting = known.get(token.name.replace(/^no-/, ''))
    if (!setting) mistakes.push(`${token.rawName}: there is no such flag.`)
    else if (token.value !== undefined) flags.set(setting.flag, token.value)
    else if (setting.placeholder)
      mistakes.push(`${token.rawName}: expected ${setting.expected}, got nothing.`)
    else flags.set(setting.flag, String(!token.rawName.startsWith('--no-')))
  }
  return flags
}
