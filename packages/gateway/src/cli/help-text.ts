import { configSetting } from './read-settings.ts'
import { settingGroups, settings } from './settings.ts'
import type { Setting } from './settings/setting.ts'

const WIDTH = 27

const summaries = {
  serve: 'Serve GraphQL, and GraphiQL for people, until Ctrl-C.',
  check: 'Try the credential and Microsoft Graph, and say what is missing.',
  schema: 'Print the GraphQL schema.',
}

/** What can be done with settings. */
export type Command = keyof typeof summaries

export function isCommand(word: string): word is Command {
  return Object.hasOwn(summaries, word)
}

/** What `--help` shows, made of the settings themselves: of one command, or of all. */
export function helpText(command?: Command): string {
  const sections = command ? sectionsOf[command] : [overview, settingsText, signingIn, examples]
  return `${sections.map((section) => section().trim()).join('\n\n')}\n`
}

const sectionsOf: Readonly<Record<Command, readonly (() => string)[]>> = {
  serve: [() => usageOf('serve'), settingsText, signingIn, examples],
  check: [() => usageOf('check'), exitCodes, settingsText, signingIn],
  schema: [() => usageOf('schema'), () => `What is in it\n${rows(settings.allowStart)}`],
}

function usageOf(command: Command): string {
  return `${summaries[command]}\n\nUsage\n  teams-operations ${command} [flags]`
}

function exitCodes(): string {
  return `
It takes the settings of serve, and ends with 0 when all is well, with 1 when something is missing,
and with 2 when a setting is wrong.`
}

function overview(): string {
  const usages = Object.entries(summaries).map(
    ([command, summary]) => `  ${`teams-operations ${command} [flags]`.padEnd(33)} ${summary}`,
  )
  return `
The operations of Microsoft Teams as GraphQL queries and subscriptions.

Usage
${usages.join('\n')}
  teams-operations help [command]   Show this, or the help of a command; --help does as well.
  teams-operations version          Show the version; --version does as well.`
}

function settingsText(): string {
  const groups = settingGroups.map(
    (group) => `${group.title}\n${Object.values(group.settings).map(rows).join('\n')}`,
  )
  return `
Each flag is also an environment variable, and a key of the file (--drain-ms is "drainMs" there).
A flag that may be repeated has commas between its values as a variable, and is a list in the file.
A flag without a value, such as --simulate, is switched off with --no-simulate.

${groups.join('\n\n')}

Configuration file
${rows(configSetting)}`
}

function signingIn(): string {
  return `
Signing in to Microsoft Graph
  By default as DefaultAzureCredential of the Azure SDKs does: AZURE_TENANT_ID, AZURE_CLIENT_ID,
  AZURE_CLIENT_SECRET (or a certificate); a workload or managed identity, or az login.
  For a quick look, GRAPH_TOKEN holds a token that was pasted. It goes to Microsoft Graph only.
  With --graph-identity user, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or a certificate) exchange
  the token of each user for one for Graph.`
}

function examples(): string {
  return `
Examples
  teams-operations serve --simulate
  GRAPH_TOKEN=eyJ0… teams-operations serve --port 8080
  teams-operations check --cloud usgov
  ENTRA_TENANT_ID=… ENTRA_AUDIENCE=api://… teams-operations serve \\
    --auth entra --host 0.0.0.0 --allowed-host gateway.example.com`
}

/** A setting in two lines. */
function rows({ flag, variable, placeholder, help, shownDefault, isList }: Setting<unknown>): string {
  const name = `--${flag}${placeholder ? ` <${placeholder}>` : ''}`
  const more = isList ? '; may be repeated' : ''
  return [
    `  ${name.padEnd(WIDTH)} ${help}`,
    `  ${''.padEnd(WIDTH)} ${variable}, default ${shownDefault}${more}`,
  ].join('\n')
}
