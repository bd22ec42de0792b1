import { faults } from './fault.ts'

const faultLines = Object.entries(faults).map(
  ([name, { argument, help }]) => `  ${(name + argument).padEnd(24)}${help}`,
)

export const helpText: string = `A Microsoft Graph for one machine: the operations of Teams, their limits and their faults.

Usage: teams-operations-simulator [options]

Options
  --port PORT             port to listen on, 0 for any that is free (default 4100)
  --host HOST             address to listen on (default 127.0.0.1)
  --speed FACTOR          how many times as fast as real time passes (default 1)
  --seed SEED             what everything random is drawn from (default 1)
  --fault FAULT           a fault, as below; may be repeated
  --no-throttling         answer also what is over the limits of Graph
  --busy                  keep a few operations running
  -h, --help
  -v, --version

Faults: NAME[:ARGUMENT][@PROBABILITY], such as throttle:2.128@0.1. They hold for every request, and for
every item of a batch.
${faultLines.join('\n')}
`
