import { checkDocs } from './docs.ts'
import { checkPackages } from './packages.ts'
import { runCommand } from './run-command.ts'
import type { Step } from './step.ts'
import { runVitest } from './vitest.ts'

function command(name: string, ...args: readonly string[]): Step['run'] {
  return (signal) => runCommand(name, args, { signal })
}

function tests(project: string): Step['run'] {
  return (signal) => runVitest(project, signal)
}

const independent: readonly Step[] = [
  { name: 'types', about: 'everything compiles', run: command('tsc', '--build') },
  { name: 'lint', about: 'the rules of oxlint.config.ts, layers included', run: command('oxlint') },
  {
    name: 'format',
    about: 'files are as Prettier writes them',
    run: command('prettier', '--check', '--cache', '--log-level=warn', '.'),
  },
  {
    name: 'unused',
    about: 'no file, export or dependency that nobody uses',
    run: command('knip', '--treat-config-hints-as-errors', '--cache'),
  },
  { name: 'docs', about: 'links lead somewhere, code that is shown compiles', run: checkDocs },
  {
    name: 'packages',
    about: 'the packed tarballs install, compile and run elsewhere',
    // Both write what the compiler builds.
    after: ['types'],
    run: checkPackages,
  },
  { name: 'unit', about: 'tests that need nothing but time, which is virtual', run: tests('unit') },
]

// Their time is real: they have the machine to themselves.
const after = independent.map(({ name }) => name)

/** Everything that has to hold, the quickest answers first. */
export const steps: readonly Step[] = [
  ...independent,
  { name: 'integration', about: 'tests on real sockets', after, run: tests('integration') },
  { name: 'browser', about: 'tests in a real browser', after, run: tests('browser') },
]
