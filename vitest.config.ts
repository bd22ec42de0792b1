import { defineConfig } from 'vitest/config'

const sources = ['packages/*/test', 'examples/*', 'benchmarks', 'scripts/test']
const files = (suffix: string): string[] => sources.map((folder) => `${folder}/**/*${suffix}`)
const setupFiles = ['scripts/fail-on-console.ts']

/** A suffix says what a test needs: nothing, real sockets, or a real browser. */
export default defineConfig({
  // As Node resolves them, without Vite's `development`: otherwise the tests get one build of graphql, and
  // the packages that they load another.
  ssr: { resolve: { conditions: ['module-sync', 'node', 'import'] } },
  test: {
    // Another rejection that nobody handled, or an error after the last test, fails the run as well: the default.
    projects: [
      {
        test: {
          name: 'unit',
          include: files('.test.ts'),
          exclude: ['**/node_modules/**', ...files('.integration.test.ts'), ...files('.browser.test.ts')],
          setupFiles,
        },
      },
      {
        test: {
          name: 'integration',
          include: files('.integration.test.ts'),
          setupFiles,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: files('.browser.test.ts'),
          setupFiles,
          // One browser at a time is load enough.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
